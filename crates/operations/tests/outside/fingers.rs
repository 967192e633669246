//! Months counted on fingers.

use units::Instant;

/// So many months after an anchor: the same day, or the last one of a shorter month.
pub fn boundary(anchor: Instant, months: u32) -> Instant {
    let text = anchor.to_string();
    let number = |range: std::ops::Range<usize>| text[range].parse::<u32>().unwrap();
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    let (year, month) = (year + (month - 1 + months) / 12, (month - 1 + months) % 12 + 1);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    format!("{year:04}-{month:02}-{:02}{}", day.min(last), &text[10..]).parse().unwrap()
}
