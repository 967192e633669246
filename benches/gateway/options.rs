//! What the command line asks for.

use std::path::PathBuf;
use std::time::Duration;

use benches::Failure;
use clap::Parser;

/// What the gateway adds to a call, beside the same calls straight to the provider.
#[derive(Parser)]
#[command(
    name = "gateway",
    after_help = "Examples:\n  make bench                                               everything, on both databases\n  \
                  cargo bench -p benches --bench gateway -- --quick        a look, SQLite only unless a server is named"
)]
pub struct Options {
    /// One second for each cell and one round: a look, nothing to quote.
    #[arg(long)]
    pub quick: bool,

    /// How long each cell is measured.
    #[arg(long, default_value_t = 5)]
    seconds: u64,

    /// How often the cells of 64 connections are measured, direct and through Tare in turns. The median is shown.
    #[arg(long, default_value_t = 3)]
    rounds: u64,

    /// The program; without it the one in the folder of release builds.
    #[arg(long)]
    tare: Option<PathBuf>,

    /// Write the report to benches/RESULTS.md.
    #[arg(long)]
    pub record: bool,

    /// A PostgreSQL server on which databases may be made and dropped. `make bench` brings one.
    #[arg(long, env = "TARE_TEST_POSTGRES", hide_env_values = true)]
    pub postgres: Option<String>,

    /// Where the SQLite file is made. Durable figures need a disk.
    #[arg(long, default_value = env!("CARGO_TARGET_TMPDIR"), hide_default_value = true)]
    pub folder: PathBuf,

    /// What cargo says to each benchmark.
    #[arg(long, hide = true)]
    bench: bool,

    /// How this program calls itself to be the provider, in a process of its own.
    #[arg(long, hide = true)]
    pub provide: bool,
}

impl Options {
    /// How long a cell is measured.
    pub fn measured(&self) -> Duration {
        Duration::from_secs(if self.quick { 1 } else { self.seconds })
    }

    /// How many rounds.
    pub fn rounds(&self) -> u64 {
        if self.quick { 1 } else { self.rounds.max(1) }
    }

    /// The program.
    pub fn binary(&self) -> Result<PathBuf, Failure> {
        let beside = || Some(std::env::current_exe().ok()?.parent()?.parent()?.join("tare"));
        let binary = self.tare.clone().or_else(beside).filter(|path| path.is_file());
        Ok(binary.ok_or("there is no program to measure: `cargo build --release -p tare` makes it")?)
    }
}
