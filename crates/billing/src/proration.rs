//! What a part of a period costs.
//!
//! The rule is one: of the whole line (price times seats), the UTC days left over the days of the period, in cents,
//! half up, rounded once. What is left at a moment is always counted to the end of the period, and a stretch between
//! two moments costs the difference of what is left at both. So however a period is split, its parts sum to the whole.

use units::{Cents, Instant};

use crate::period::Period;

/// The most seats that an organization can have: far beyond any, and few enough that no line overflows with a price
/// that the catalog allows.
pub const MOST_SEATS: u32 = 1_000_000;

/// The whole line: what so many seats cost for a whole period.
///
/// # Panics
/// Beyond what can be counted, which takes more than [`MOST_SEATS`] or a price that no catalog has.
pub fn whole(price: Cents, seats: u32) -> Cents {
    price.scaled_half_up(i64::from(seats), 1).expect("prices and seats are bounded where they enter")
}

/// What is left of a line at a moment: the day of that moment counts, the day on which the period ends does not.
pub fn left(line: Cents, period: Period, at: Instant) -> Cents {
    let (days_left, days) = (i64::from(period.days_left(at)), i64::from(period.days()));
    // A period without a day is one beyond the end of time; nothing is left of it.
    line.scaled_half_up(days_left, days).unwrap_or(Cents::ZERO)
}

/// What the stretch of a line between two moments of its period costs: the first moment's day counts, the second's
/// does not.
pub fn between(line: Cents, period: Period, from: Instant, to: Instant) -> Cents {
    Cents::from_count(left(line, period, from).count() - left(line, period, to).count())
}
