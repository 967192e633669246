//! `tare export`: the books and the usage as files.

use std::path::PathBuf;

use clap::Subcommand;
use units::Day;

use super::DatabaseArgs;

/// `tare export`.
#[derive(Subcommand)]
pub enum Export {
    /// The whole book as plain-text accounting, exact to the nanodollar.
    #[command(after_help = "Examples:
  tare export journal --format hledger --out tare.journal && hledger -f tare.journal balancesheet
  tare export journal --format beancount --from 2026-01-01 --to 2027-01-01 --out 2026.beancount

Credits are owed to customers until they are used; a charge turns them into revenue and provider cost. Each
account ends with its balance as Tare's own sums have it, so `hledger check` and `bean-check` prove both.")]
    Journal {
        /// For which program.
        #[arg(long, value_enum)]
        format: BookFormat,
        /// From this day on, in UTC; what was before becomes opening balances.
        #[arg(long, value_name = "DAY")]
        from: Option<Day>,
        /// Before this day.
        #[arg(long, value_name = "DAY")]
        to: Option<Day>,
        /// The file to write; the terminal when absent.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Where the books are.
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Usage by day, model, provider, project, person and key as CSV.
    #[command(after_help = "Examples:
  tare export usage --out usage.csv
  tare export usage --wallet ana@example.com --from 2026-10-01 --to 2026-11-01

A cell that would begin like a formula stands behind an apostrophe.")]
    Usage {
        /// Of one wallet: a name or the id of a wallet.
        #[arg(long, value_name = "NAME|WALLET")]
        wallet: Option<String>,
        /// From this day on, in UTC.
        #[arg(long, value_name = "DAY")]
        from: Option<Day>,
        /// Before this day.
        #[arg(long, value_name = "DAY")]
        to: Option<Day>,
        /// The file to write; the terminal when absent.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Where the books are.
        #[command(flatten)]
        database: DatabaseArgs,
    },
}

/// A program for plain-text accounting.
#[derive(Clone, Copy, clap::ValueEnum)]
pub enum BookFormat {
    /// hledger.
    Hledger,
    /// Beancount.
    Beancount,
}
