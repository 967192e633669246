//! `tare verify`: recomputes everything from the journal.

use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};
use store::verify;

use crate::cli::DatabaseArgs;
use crate::failure::Failure;
use crate::opened::open_reader;

pub async fn run(args: DatabaseArgs) -> Result<ExitCode, Failure> {
    let reader = open_reader(&args).await?;
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len} wallets, {elapsed}, {eta} to go");
    let bar = ProgressBar::new(0).with_style(style.expect("a fixed template"));
    let report = verify(&reader, &mut |progress| {
        bar.set_length(progress.wallets);
        bar.set_position(progress.wallets_done);
    })
    .await?;
    bar.finish_and_clear();
    println!("wallets {}, transfers {}, charges {}", report.wallets, report.transfers, report.charges);
    if report.differences.is_empty() {
        println!("every balance, seal, charge and rollup agrees with the journal");
        return Ok(ExitCode::SUCCESS);
    }
    for difference in &report.differences {
        println!("DIFFERENCE {difference}");
    }
    println!(
        "differences: {}. Nothing was changed. Restore a backup, or find out who wrote to the database",
        report.differences.len()
    );
    Ok(ExitCode::FAILURE)
}
