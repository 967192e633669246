//! What the command line asks for.

use std::path::PathBuf;
use std::time::Duration;

use benches::Common;
use clap::{Parser, ValueEnum};

/// Hold-and-settle pairs a second of Tare's books, beside the naive way in the same run: one transaction and one row
/// update for each hold and for each settlement. All of it durable, all of it with full records.
#[derive(Parser)]
#[command(
    name = "ledger",
    after_help = "Examples:\n  make bench                                               everything, on both databases\n  \
                  cargo bench -p benches --bench ledger -- --quick         a look, in half a minute\n  \
                  cargo bench -p benches --bench ledger -- --database sqlite --only tare --seconds 20"
)]
pub struct Options {
    #[command(flatten)]
    pub common: Common,

    /// Only this database.
    #[arg(long)]
    database: Option<Kind>,

    /// How many callers at once.
    #[arg(long, value_delimiter = ',', default_values_t = [64, 512])]
    pub in_flight: Vec<usize>,

    /// How many wallets the spread load uses.
    #[arg(long, default_value_t = 10_000)]
    pub wallets: usize,

    /// Only one of the ways, to look at it closely. Ratios need both.
    #[arg(long)]
    pub only: Option<Way>,

    /// Only one of the shapes of load.
    #[arg(long)]
    pub shape: Option<ShapeName>,

    /// Grow one wallet to this many charges, and compare reading it with reading one of ten thousand.
    #[arg(long, value_name = "CHARGES")]
    history: Option<u64>,

    /// The long size: the history of ten million charges, which also shows whether memory stays flat.
    #[arg(long)]
    long: bool,

    /// Where the SQLite files are made. Durable figures need a disk.
    #[arg(long, default_value = env!("CARGO_TARGET_TMPDIR"), hide_default_value = true)]
    pub folder: PathBuf,

    /// How this program calls itself to measure the memory of wallets in a process of its own.
    #[arg(long, hide = true)]
    pub measure_wallets: bool,
}

/// A kind of database.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum)]
pub enum Kind {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// A way to keep books.
#[derive(Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub enum Way {
    /// A transaction for each.
    Naive,
    /// Ours.
    Tare,
}

/// A shape of load.
#[derive(Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub enum ShapeName {
    /// One wallet.
    Hot,
    /// Many wallets.
    Spread,
}

impl Options {
    /// How long a cell runs before it is measured.
    pub fn warm(&self) -> Duration {
        self.common.measured() / 4
    }

    /// How many charges a history shall have, when one is asked for.
    pub fn history(&self) -> Option<u64> {
        self.history.or(self.long.then_some(10_000_000))
    }

    /// Whether this database is measured.
    pub fn wants(&self, kind: Kind) -> bool {
        self.database.is_none_or(|only| only == kind) && (kind == Kind::Sqlite || self.common.postgres.is_some())
    }
}
