//! `tare verify`: recomputes everything from the journal.

use std::process::ExitCode;
use std::time::Instant;

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressStyle};
use store::verify;

use crate::cli::DatabaseArgs;
use crate::failure::Failure;
use crate::opened::open_reader;

const BAR: &str = "{bar:30} {percent}%  {human_pos} of {human_len} entries and charges, {per_sec}, {eta} to go";

pub async fn run(args: DatabaseArgs) -> Result<ExitCode, Failure> {
    let reader = open_reader(&args).await?;
    let began = Instant::now();
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template(BAR).expect("a fixed template"));
    let report = verify(&reader, &mut |progress| {
        bar.set_length(progress.rows_expected.max(progress.rows));
        bar.set_position(progress.rows);
    })
    .await?;
    bar.finish_and_clear();
    let (wallets, transfers, charges) = (report.wallets, report.transfers, report.charges);
    println!(
        "wallets {wallets}, transfers {transfers}, charges {charges}, daily roots {}, invoices {}",
        report.roots, report.invoices
    );
    let (took, rows) = (began.elapsed(), transfers + charges);
    let rate = u128::from(rows) * 1000 / took.as_millis().max(1);
    eprintln!("{} rows in {}, {} a second", HumanCount(rows), HumanDuration(took), HumanCount(rate as u64));
    if report.is_clean() {
        println!("every balance, seal, charge and rollup agrees with the journal");
        return Ok(ExitCode::SUCCESS);
    }
    for difference in &report.differences {
        println!("DIFFERENCE {difference}");
    }
    let more: u64 = report.differences.iter().map(|difference| difference.more).sum();
    println!(
        "differences: {}, and {more} that follow them. Nothing was changed. Restore a backup, or find out who wrote \
         to the database",
        report.differences.len()
    );
    Ok(ExitCode::FAILURE)
}
