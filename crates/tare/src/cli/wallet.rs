//! `tare wallet`: questions about what is in a wallet, and why.

use clap::{Args, Subcommand};
use units::{GrantId, HoldId, Instant};

use super::DatabaseArgs;

/// `tare wallet`.
#[derive(Subcommand)]
pub enum Wallet {
    /// What is in a wallet, now or at a moment that has passed.
    #[command(after_help = "Examples:
  tare wallet show ana@example.com
  tare wallet show ana@example.com --at 2026-10-31T23:59:59Z
  tare wallet show wal_01a204236afe73edba65de5ca814b58f --json")]
    Show {
        /// Which wallet.
        #[command(flatten)]
        of: WalletArgs,
        /// At which moment; now when absent.
        #[arg(long, value_name = "INSTANT")]
        at: Option<Instant>,
    },
    /// The grants: what is left of each, what is held, and when it expires.
    #[command(after_help = "Examples:
  tare wallet grants ana@example.com
  tare wallet grants ana@example.com --all")]
    Grants {
        /// Which wallet.
        #[command(flatten)]
        of: WalletArgs,
        /// Those that are used up or expired too, in the order in which they came.
        #[arg(long)]
        all: bool,
        /// Go on behind this grant (with --all).
        #[arg(long, requires = "all", value_name = "GRANT")]
        after: Option<GrantId>,
        /// How many at most (with --all).
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// Why a balance is what it is: the grants that make it up, what happened to each, and the last entries.
    #[command(after_help = "Examples:
  tare wallet why ana@example.com
  tare wallet why ana@example.com --at 2026-10-31T23:59:59Z --limit 50")]
    Why {
        /// Which wallet.
        #[command(flatten)]
        of: WalletArgs,
        /// The balance of which moment; now when absent.
        #[arg(long, value_name = "INSTANT")]
        at: Option<Instant>,
        /// How many entries at most.
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// The journal as a statement: the latest entry first, with what was left after each.
    #[command(after_help = "Examples:
  tare wallet entries ana@example.com
  tare wallet entries ana@example.com --at 2026-10-31T23:59:59Z
  tare wallet entries ana@example.com --before 1200 --limit 100")]
    Entries {
        /// Which wallet.
        #[command(flatten)]
        of: WalletArgs,
        /// Up to which moment; now when absent.
        #[arg(long, value_name = "INSTANT")]
        at: Option<Instant>,
        /// Only what is before this seq.
        #[arg(long, value_name = "SEQ")]
        before: Option<u64>,
        /// How many at most.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// A charge and the grants that paid it.
    #[command(after_help = "Example:
  tare wallet charge ana@example.com hld_01a204236afe73edba65de5ca814b58f")]
    Charge {
        /// Which wallet.
        #[command(flatten)]
        of: WalletArgs,
        /// The charge, by the id of its hold.
        charge: HoldId,
    },
    /// Where a grant went: charges, expiry and all else, in sums and entry by entry.
    #[command(after_help = "Examples:
  tare wallet grant-trail ana@example.com grt_01a204236afe73edba65de5ca814b58f
  tare wallet grant-trail ana@example.com grt_01a204236afe73edba65de5ca814b58f --after 1200 --limit 100")]
    GrantTrail {
        /// Which wallet.
        #[command(flatten)]
        of: WalletArgs,
        /// Which grant.
        grant: GrantId,
        /// Go on behind this seq.
        #[arg(long, default_value_t = 0, value_name = "SEQ")]
        after: u64,
        /// How many at most.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
}

/// Which wallet a question is about, and how to answer.
#[derive(Args, Clone)]
pub struct WalletArgs {
    /// A mail address or name, or the id of a wallet.
    #[arg(value_name = "NAME|WALLET")]
    pub wallet: String,
    /// Answer with one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Where the books are.
    #[command(flatten)]
    pub database: DatabaseArgs,
}
