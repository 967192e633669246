//! The report of a run, on the terminal and in `benches/RESULTS.md`.

use std::time::Duration;

use benches::{Failure, Machine, NONE, Table, Target, command, median, millis, record, revision, short, whole};
use jiff::Timestamp;

use crate::crowd::{CONNECTIONS, Crowd};
use crate::options::Options;
use crate::paced::{A_SECOND, Paced};
use crate::shape::Shape;

/// What one database's gateway showed.
pub struct Found {
    pub database: &'static str,
    /// Bytes of a server that has answered one request.
    pub idle: Option<u64>,
    pub paced: [Paced; 2],
    /// Direct and through Tare, once a round.
    pub crowds: Vec<(Shape, Crowd, Crowd)>,
    /// Bytes for each open stream.
    pub stream: Option<f64>,
    /// Milliseconds from the start to the first answer.
    pub started: Option<f64>,
}

/// All that a run has to say.
pub struct Report {
    began: Timestamp,
    pub found: Vec<Found>,
}

impl Report {
    pub fn begin() -> Self {
        Self { began: Timestamp::now(), found: Vec::new() }
    }

    /// Prints the report, and records it when that is wanted.
    pub fn finish(&self, options: &Options) -> Result<(), Failure> {
        let report = format!(
            "## Gateway\n\n- machine: {}\n- date: {}\n- command: `{}`\n- revision: {}\n\n\
             At {A_SECOND} requests a second, 1 KB each:\n\n{}\n{CONNECTIONS} connections, each asking one thing after the \
             other:\n\n{}\n{}\n{EXPLAINED}",
            Machine::here(),
            self.began.strftime("%Y-%m-%d %H:%M UTC"),
            command("gateway"),
            revision().unwrap_or_else(|| "unknown".to_owned()),
            self.paced(),
            self.crowds(),
            self.targets(),
        );
        println!("{report}");
        if options.common.record {
            record("gateway", &report)?;
            eprintln!("recorded in benches/RESULTS.md");
        }
        Ok(())
    }

    fn paced(&self) -> Table {
        let mut table = Table::new(2, &["database", "way", "requests", "p50 ms", "p99 ms"]);
        for (found, paced) in self.found.iter().flat_map(|found| found.paced.iter().map(move |paced| (found, paced))) {
            let percentile = |percent| millis(paced.latency.percentile(percent));
            let count = whole(paced.latency.count() as f64);
            table.push(vec![found.database.into(), paced.way.into(), count, percentile(50.0), percentile(99.0)]);
        }
        table
    }

    fn crowds(&self) -> Table {
        let headings =
            ["database", "load", "direct/s", "Tare/s", "share", "p50 ms", "p99 ms", "CPU us a request of Tare"];
        let mut table = Table::new(2, &headings);
        let figure = |figure: Option<f64>, text: fn(f64) -> String| figure.map_or_else(|| NONE.to_owned(), text);
        for (found, shape) in self.found.iter().flat_map(|found| Shape::ALL.map(|shape| (found, shape))) {
            let mut all = benches::Latency::default();
            found.of(shape).for_each(|(_, tare)| all.merge(&tare.latency));
            table.push(vec![
                found.database.into(),
                shape.name().into(),
                figure(median(found.of(shape).map(|(direct, _)| direct.per_second)), whole),
                figure(median(found.of(shape).map(|(_, tare)| tare.per_second)), whole),
                figure(found.share(shape), short),
                millis(all.percentile(50.0)),
                millis(all.percentile(99.0)),
                figure(found.micros(shape), whole),
            ]);
        }
        table
    }

    fn targets(&self) -> Table {
        let mut table = Table::new(1, &Target::HEADINGS);
        self.found.iter().flat_map(Found::targets).for_each(|target| table.push(target.row()));
        table
    }
}

impl Found {
    fn of(&self, shape: Shape) -> impl Iterator<Item = (&Crowd, &Crowd)> {
        self.crowds.iter().filter(move |(its, ..)| *its == shape).map(|(_, direct, tare)| (direct, tare))
    }

    /// Of what goes through directly in the same round.
    fn share(&self, shape: Shape) -> Option<f64> {
        median(self.of(shape).map(|(direct, tare)| tare.per_second / direct.per_second))
    }

    fn micros(&self, shape: Shape) -> Option<f64> {
        median(self.of(shape).filter_map(|(_, tare)| tare.micros))
    }

    fn targets(&self) -> Vec<Target> {
        let added = |percent| {
            let [direct, tare] = self.paced.each_ref().map(|paced| paced.latency.percentile(percent));
            Some((tare?.saturating_sub(direct?) as Duration).as_secs_f64() * 1e3)
        };
        let name = |what: &str| format!("{}: {what}", self.database);
        let mut targets = vec![
            Target::at_most(name("added to a direct call, p50 ms"), 0.8, 0.35, added(50.0)),
            Target::at_most(name("added to a direct call, p99 ms"), 4.0, 1.5, added(99.0)),
        ];
        let shares = [(Shape::Small, 0.4, 0.8), (Shape::Large, 0.4, 0.85), (Shape::Stream, 0.7, 0.85)];
        targets.extend(shares.map(|(shape, must, later)| {
            Target::at_least(name(&format!("share of direct, {}", shape.name())), must, later, self.share(shape))
        }));
        let micros = [(Shape::Small, 240.0, 60.0), (Shape::Large, 800.0, 140.0), (Shape::Stream, 900.0, 600.0)];
        targets.extend(micros.map(|(shape, must, later)| {
            Target::at_most(name(&format!("CPU us a request, {}", shape.name())), must, later, self.micros(shape))
        }));
        let kib = |bytes: f64| bytes / 1024.0;
        let idle = self.idle.map(|bytes| kib(bytes as f64) / 1024.0);
        targets.extend([
            Target::at_most(name("memory of an open stream, KiB"), 128.0, 64.0, self.stream.map(kib)),
            Target::at_most(name("memory when idle, MiB"), 50.0, 15.0, idle),
            Target::at_most(name("start to first answer, ms"), 300.0, 150.0, self.started),
        ]);
        targets
    }
}

const EXPLAINED: &str = "\
Through Tare each request is authenticated, held, relayed, settled and kept in the journal, durable before its end is\n\
told. 1 KB is a request of 1 KB with an answer of 1 KB; 50 KB is a prompt of 50 KB with an answer of 1 KB; 50 chunks is a\n\
stream of as many, each sent on its own. Client, Tare, provider and database share the machine, and the share of what goes\n\
through directly depends on how little client and provider take. In the end the books are verified, and have one charge\n\
for each answer.\n";
