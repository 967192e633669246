//! `tare pass`: the subscriptions of people.

use clap::Subcommand;

use super::RulesArgs;
use super::wallet::WalletArgs;

/// `tare pass`.
#[derive(Subcommand)]
pub enum Pass {
    /// How the pass of a person stands: tier, period, next dates, streak, bonuses, and what it granted.
    #[command(after_help = "Examples:
  tare pass show ana@example.com
  tare pass show ana@example.com --json")]
    Show {
        /// Whose.
        #[command(flatten)]
        of: WalletArgs,
        /// What the next month brings depends on them.
        #[command(flatten)]
        rules: RulesArgs,
    },
}
