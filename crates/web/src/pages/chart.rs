//! Bars of one value for each day, drawn here as SVG: no script, no style in the page, exact values on hover and focus.
//!
//! Lengths are whole numbers in a box of fixed size; the sheet of styles scales and colours it.

use std::fmt::Write as _;

use units::{Amount, Day};

use super::words::money;

const WIDTH: i128 = 720;
const HEIGHT: i128 = 200;
/// Where the bars begin, to the right of the scale's words.
const LEFT: i128 = 96;
/// The line on which they stand.
const FLOOR: i128 = 168;
const TOP: i128 = 14;

/// Bars for each day, the oldest first. `what` names what is drawn, for who does not see it.
pub(super) fn bars(days: &[(Day, Amount)], what: &str) -> String {
    let most = days.iter().map(|(_, amount)| amount.nanos()).max().unwrap_or(0).max(1);
    let ceiling = ceiling(most);
    let total = days.iter().map(|(_, amount)| i128::from(amount.nanos())).sum::<i128>();
    let total = Amount::from_nanos(i64::try_from(total).unwrap_or(i64::MAX));
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"group\" aria-label=\"{what}: {} on {} days, at most \
         {} on one\">",
        money(total),
        days.len(),
        money(Amount::from_nanos(most)),
    );
    for step in 0..=2 {
        let amount = Amount::from_nanos(ceiling / 2 * step);
        let y = FLOOR - (FLOOR - TOP) * i128::from(step) / 2;
        let _ = write!(
            svg,
            "<line class=\"rule\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{y}\" y2=\"{y}\"/><text class=\"scale\" x=\"{}\" \
             y=\"{}\">{}</text>",
            LEFT - 8,
            y + 4,
            money(amount)
        );
    }
    let count = i128::try_from(days.len().max(1)).unwrap_or(1);
    for (index, (day, amount)) in days.iter().enumerate() {
        let index = i128::try_from(index).unwrap_or(0);
        let (from, to) = (LEFT + (WIDTH - LEFT) * index / count, LEFT + (WIDTH - LEFT) * (index + 1) / count);
        let gap = if to - from > 6 { 2 } else { 0 };
        let nanos = i128::from(amount.nanos());
        // What is there is seen, however small beside the rest.
        let height = ((FLOOR - TOP) * nanos / i128::from(ceiling)).max(i128::from(nanos > 0) * 2);
        let _ = write!(
            svg,
            "<g class=\"column\" tabindex=\"0\" role=\"img\" aria-label=\"{day}: ${amount}\"><title>{day}: ${amount}</title><rect class=\"reach\" x=\"{from}\" y=\"{TOP}\" \
             width=\"{}\" height=\"{}\"/><rect x=\"{from}\" y=\"{}\" width=\"{}\" height=\"{height}\" rx=\"2\"/></g>",
            to - from,
            FLOOR - TOP,
            FLOOR - height,
            (to - from - gap).max(1),
        );
    }
    for (day, x, side) in [(days.first(), LEFT, "start"), (days.last(), WIDTH, "end")] {
        if let Some((day, _)) = day {
            let _ = write!(svg, "<text class=\"day {side}\" x=\"{x}\" y=\"{}\">{day}</text>", FLOOR + 24);
        }
    }
    svg.push_str("</svg>");
    svg
}

/// A round number at or above this one: 1, 2 or 5 and zeros.
fn ceiling(most: i64) -> i64 {
    let mut unit: i64 = 1;
    loop {
        for step in [1, 2, 5] {
            match unit.checked_mul(step) {
                Some(round) if round >= most => return round.max(2),
                Some(_) => {}
                None => return i64::MAX,
            }
        }
        match unit.checked_mul(10) {
            Some(next) => unit = next,
            None => return i64::MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_ends_at_a_round_number() {
        for (most, round) in [(1, 2), (3, 5), (51, 100), (1_500_000_000, 2_000_000_000), (i64::MAX, i64::MAX)] {
            assert_eq!(ceiling(most), round);
        }
    }

    #[test]
    fn every_day_has_a_bar_with_its_exact_value() {
        let day = Day::from_number(20_000);
        let days =
            [(day, "0.000000001".parse().unwrap()), (day.next(), Amount::ZERO), (day.next().next(), Amount::MAX)];
        let svg = bars(&days, "Spent");
        assert_eq!(svg.matches("class=\"column\"").count(), 3);
        assert!(svg.contains("<title>2024-10-04: $0.000000001</title>"), "{svg}");
        assert!(svg.contains("height=\"2\" rx"), "the least is seen: {svg}");
        assert!(svg.contains("height=\"0\" rx") && !svg.contains("height=\"-"), "{svg}");
        assert!(bars(&[], "Spent").starts_with("<svg"));
    }
}
