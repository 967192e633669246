//! How long credits last at the recent pace.
//!
//! The pace is the mean of the last full days, and goes on evenly. Credits that can be spent now are spent in the order of
//! use, and expire at their instant with what is left of them then. What is held or frozen is not counted, and neither is
//! what may still come. Everything is whole nanodollars: what is spent by a moment is rounded down from the beginning,
//! never from step to step, so that no step gathers an error.

use std::ops::Range;

use ledger::Grant;
use units::{Amount, Day, Instant, Seconds};

/// So many full days make the pace.
pub const PACE_DAYS: u32 = 30;
/// So far ahead is looked.
pub const HORIZON_DAYS: u32 = 90;

const MICROS_A_DAY: i128 = 86_400_000_000;

/// What was spent in so many days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// In all of them; less than nothing, after corrections, counts as nothing.
    pub spent: Amount,
    /// How many; at least one.
    pub days: u32,
}

/// How available credits go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runway {
    pace: Pace,
    begins: Instant,
    /// When nothing is available any more; absent when that is farther ahead than is looked.
    pub ends: Option<Instant>,
    /// What expires unused until then, in the order of time.
    pub expiries: Vec<Expiry>,
    /// What is available from each moment on at which something else than spending changes it.
    steps: Vec<(Instant, i128)>,
}

/// Credits that nobody uses in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// When.
    pub at: Instant,
    /// How much.
    pub amount: Amount,
}

/// The days that make the pace of a wallet which knows its first one: the last full ones, as many as there are, or today
/// so far when it has no full one yet.
pub fn recent_days(first: Option<Day>, today: Day) -> Range<Day> {
    let earliest = Day::from_number(today.number().saturating_sub(PACE_DAYS.cast_signed()));
    match first.filter(|first| *first < today) {
        Some(first) => first.max(earliest)..today,
        None => today..today.next(),
    }
}

impl Pace {
    /// What was spent in these days.
    pub fn of(spent: Amount, days: Range<Day>) -> Self {
        let count = days.end.number().saturating_sub(days.start.number());
        Self { spent: spent.max(Amount::ZERO), days: u32::try_from(count).unwrap_or(1).max(1) }
    }

    /// A day of it, rounded down.
    pub fn a_day(self) -> Amount {
        Amount::from_nanos(self.spent.nanos() / i64::from(self.days))
    }

    /// What is spent in a length of time, rounded down.
    fn spent_in(self, micros: i128) -> i128 {
        i128::from(self.spent.nanos()) * micros / (i128::from(self.days) * MICROS_A_DAY)
    }

    /// The first microsecond by which so much is spent. Something must be spent at all.
    fn micros_until(self, nanos: i128) -> i128 {
        let scaled = nanos * i128::from(self.days) * MICROS_A_DAY;
        let spent = i128::from(self.spent.nanos());
        scaled / spent + i128::from(scaled % spent > 0)
    }
}

impl Runway {
    /// How what these grants have available goes on from now.
    pub fn of(grants: &[Grant], pace: Pace, now: Instant) -> Self {
        let mut grants: Vec<&Grant> = grants.iter().filter(|grant| grant.available(now).is_positive()).collect();
        grants.sort_by_key(|grant| grant.order_of_use());
        let mut blocks: Vec<_> =
            grants.into_iter().map(|grant| (grant.expires_at, i128::from(grant.available(now).nanos()))).collect();
        let horizon = now.plus(Seconds::from_days(HORIZON_DAYS));
        let mut runway = Self { pace, begins: now, ends: None, expiries: Vec::new(), steps: Vec::new() };
        // They stand in the order in which they expire.
        let mut moments: Vec<Instant> =
            blocks.iter().filter_map(|(end, _)| *end).filter(|end| *end < horizon).collect();
        moments.push(horizon);
        moments.dedup();
        let mut from = now;
        for moment in moments {
            let available: i128 = blocks.iter().map(|(_, left)| left).sum();
            runway.steps.push((from, available));
            let spent = runway.spent_by(moment) - runway.spent_by(from);
            if spent >= available {
                runway.ends = Some(runway.end(from, available));
                return runway;
            }
            draw(&mut blocks, spent);
            let expired = |(end, _): &&(Option<Instant>, i128)| end.is_some_and(|end| end <= moment);
            let unused: i128 = blocks.iter().filter(expired).map(|(_, left)| left).sum();
            if unused > 0 {
                runway.expiries.push(Expiry { at: moment, amount: amount(unused) });
            }
            blocks.retain(|block| !expired(&block));
            from = moment;
        }
        let available: i128 = blocks.iter().map(|(_, left)| left).sum();
        runway.steps.push((from, available));
        runway.ends = (available == 0).then_some(from);
        runway
    }

    /// What is available at a moment from now on.
    pub fn at(&self, moment: Instant) -> Amount {
        if self.ends.is_some_and(|end| end <= moment) {
            return Amount::ZERO;
        }
        let step = self.steps.iter().rev().find(|(from, _)| *from <= moment);
        step.map_or(Amount::ZERO, |(from, left)| amount(left - (self.spent_by(moment) - self.spent_by(*from))))
    }

    /// The part of what is available at a moment that is going to expire unused.
    pub fn expiring(&self, moment: Instant) -> Amount {
        amount(self.expiries.iter().filter(|expiry| expiry.at > moment).map(|e| i128::from(e.amount.nanos())).sum())
    }

    fn spent_by(&self, moment: Instant) -> i128 {
        self.pace.spent_in(i128::from(moment.micros()) - i128::from(self.begins.micros()))
    }

    /// When what is available at a moment has been spent.
    fn end(&self, from: Instant, available: i128) -> Instant {
        if available == 0 {
            return from;
        }
        let micros = i128::from(self.begins.micros()) + self.pace.micros_until(self.spent_by(from) + available);
        Instant::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }
}

/// Takes from the first that have something.
fn draw(blocks: &mut [(Option<Instant>, i128)], mut spent: i128) {
    for (_, left) in blocks {
        let drawn = spent.min(*left);
        *left -= drawn;
        spent -= drawn;
    }
}

fn amount(nanos: i128) -> Amount {
    Amount::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
