//! What the command lines of several programs ask for alike.

use std::time::Duration;

use clap::Args;

/// How much is measured, on what, and whether it is kept.
#[derive(Args)]
pub struct Common {
    /// One second for each cell and one round: a look, nothing to quote.
    #[arg(long)]
    pub quick: bool,

    /// How long each cell is measured.
    #[arg(long, default_value_t = 4)]
    seconds: u64,

    /// How often all cells are measured. Ratios are taken within a round, and the median round is shown.
    #[arg(long, default_value_t = 5)]
    rounds: u64,

    /// Write the report to benches/RESULTS.md.
    #[arg(long)]
    pub record: bool,

    /// A PostgreSQL server on which databases may be made and dropped. `make bench` brings one.
    #[arg(long, env = "TARE_TEST_POSTGRES", hide_env_values = true)]
    pub postgres: Option<String>,

    /// What cargo says to each benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Common {
    /// How long a cell is measured.
    pub fn measured(&self) -> Duration {
        Duration::from_secs(if self.quick { 1 } else { self.seconds })
    }

    /// How many rounds.
    pub fn rounds(&self) -> u64 {
        if self.quick { 1 } else { self.rounds.max(1) }
    }
}
