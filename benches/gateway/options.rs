//! What the command line asks for.

use std::path::PathBuf;

use benches::{Common, Failure};
use clap::Parser;

/// What the gateway adds to a call, beside the same calls straight to the provider.
#[derive(Parser)]
#[command(
    name = "gateway",
    after_help = "Examples:\n  make bench                                               everything, on both databases\n  \
                  cargo bench -p benches --bench gateway -- --quick        a look, SQLite only unless a server is named"
)]
pub struct Options {
    #[command(flatten)]
    pub common: Common,

    /// The program; without it the one in the folder of release builds.
    #[arg(long)]
    tare: Option<PathBuf>,

    /// Where the SQLite file is made. Durable figures need a disk.
    #[arg(long, default_value = env!("CARGO_TARGET_TMPDIR"), hide_default_value = true)]
    pub folder: PathBuf,

    /// How this program calls itself to be the provider, in a process of its own.
    #[arg(long, hide = true)]
    pub provide: bool,
}

impl Options {
    /// The program.
    pub fn binary(&self) -> Result<PathBuf, Failure> {
        let beside = || Some(std::env::current_exe().ok()?.parent()?.parent()?.join("tare"));
        let binary = self.tare.clone().or_else(beside).filter(|path| path.is_file());
        Ok(binary.ok_or("there is no program to measure: `cargo build --release -p tare` makes it")?)
    }
}
