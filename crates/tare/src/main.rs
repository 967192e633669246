//! `tare`: credits and billing for AI products, in one binary.
//!
//! Here are settings, the clock, randomness and wiring; behaviour lives in the other rooms.

mod background;
mod cli;
mod clock;
mod commands;
mod failure;
mod master_keys;
mod opened;
mod printer;
mod processor;
mod receipt_key;
mod rules;
mod settings;
mod table;
mod terminal;
mod watch;

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

/// The books allocate often and little, on one thread for another; SQLite does too.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    terminal::end_when_nobody_reads();
    let cli = cli::Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("tare: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(commands::run(cli.command)) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("tare: {failure}");
            ExitCode::FAILURE
        }
    }
}
