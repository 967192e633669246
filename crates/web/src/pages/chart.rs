//! Bars that are stacked from parts, drawn here as SVG: no script, no style in the page, exact values on hover and focus.
//!
//! Lengths are whole numbers in a box of fixed size; the sheet of styles scales and colours it.

use std::fmt::Write as _;

use askama::filters::{Html, escape};
use units::Amount;

use super::words::money;

const WIDTH: i128 = 720;
const HEIGHT: i128 = 200;
/// Where the bars begin, to the right of the scale's words.
const LEFT: i128 = 104;
/// The line on which they stand.
const FLOOR: i128 = 168;
const TOP: i128 = 24;

/// A bar: what it stands for, and its parts in the order of their names.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) parts: Vec<Amount>,
}

impl Bar {
    fn total(&self) -> i128 {
        self.parts.iter().map(|part| i128::from(part.nanos())).sum()
    }
}

/// What bars are and come to, for who does not see them.
pub(super) fn summed(bars: &[Bar], what: &str) -> String {
    let (total, most) = (bars.iter().map(Bar::total).sum(), bars.iter().map(Bar::total).max().unwrap_or(0));
    format!("{what}: {} in {} bars, at most {} in one", money(amount(total)), bars.len(), money(amount(most)))
}

/// Bars from left to right. `label` says what is drawn, for who does not see it; `names` are those of the parts.
pub(super) fn bars(bars: &[Bar], names: &[String], label: &str) -> String {
    let most = bars.iter().map(Bar::total).max().unwrap_or(0).max(1);
    let ceiling = ceiling(amount(most).nanos());
    let mut svg =
        format!("<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"group\" aria-label=\"{label}\">");
    for step in 0..=2 {
        let amount = Amount::from_nanos(ceiling / 2 * step);
        let y = FLOOR - (FLOOR - TOP) * i128::from(step) / 2;
        let _ = write!(
            svg,
            "<line class=\"rule\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{y}\" y2=\"{y}\"/><text class=\"scale\" x=\"{}\" \
             y=\"{}\">{}</text>",
            LEFT - 8,
            y + 4,
            on_scale(amount)
        );
    }
    let count = i128::try_from(bars.len().max(1)).unwrap_or(1);
    for (index, bar) in bars.iter().enumerate() {
        let index = i128::try_from(index).unwrap_or(0);
        let (from, to) = (LEFT + (WIDTH - LEFT) * index / count, LEFT + (WIDTH - LEFT) * (index + 1) / count);
        draw(&mut svg, bar, names, ceiling, from, to - from);
    }
    for (bar, x, side) in [(bars.first(), LEFT, "start"), (bars.last(), WIDTH, "end")] {
        if let Some(Bar { label, .. }) = bar {
            let _ = write!(svg, "<text class=\"day {side}\" x=\"{x}\" y=\"{}\">{label}</text>", FLOOR + 24);
        }
    }
    svg.push_str("</svg>");
    svg
}

fn draw(svg: &mut String, bar: &Bar, names: &[String], ceiling: i64, x: i128, width: i128) {
    let (label, total) = (&bar.label, bar.total());
    let mut words = format!("{label}: ${}", amount(total));
    let there = || names.iter().zip(&bar.parts).enumerate().filter(|(_, (_, part))| !part.is_zero());
    if names.len() > 1 {
        for (_, (name, part)) in there() {
            let name = escape(name, Html).map(|name| name.to_string()).unwrap_or_default();
            let _ = write!(words, "; {name} ${part}");
        }
    }
    let _ = write!(
        svg,
        "<g class=\"column\" tabindex=\"0\" role=\"img\" aria-label=\"{words}\"><title>{words}</title><rect class=\"reach\" \
         x=\"{x}\" y=\"{TOP}\" width=\"{width}\" height=\"{}\"/>",
        FLOOR - TOP,
    );
    let seen = (width - if width > 6 { 2 } else { 0 }).max(1);
    // What is there is seen, however small beside the rest.
    let height = |nanos: i128| (FLOOR - TOP) * nanos / i128::from(ceiling);
    let stretch = |nanos| height(nanos).max(i128::from(nanos > 0) * 2);
    let mut below = 0;
    for (place, (_, part)) in there() {
        let above = below + i128::from(part.nanos());
        // Parts end where their sum does, so that their heights add up to the bar's.
        let (bottom, top) = (height(below), if above == total { stretch(above) } else { height(above) });
        if top > bottom {
            let y = FLOOR - top;
            let _ = write!(
                svg,
                "<rect class=\"part-{place}\" x=\"{x}\" y=\"{y}\" width=\"{seen}\" height=\"{}\"/>",
                top - bottom
            );
        }
        below = above;
    }
    svg.push_str("</g>");
}

fn amount(nanos: i128) -> Amount {
    Amount::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
}

/// An amount beside its line, as short as it can be said: the numbers are round.
fn on_scale(amount: Amount) -> String {
    let text = money(amount);
    let short = text.strip_suffix(".00").unwrap_or(&text);
    match short.strip_suffix(",000") {
        Some(thousands) if short.len() > "$1,000".len() => format!("{thousands}k"),
        _ => short.to_owned(),
    }
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
    fn the_scale_is_said_shortly() {
        for (text, short) in [("0", "$0"), ("0.5", "$0.50"), ("250", "$250"), ("1000", "$1,000"), ("25000", "$25k")] {
            assert_eq!(on_scale(text.parse().unwrap()), short);
        }
    }

    fn bar(label: &str, parts: &[&str]) -> Bar {
        Bar { label: label.to_owned(), parts: parts.iter().map(|part| part.parse().unwrap()).collect() }
    }

    #[test]
    fn every_bar_has_its_exact_value() {
        let mut all = vec![bar("2024-10-04", &["0.000000001"]), bar("2024-10-05", &["0"]), bar("2024-10-06", &["0"])];
        all[2].parts = vec![Amount::MAX];
        let svg = bars(&all, &["one".to_owned()], "Spent");
        assert_eq!(svg.matches("class=\"column\"").count(), 3);
        assert!(svg.contains("<title>2024-10-04: $0.000000001</title>"), "{svg}");
        assert!(svg.contains("height=\"2\"/>") && !svg.contains("height=\"-"), "the least is seen: {svg}");
        assert_eq!(svg.matches("class=\"part-0\"").count(), 2, "nothing is drawn where nothing was spent");
        assert!(bars(&[], &[], "Spent").starts_with("<svg"));
        let few = [bar("a", &["0.5"]), bar("b", &["2"])];
        assert_eq!(summed(&few, "Spent"), "Spent: $2.50 in 2 bars, at most $2.00 in one");
    }

    #[test]
    fn parts_stand_on_each_other_and_are_told_by_name() {
        let names = ["a<b".to_owned(), "other".to_owned()];
        let svg = bars(&[bar("May", &["1", "1"]), bar("June", &["0", "0.5"])], &names, "Spent");
        assert!(svg.contains("<title>May: $2.00; a&#60;b $1.00; other $1.00</title>"), "{svg}");
        assert!(svg.contains("<title>June: $0.50; other $0.50</title>"), "{svg}");
        assert!(svg.contains("class=\"part-0\" x=\"104\" y=\"96\" width=\"306\" height=\"72\""), "{svg}");
        assert!(svg.contains("class=\"part-1\" x=\"104\" y=\"24\" width=\"306\" height=\"72\""), "{svg}");
    }
}
