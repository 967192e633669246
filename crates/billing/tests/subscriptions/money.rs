//! Parts of periods to the cent.

use billing::period::{Cadence, Period, Term};
use billing::proration::{between, left, whole};
use proptest::prelude::*;
use units::{Cents, Instant, Seconds};

use crate::{is_release, python, read};

#[test]
fn the_seat_table_of_the_specification() {
    for (start, end, at, price, seats, charged) in [
        ("2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z", "2026-02-14T00:00:00Z", "15.00", 1, "7.50"),
        ("2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z", "2026-03-01T00:00:00Z", "15.00", 1, "14.52"),
        ("2026-04-10T00:00:00Z", "2026-05-10T00:00:00Z", "2026-04-25T00:00:00Z", "15.00", 5, "37.50"),
        ("2026-04-10T00:00:00Z", "2026-05-10T00:00:00Z", "2026-04-25T23:59:59.999999Z", "15.00", 5, "37.50"),
        ("2026-04-10T17:00:00Z", "2026-05-10T17:00:00Z", "2026-04-25T00:00:00Z", "15.00", 5, "37.50"),
        ("2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z", "2026-03-30T12:00:00Z", "15.00", 3, "1.45"),
        ("2027-06-15T00:00:00Z", "2028-06-15T00:00:00Z", "2028-02-29T08:00:00Z", "180.00", 1, "52.62"),
        ("2026-04-10T00:00:00Z", "2026-05-10T00:00:00Z", "2026-04-25T00:00:00Z", "15.00", 2, "15.00"),
        // The whole period, and what is left of it on the day on which it ends: that day is the next period's.
        ("2026-01-31T09:00:00Z", "2026-02-28T09:00:00Z", "2026-01-31T09:00:00Z", "15.00", 1, "15.00"),
        ("2026-01-31T09:00:00Z", "2026-02-28T09:00:00Z", "2026-02-28T08:59:59Z", "15.00", 1, "0.00"),
    ] {
        let period = Period { start: read(start), end: read(end) };
        let line = whole(read(price), seats);
        assert_eq!(left(line, period, read(at)).to_string(), charged, "{seats} at {price} on {at}");
    }
}

#[test]
fn random_lines_cost_what_a_second_implementation_says() {
    let (cases, seed) = if is_release() { ("1000000", "2") } else { ("100000", "1") };
    let answers = python::ask(&["seats", cases, seed]);
    assert_eq!(answers.len().to_string(), cases);
    for words in answers {
        let [start, end, at, price, seats, charged] = words.as_slice() else { panic!("{words:?}") };
        let period = Period { start: read(start), end: read(end) };
        let line = whole(read::<Cents>(price), read(seats));
        assert_eq!(left(line, period, read(at)).to_string(), *charged, "{words:?}");
    }
}

fn moments() -> impl Strategy<Value = (Term, Vec<Instant>)> {
    let cadence = prop_oneof![Just(Cadence::Monthly), Just(Cadence::Yearly)];
    let anchor = (0_i64..12 * 366 * 86_400).prop_map(|seconds| Instant::EPOCH.plus(Seconds(1_704_067_200 + seconds)));
    (anchor, cadence, 0_u32..60, prop::collection::vec(0_i64..=1_000_000, 0..12)).prop_map(
        |(anchor, cadence, n, shares)| {
            let term = Term { anchor, month: n * cadence.months(), cadence };
            let (start, length) = (term.start(), term.end().micros() - term.start().micros());
            let mut at: Vec<_> =
                shares.iter().map(|share| Instant::from_micros(start.micros() + length / 1_000_000 * share)).collect();
            at.extend([start, term.end()]);
            at.sort();
            (term, at)
        },
    )
}

proptest! {
    #[test]
    fn the_parts_of_any_split_period_sum_to_the_whole(
        (term, at) in moments(), price in 1_i64..10_000_000, seats in 1_u32..10_000,
    ) {
        let (line, period) = (whole(Cents::from_count(price), seats), term.period());
        let parts: Vec<_> = at.windows(2).map(|pair| between(line, period, pair[0], pair[1]).count()).collect();
        prop_assert!(parts.iter().all(|part| *part >= 0));
        prop_assert_eq!(parts.iter().sum::<i64>(), line.count());
    }

    #[test]
    fn later_never_costs_more((term, at) in moments(), price in 1_i64..10_000_000, seats in 1_u32..10_000) {
        let (line, period) = (whole(Cents::from_count(price), seats), term.period());
        let costs: Vec<_> = at.iter().map(|at| left(line, period, *at)).collect();
        prop_assert!(costs.windows(2).all(|pair| pair[0] >= pair[1]));
        prop_assert_eq!((costs[0], costs[costs.len() - 1]), (line, Cents::ZERO));
    }
}
