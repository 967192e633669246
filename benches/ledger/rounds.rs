//! All cells in turn, round by round, so that what disturbs the machine disturbs everybody.

use std::collections::HashMap;

use benches::{Failure, whole};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cells::Side;
use crate::load::{Load, drive};
use crate::options::Options;
use crate::request::Shape;

/// A bar of this many seconds, or of whatever is counted.
pub fn bar(length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{elapsed_precise} {wide_bar:.cyan} {percent}% {msg}");
    ProgressBar::new(length).with_style(style.expect("the template is right"))
}

/// Measures every cell once a round.
pub async fn measure(options: &Options, sides: &mut [Side]) -> Result<(), Failure> {
    let of_a_cell = (options.common.measured() + options.warm()).as_millis() as u64;
    let cells = sides.iter().map(|side| side.cells.len() as u64).sum::<u64>();
    let bar = bar(of_a_cell * cells * options.common.rounds());
    for round in 0..options.common.rounds() {
        for side in &mut *sides {
            let name = format!("{}, {}", side.kind.name(), side.name());
            for cell in &mut side.cells {
                let what = format!("{name}, {}, {} in flight", words(cell.shape), cell.in_flight);
                bar.set_message(what.clone());
                let (shape, in_flight) = (cell.shape, cell.in_flight);
                let (warm, measured) = (options.warm(), options.common.measured());
                let sample = drive(&side.books, Load { shape, in_flight, warm, measured, round }).await?;
                let pairs = whole(sample.pairs_per_second());
                bar.suspend(|| eprintln!("round {}: {what}: {pairs} pairs/s", round + 1));
                cell.samples.push(sample);
                bar.inc(of_a_cell);
            }
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// Compares what callers were answered with what the books of the hot wallet hold in the end: figures of books that
/// lose something would be worth nothing.
pub async fn check(sides: &[Side]) -> Result<(), Failure> {
    // Two sides can share their books.
    let mut settled: HashMap<_, u64> = HashMap::new();
    for side in sides {
        let hot = side.cells.iter().filter(|cell| cell.shape == Shape::Hot);
        let its = hot.flat_map(|cell| &cell.samples).map(|sample| sample.settled).sum::<u64>();
        *settled.entry((side.kind, side.way)).or_default() += its;
    }
    for side in sides {
        let (found, right) = (side.books.charges(0).await?, settled[&(side.kind, side.way)]);
        if found != right {
            let (kind, name) = (side.kind.name(), side.name());
            return Err(format!("{kind}, {name}: {right} settlements were answered, {found} are in the books").into());
        }
    }
    Ok(())
}

/// A shape of load in the report.
pub fn words(shape: Shape) -> String {
    match shape {
        Shape::Hot => "one hot wallet".to_owned(),
        Shape::Spread(wallets) => format!("{} wallets", whole(wallets as f64)),
    }
}
