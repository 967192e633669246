//! `make bench`: what a hold and its settlement cost, beside the naive way in the same run.
//!
//! The load is a closed loop of callers, each placing a hold and settling it with a full usage record, one pair after
//! the other. Callers, books and database share the machine, as they would on a small server; processor time of the
//! callers counts as that of the books.

mod books;
mod cells;
mod commits;
mod history;
mod load;
mod naive_postgres;
mod naive_sqlite;
mod options;
mod report;
mod request;
mod rounds;
mod tare;
mod targets;
mod wallets;
mod writing;

use std::time::Duration;

use benches::{Disk, Failure, Machine, Scratch, Target};
use clap::Parser;
use mimalloc::MiMalloc;

use crate::options::{Kind, Options, Way};
use crate::writing::Run;

/// The one that `tare` ships with.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> Result<(), Failure> {
    let options = Options::parse();
    let runtime = tokio::runtime::Runtime::new()?;
    match options.measure_wallets {
        true => runtime.block_on(wallets::measure_here(&options.folder)),
        false => runtime.block_on(run(&options)),
    }
}

async fn run(options: &Options) -> Result<(), Failure> {
    let began = jiff::Timestamp::now();
    let machine = Machine::here();
    if options.common.postgres.is_none() {
        eprintln!("PostgreSQL is left out, and with it the ratios to it: name a server, or run `make bench`");
    }
    let mut scratch = Scratch::open(options.folder.clone(), options.common.postgres.clone()).await?;
    let a_second = Duration::from_secs(1);
    let disk = Disk::measure(scratch.folder.path(), a_second)?;
    let mut run =
        Run { began, machine, disk, server: None, table: None, targets: Vec::new(), notes: Vec::new(), history: None };
    if let Some(postgres) = scratch.postgres.as_mut() {
        let rate = postgres.commit_rate(a_second).await?;
        run.server = Some(format!("{}: {rate:.0} commits/s of one connection", postgres.described));
    }
    let tare_is_wanted = options.only != Some(Way::Naive);
    let bytes = match !options.common.quick && tare_is_wanted && options.wants(Kind::Sqlite) {
        true => {
            eprintln!("measuring the memory of live wallets");
            wallets::measure(&scratch).await?
        }
        false => None,
    };
    cells(options, &mut scratch, &mut run).await?;
    run.targets.push(Target { must: None, ..Target::at_most("memory of a live wallet, bytes", 400.0, 400.0, bytes) });
    histories(options, &mut scratch, &mut run).await?;
    scratch.close().await?;
    run.finish(options)
}

async fn cells(options: &Options, scratch: &mut Scratch, run: &mut Run) -> Result<(), Failure> {
    let mut sides = cells::open(options, scratch, |what| eprintln!("{what}")).await?;
    if let Some(postgres) = scratch.postgres.as_ref() {
        postgres.run_in().await?;
    }
    rounds::measure(options, &mut sides).await?;
    rounds::check(&sides).await?;
    run.table = Some(report::table(&sides));
    run.targets = targets::of_cells(&sides);
    run.notes.extend(writing::writer_line(&sides));
    run.notes.extend(writing::memory_line(&sides));
    for side in sides {
        if let Some(books) = std::sync::Arc::into_inner(side.books) {
            books.close().await;
        }
    }
    Ok(())
}

async fn histories(options: &Options, scratch: &mut Scratch, run: &mut Run) -> Result<(), Failure> {
    let mut histories = Vec::new();
    if let Some(charges) = options.history() {
        for kind in [Kind::Sqlite, Kind::Postgres].into_iter().filter(|kind| options.wants(*kind)) {
            histories.push(history::measure(kind, charges, scratch).await?);
        }
        run.notes.extend(histories.iter().map(history::memory_line));
        run.history = Some(history::table(&histories));
    }
    run.targets.extend(history::targets(&histories));
    Ok(())
}
