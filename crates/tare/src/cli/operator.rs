//! `tare operator`: who may run this server from a browser.

use clap::Subcommand;

use super::DatabaseArgs;

/// `tare operator`.
#[derive(Subcommand)]
pub enum Operator {
    /// Let a person run this server.
    #[command(after_help = "Example:
  tare operator add ana@example.com")]
    Add {
        /// Who: mail address or name.
        name: String,
        /// Where the books are.
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Let them no longer.
    #[command(after_help = "Example:
  tare operator remove ana@example.com")]
    Remove {
        /// Who: mail address or name.
        name: String,
        /// Where the books are.
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// List operators.
    #[command(after_help = "Example:
  tare operator list")]
    List {
        /// Where the books are.
        #[command(flatten)]
        database: DatabaseArgs,
    },
}
