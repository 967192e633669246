//! `sim`: random worlds against the books.
//!
//! ```text
//! cargo run -p sim -- [--seeds 2000] [--commands 5000] [--seed N] [--threads 2]
//! ```

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::thread;

use sim::{Plan, soak};

const USAGE: &str = "usage: sim [--seeds N] [--commands N] [--seed FIRST] [--threads N]";

fn main() -> ExitCode {
    let plan = match plan(std::env::args().skip(1)) {
        Ok(plan) => plan,
        Err(error) => {
            eprintln!("{error}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let is_watched = std::io::stderr().is_terminal();
    let every = if is_watched { 10 } else { plan.seeds.div_ceil(10) };
    let report = soak(plan, |seeds| {
        if seeds % every == 0 {
            let end = if is_watched { '\r' } else { '\n' };
            // Progress that cannot be shown must not stop the run.
            let _ = write!(std::io::stderr(), "{seeds} of {} seeds{end}", plan.seeds);
        }
    });
    println!("{}", report.tally);
    if let Some(story) = report.story() {
        println!("{story}");
    }
    println!("{}", report.line());
    if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One seed alone when it is named without a count.
fn plan(mut words: impl Iterator<Item = String>) -> Result<Plan, String> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut plan = Plan { first_seed: 0, seeds: 2_000, commands: 5_000, threads };
    let (mut has_seed, mut has_seeds) = (false, false);
    while let Some(option) = words.next() {
        let value: u64 = match words.next().map(|word| word.parse()) {
            Some(Ok(value)) => value,
            _ => return Err(format!("{option} needs a number")),
        };
        match option.as_str() {
            "--seeds" => (plan.seeds, has_seeds) = (value, true),
            "--seed" => (plan.first_seed, has_seed) = (value, true),
            "--commands" => plan.commands = value as usize,
            "--threads" => plan.threads = value as usize,
            other => return Err(format!("{other} is not an option")),
        }
    }
    if has_seed && !has_seeds {
        plan.seeds = 1;
    }
    Ok(plan)
}
