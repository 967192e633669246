//! What the design asks for, and whether this run reached it.

use benches::Table;

use crate::cells::{Cell, Side, TWO_NODES};
use crate::figures::{NONE, short};
use crate::load::Sample;
use crate::options::{Kind, Way};
use crate::report::ratio;
use crate::request::Shape;

/// The load that the targets speak of.
const IN_FLIGHT: usize = 512;

/// A figure that is wanted.
pub struct Target {
    /// Which, with its unit.
    pub name: &'static str,
    /// What it must be; later is enough for some.
    pub must: Option<f64>,
    /// What it is to be one day.
    pub later: f64,
    /// Whether less is better.
    pub less_is_better: bool,
    /// What this run measured.
    pub measured: Option<f64>,
}

fn is_hot(shape: Shape) -> bool {
    shape == Shape::Hot
}

fn is_spread(shape: Shape) -> bool {
    shape != Shape::Hot
}

/// The targets that the cells decide.
pub fn of_cells(sides: &[Side]) -> Vec<Target> {
    let tare = |kind, shape: fn(Shape) -> bool| find(sides, kind, "", shape);
    let against_naive = |kind, shape| ratio(sides, tare(kind, shape)?, Kind::Postgres);
    let at_least =
        |name, must, later, measured| Target { name, must: Some(must), later, less_is_better: false, measured };
    let at_most =
        |name, must, later, measured| Target { less_is_better: true, ..at_least(name, must, later, measured) };
    vec![
        at_least("PostgreSQL, hot wallet, x naive PostgreSQL", 80.0, 250.0, against_naive(Kind::Postgres, is_hot)),
        at_least("PostgreSQL, spread, x naive PostgreSQL", 8.0, 30.0, against_naive(Kind::Postgres, is_spread)),
        at_least("SQLite, hot wallet, x naive PostgreSQL", 150.0, 300.0, against_naive(Kind::Sqlite, is_hot)),
        at_least("SQLite, spread, x naive PostgreSQL", 12.0, 30.0, against_naive(Kind::Sqlite, is_spread)),
        at_least("two PostgreSQL nodes on a hot wallet, x one node", 0.8, 1.0, two_nodes(sides)),
        at_most("caller p99 at 512 in flight, worst cell, ms", 25.0, 8.0, worst_p99(sides)),
        at_most(
            "CPU an op, SQLite, spread, callers included, us",
            10.0,
            3.0,
            tare(Kind::Sqlite, is_spread).and_then(Cell::cpu_micros),
        ),
    ]
}

/// The verdicts.
pub fn table(targets: &[Target]) -> Table {
    let mut table = Table::new(1, &["target", "must", "later", "measured", "must is", "later is"]);
    for target in targets {
        let figure = |figure: Option<f64>| figure.map_or_else(|| NONE.to_owned(), short);
        table.push(vec![
            target.name.to_owned(),
            figure(target.must),
            short(target.later),
            figure(target.measured),
            target.verdict(target.must),
            target.verdict(Some(target.later)),
        ]);
    }
    table
}

impl Target {
    fn verdict(&self, wanted: Option<f64>) -> String {
        let verdict = match (wanted, self.measured) {
            (None, _) => NONE,
            (_, None) => "not measured",
            (Some(wanted), Some(measured)) if measured == wanted || (measured < wanted) == self.less_is_better => {
                "reached"
            }
            _ => "not reached",
        };
        verdict.to_owned()
    }
}

fn find<'a>(sides: &'a [Side], kind: Kind, detail: &str, shape: impl Fn(Shape) -> bool) -> Option<&'a Cell> {
    let side = sides.iter().find(|side| side.kind == kind && side.way == Way::Tare && side.detail == detail)?;
    side.cells.iter().find(|cell| shape(cell.shape) && cell.in_flight == IN_FLIGHT)
}

fn two_nodes(sides: &[Side]) -> Option<f64> {
    let (one, two) = (find(sides, Kind::Postgres, "", is_hot)?, find(sides, Kind::Postgres, TWO_NODES, is_hot)?);
    let ratios = two.samples.iter().zip(&one.samples);
    crate::figures::median(ratios.map(|(two, one)| Sample::pairs_per_second(two) / one.pairs_per_second()))
}

fn worst_p99(sides: &[Side]) -> Option<f64> {
    let tare = sides.iter().filter(|side| side.way == Way::Tare).flat_map(|side| &side.cells);
    let cells = tare.filter(|cell| cell.in_flight == IN_FLIGHT);
    cells.filter_map(|cell| Some(cell.latency().percentile(99.0)?.as_secs_f64() * 1000.0)).max_by(f64::total_cmp)
}
