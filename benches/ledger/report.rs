//! What was measured, as a table: each cell beside the naive way of the same round.

use std::time::Duration;

use benches::{Latency, NONE, Table, median, millis, short, whole};

use crate::cells::{A_CONNECTION_EACH, Cell, Side};
use crate::load::Sample;
use crate::options::{Kind, Way};
use crate::request::Shape;
use crate::rounds::words;

/// All cells.
pub fn table(sides: &[Side]) -> Table {
    let mut table = Table::new(
        3,
        &[
            "database",
            "way",
            "load",
            "in flight",
            "pairs/s",
            "lowest to highest",
            "ops/s",
            "p50 ms",
            "p99 ms",
            "CPU us/op",
            "of it server",
            "ops/commit",
            "x naive",
            "x naive PostgreSQL",
        ],
    );
    for side in sides {
        for cell in &side.cells {
            table.push(row(sides, side, cell));
        }
    }
    table
}

fn row(sides: &[Side], side: &Side, cell: &Cell) -> Vec<String> {
    let figure = |figure: Option<f64>, text: fn(f64) -> String| figure.map_or_else(|| NONE.to_owned(), text);
    let pairs = || cell.samples.iter().map(Sample::pairs_per_second);
    let latency = cell.latency();
    let (lowest, highest) = pairs().fold((f64::MAX, 0.0), |(low, high), one| (one.min(low), one.max(high)));
    vec![
        side.kind.name().to_owned(),
        side.name(),
        words(cell.shape),
        cell.in_flight.to_string(),
        figure(median(pairs()), whole),
        format!("{} to {}", whole(lowest), whole(highest)),
        figure(median(pairs().map(|pairs| pairs * 2.0)), whole),
        millis(latency.percentile(50.0)),
        millis(latency.percentile(99.0)),
        figure(cell.cpu_micros(), short),
        figure(cell.micros(|sample| sample.server), short),
        figure(cell.ops_per_commit(), short),
        figure(ratio(sides, cell, side.kind), short),
        figure(ratio(sides, cell, Kind::Postgres), short),
    ]
}

/// How many times the pairs a second of the naive way at its best on a database, under the same shape of load; the median
/// round.
pub fn ratio(sides: &[Side], cell: &Cell, kind: Kind) -> Option<f64> {
    times(cell, |round| best_naive(sides, kind, cell.shape, round))
}

/// The same against what the design's first row describes: on PostgreSQL, 64 callers with a transaction each.
pub fn ratio_to_first_row(sides: &[Side], cell: &Cell) -> Option<f64> {
    let mut naive = sides.iter().filter(|side| side.way == Way::Naive && side.detail == A_CONNECTION_EACH);
    let row = naive.next()?.cells.iter().find(|row| row.shape == cell.shape && row.in_flight == 64)?;
    times(cell, |round| Some(row.samples.get(round)?.pairs_per_second()))
}

fn times(cell: &Cell, baseline: impl Fn(usize) -> Option<f64>) -> Option<f64> {
    let ratios =
        cell.samples.iter().enumerate().map(|(round, sample)| Some(sample.pairs_per_second() / baseline(round)?));
    median(ratios.collect::<Option<Vec<f64>>>()?)
}

/// The naive way at its best: whatever number of callers and connections served it most in that round.
fn best_naive(sides: &[Side], kind: Kind, shape: Shape, round: usize) -> Option<f64> {
    let naive = sides.iter().filter(|side| side.kind == kind && side.way == Way::Naive);
    let cells = naive.flat_map(|side| &side.cells).filter(|cell| cell.shape == shape);
    cells.filter_map(|cell| Some(cell.samples.get(round)?.pairs_per_second())).max_by(f64::total_cmp)
}

impl Cell {
    /// Of all rounds together.
    pub fn latency(&self) -> Latency {
        let mut sum = Latency::default();
        self.samples.iter().for_each(|sample| sum.merge(&sample.latency));
        sum
    }

    /// Processor time for one hold or settlement, callers and server included.
    pub fn cpu_micros(&self) -> Option<f64> {
        self.micros(|sample| Some(sample.own? + sample.server.unwrap_or_default()))
    }

    /// Microseconds of something for one hold or settlement.
    pub fn micros(&self, of: impl Fn(&Sample) -> Option<Duration>) -> Option<f64> {
        let total = self.samples.iter().map(of).sum::<Option<Duration>>()?;
        Some(total.as_secs_f64() * 1e6 / self.ops())
    }

    fn ops_per_commit(&self) -> Option<f64> {
        let commits = self.samples.iter().map(|sample| sample.commits).sum::<Option<u64>>()?;
        (commits > 0).then(|| self.ops() / commits as f64)
    }

    fn ops(&self) -> f64 {
        self.samples.iter().map(|sample| sample.ops).sum::<u64>() as f64
    }
}
