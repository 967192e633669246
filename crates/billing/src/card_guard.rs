//! Limits against people who try stolen cards.
//!
//! A try is a card that is typed, or a payment that somebody asks for. They are counted for each account and for
//! each network, whatever became of them; after declines in a row the next try waits longer each time. What is
//! bought without asking is no try: no stranger is there.

use serde::Serialize;
use units::{Instant, Seconds};

/// The limits of the catalog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CardLimits {
    /// Tries of one account in an hour.
    pub tries_per_hour: u32,
    /// Tries from one network in a day.
    pub tries_per_network: u32,
    /// Different cards that one account may save in a day.
    pub cards_per_day: u32,
    /// How long the next try waits after the second decline in a row; doubled with each further one.
    pub backoff_seconds: u32,
}

/// What was tried before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tries {
    /// When the account tried in the last hour, oldest first.
    pub of_account: Vec<Instant>,
    /// When somebody tried from the same network in the last day, oldest first.
    pub of_network: Vec<Instant>,
    /// How many tries of the account were declined in a row until now.
    pub declines: u32,
    /// When the last of them was.
    pub declined_at: Option<Instant>,
}

/// How far tries of an account count.
pub const HOUR: Seconds = Seconds(3600);
/// How far tries of a network and new cards count.
pub const DAY: Seconds = Seconds(86_400);
/// The longest that declines in a row keep somebody waiting.
const LONGEST: u32 = 3600;

/// From when the next try may be, when it may not be now.
pub fn must_wait_until(limits: &CardLimits, tries: &Tries, now: Instant) -> Option<Instant> {
    let waits = [
        full_until(&tries.of_account, limits.tries_per_hour, HOUR),
        full_until(&tries.of_network, limits.tries_per_network, DAY),
        tries.declined_at.map(|at| at.plus(backoff(limits, tries.declines))),
    ];
    waits.into_iter().flatten().max().filter(|until| now < *until)
}

/// When the oldest try that fills a window leaves it.
fn full_until(tries: &[Instant], limit: u32, window: Seconds) -> Option<Instant> {
    let oldest = tries.len().checked_sub(limit as usize)?;
    tries.get(oldest).map(|at| at.plus(window))
}

fn backoff(limits: &CardLimits, declines: u32) -> Seconds {
    let Some(doublings) = declines.checked_sub(2) else { return Seconds(0) };
    let seconds = u64::from(limits.backoff_seconds) << doublings.min(20);
    Seconds(i64::try_from(seconds).unwrap_or(i64::MAX).min(i64::from(LONGEST)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: CardLimits =
        CardLimits { tries_per_hour: 5, tries_per_network: 10, cards_per_day: 3, backoff_seconds: 30 };

    fn start() -> Instant {
        "2028-02-29T23:30:00Z".parse().unwrap()
    }

    fn each_minute(count: i64) -> Vec<Instant> {
        (0..count).map(|minute| start().plus(Seconds(60 * minute))).collect()
    }

    #[test]
    fn the_sixth_try_waits_until_the_first_is_an_hour_old() {
        let tries = |count| Tries { of_account: each_minute(count), ..Tries::default() };
        let now = start().plus(Seconds(300));
        assert_eq!(must_wait_until(&LIMITS, &tries(4), now), None);
        let until = start().plus(HOUR);
        assert_eq!(must_wait_until(&LIMITS, &tries(5), now), Some(until));
        assert_eq!(must_wait_until(&LIMITS, &tries(5), until), None);
        // Whoever got more in under an older catalog waits for all that are too many.
        assert_eq!(must_wait_until(&LIMITS, &tries(6), now), Some(until.plus(Seconds(60))));
    }

    #[test]
    fn a_network_has_ten_in_a_day_also_over_midnight() {
        let tries = |count| Tries { of_network: each_minute(count), ..Tries::default() };
        let now = start().plus(Seconds(3600));
        assert_eq!(must_wait_until(&LIMITS, &tries(9), now), None);
        assert_eq!(must_wait_until(&LIMITS, &tries(10), now), Some("2028-03-01T23:30:00Z".parse().unwrap()));
    }

    #[test]
    fn declines_in_a_row_wait_longer_and_longer_and_not_for_ever() {
        let waits = [0, 1, 2, 3, 4, 5, 60].map(|declines| {
            let tries = Tries { declines, declined_at: Some(start()), ..Tries::default() };
            must_wait_until(&LIMITS, &tries, start()).map(|until| (until.micros() - start().micros()) / 1_000_000)
        });
        assert_eq!(waits, [None, None, Some(30), Some(60), Some(120), Some(240), Some(3600)]);
    }

    #[test]
    fn the_longest_wait_counts() {
        let tries =
            Tries { of_account: each_minute(5), of_network: each_minute(10), declines: 2, declined_at: Some(start()) };
        assert_eq!(must_wait_until(&LIMITS, &tries, start()), Some(start().plus(DAY)));
        assert_eq!(must_wait_until(&LIMITS, &Tries::default(), start()), None);
    }
}
