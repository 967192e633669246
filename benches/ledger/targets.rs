//! What the design asks for, and whether this run reached it.

use benches::{NONE, Table, Target, median, short};

use crate::cells::{Cell, Side, TWO_NODES};
use crate::load::Sample;
use crate::options::{Kind, Way};
use crate::report::{ratio, ratio_to_first_row};
use crate::request::Shape;

/// The load that the targets speak of.
const IN_FLIGHT: usize = 512;

fn is_hot(shape: Shape) -> bool {
    shape == Shape::Hot
}

fn is_spread(shape: Shape) -> bool {
    shape != Shape::Hot
}

/// The targets that the cells decide.
pub fn of_cells(sides: &[Side]) -> Vec<Target> {
    let tare = |kind, shape: fn(Shape) -> bool| find(sides, kind, "", shape);
    let against_naive = |name: &str, must, later, kind, shape: fn(Shape) -> bool| {
        let cell = tare(kind, shape);
        let measured = cell.and_then(|cell| ratio(sides, cell, Kind::Postgres));
        let to_first_row = cell.and_then(|cell| ratio_to_first_row(sides, cell));
        Target { to_first_row, ..Target::at_least(name, must, later, measured) }
    };
    vec![
        against_naive("PostgreSQL, hot wallet, x naive PostgreSQL", 80.0, 250.0, Kind::Postgres, is_hot),
        against_naive("PostgreSQL, spread, x naive PostgreSQL", 8.0, 30.0, Kind::Postgres, is_spread),
        against_naive("SQLite, hot wallet, x naive PostgreSQL", 150.0, 300.0, Kind::Sqlite, is_hot),
        against_naive("SQLite, spread, x naive PostgreSQL", 12.0, 30.0, Kind::Sqlite, is_spread),
        Target::at_least("two PostgreSQL nodes on a hot wallet, x one node", 0.8, 1.0, two_nodes(sides)),
        Target::at_most("caller p99 at 512 in flight, worst cell, ms", 25.0, 8.0, worst_p99(sides)),
        Target::at_most(
            "CPU an op, SQLite, spread, callers included, us",
            10.0,
            3.0,
            tare(Kind::Sqlite, is_spread).and_then(Cell::cpu_micros),
        ),
    ]
}

/// The verdicts.
pub fn table(targets: &[Target]) -> Table {
    let mut table = Table::new(1, &[&Target::HEADINGS[..], &["x first row", "must is"]].concat());
    for target in targets {
        let to_first_row = target.to_first_row;
        let mut row = target.row();
        row.push(to_first_row.map_or_else(|| NONE.to_owned(), short));
        row.push(to_first_row.map_or_else(|| NONE.to_owned(), |ratio| target.verdict(target.must, Some(ratio))));
        table.push(row);
    }
    table
}

fn find<'a>(sides: &'a [Side], kind: Kind, detail: &str, shape: impl Fn(Shape) -> bool) -> Option<&'a Cell> {
    let side = sides.iter().find(|side| side.kind == kind && side.way == Way::Tare && side.detail == detail)?;
    side.cells.iter().find(|cell| shape(cell.shape) && cell.in_flight == IN_FLIGHT)
}

fn two_nodes(sides: &[Side]) -> Option<f64> {
    let (one, two) = (find(sides, Kind::Postgres, "", is_hot)?, find(sides, Kind::Postgres, TWO_NODES, is_hot)?);
    let ratios = two.samples.iter().zip(&one.samples);
    median(ratios.map(|(two, one)| Sample::pairs_per_second(two) / one.pairs_per_second()))
}

fn worst_p99(sides: &[Side]) -> Option<f64> {
    let tare = sides.iter().filter(|side| side.way == Way::Tare).flat_map(|side| &side.cells);
    let cells = tare.filter(|cell| cell.in_flight == IN_FLIGHT);
    cells.filter_map(|cell| Some(cell.latency().percentile(99.0)?.as_secs_f64() * 1000.0)).max_by(f64::total_cmp)
}
