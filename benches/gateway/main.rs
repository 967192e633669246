//! What the gateway adds to a call: time, throughput, processor, memory, and how soon a server answers after its start.
//!
//! The program `tare` runs as a process of its own, as people run it: its API key, hold, settlement, usage record and
//! journal for every request, durable. The provider behind it is another process, which answers at once. The baseline
//! of the same run is the same load straight to that provider.

mod client;
mod crowd;
mod options;
mod paced;
mod place;
mod provider;
mod report;
mod shape;
mod start;
mod streams;

use benches::{Failure, Scratch};
use clap::Parser;

use crate::client::Way;
use crate::options::Options;
use crate::place::{Database, Place, Server};
use crate::provider::Provider;
use crate::report::{Found, Report};

fn main() -> Result<(), Failure> {
    let options = Options::parse();
    let runtime = tokio::runtime::Runtime::new()?;
    match options.provide {
        true => runtime.block_on(provider::serve()),
        false => runtime.block_on(run(&options)),
    }
}

async fn run(options: &Options) -> Result<(), Failure> {
    let mut report = Report::begin();
    if options.common.postgres.is_none() {
        eprintln!("PostgreSQL is left out: name a server, or run `make bench`");
    }
    let mut scratch = Scratch::open(options.folder.clone(), options.common.postgres.clone()).await?;
    let mut databases = vec![Database::Sqlite(scratch.sqlite("gateway"))];
    if let Some(postgres) = scratch.postgres.as_mut() {
        databases.push(Database::Postgres(postgres.database("gateway").await?));
    }
    let provider = Provider::start().await?;
    for database in databases {
        eprintln!("measuring the gateway on {}", database.name());
        let place = Place::make(options.binary()?, database, scratch.folder.path(), &provider).await?;
        report.found.push(measure(options, &place, &provider).await?);
    }
    report.finish(options)?;
    drop(provider);
    scratch.close().await
}

async fn measure(options: &Options, place: &Place, provider: &Provider) -> Result<Found, Failure> {
    let server = Server::start(place).await?;
    let ways = [Way::direct(provider.address), Way::through_tare(server.address, &place.key)];
    ways[1].open().await?.ask(&shape::Shape::Small.request(&ways[1])).await?;
    let mut answered = 1;
    let idle = server.process().memory();
    eprintln!("  {} requests a second", paced::A_SECOND);
    let paced = paced::measure(&ways, options.common.measured()).await?;
    answered += paced[1].latency.count();
    let mut crowds = Vec::new();
    for round in 0..options.common.rounds() {
        for shape in shape::Shape::ALL {
            eprintln!("  round {}, {} connections, {}", round + 1, crowd::CONNECTIONS, shape.name());
            let direct = crowd::measure(&ways[0], shape, options.common.measured(), None).await?;
            let tare = crowd::measure(&ways[1], shape, options.common.measured(), Some(server.process())).await?;
            answered += tare.answered;
            crowds.push((shape, direct, tare));
        }
    }
    eprintln!("  {} streams that stay open", streams::OPEN);
    let stream = streams::measure(&ways[1], server.process()).await?;
    answered += streams::OPEN as u64;
    server.stop().await?;
    eprintln!("  starting it {} times", start::TIMES);
    let started = start::measure(place).await?;
    answered += start::TIMES as u64;
    place.check(answered).await?;
    Ok(Found { database: place.database.name(), idle, paced, crowds, stream, started })
}
