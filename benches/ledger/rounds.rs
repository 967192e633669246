//! All cells in turn, round by round, so that what disturbs the machine disturbs everybody.

use std::collections::HashMap;

use benches::{Failure, millis, whole, written};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cells::{Cell, Side};
use crate::load::{Load, drive};
use crate::options::Options;
use crate::request::Shape;

/// A bar of this many seconds, or of whatever is counted.
pub fn bar(length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{elapsed_precise} {wide_bar:.cyan} {percent}% {msg}");
    ProgressBar::new(length).with_style(style.expect("the template is right"))
}

/// Measures every cell once a round. On each database those with one shape of load stand beside each other, since they are
/// compared; every other round goes backwards, so that what a cell leaves to the next one is not always left to the same. What
/// it wrote is on the disk before the next one begins.
pub async fn measure(options: &Options, sides: &mut [Side]) -> Result<(), Failure> {
    let cells_of = |(at, side): (usize, &Side)| (0..side.cells.len()).map(move |cell| (at, cell)).collect::<Vec<_>>();
    let mut turns: Vec<(usize, usize)> = sides.iter().enumerate().flat_map(cells_of).collect();
    turns.sort_by_key(|&(side, cell)| (sides[side].kind, sides[side].cells[cell].shape));
    let (warm, measured) = (options.warm(), options.common.measured());
    let of_a_cell = (warm + measured).as_millis() as u64;
    let bar = bar(of_a_cell * turns.len() as u64 * options.common.rounds());
    for round in 0..options.common.rounds() {
        for &(side, cell) in &turns {
            written()?;
            let side = &mut sides[side];
            let Cell { shape, in_flight, .. } = side.cells[cell];
            let what = format!("{}, {}, {}, {in_flight} in flight", side.kind.name(), side.name(), words(shape));
            bar.set_message(what.clone());
            let sample = drive(&side.books, Load { shape, in_flight, warm, measured, round }).await?;
            let (pairs, p99) = (whole(sample.pairs_per_second()), millis(sample.latency.percentile(99.0)));
            bar.suspend(|| eprintln!("round {}: {what}: {pairs} pairs/s, p99 {p99} ms", round + 1));
            side.cells[cell].samples.push(sample);
            bar.inc(of_a_cell);
        }
        turns.reverse();
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
