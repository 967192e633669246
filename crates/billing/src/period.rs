//! Periods that never drift: what is paid by the month or year, and when it is due again.
//!
//! A subscription has one anchor. Every boundary is the anchor and a whole number of months, never the boundary
//! before and a month more: Jan 31, Feb 28, Mar 31. Where a term begins is kept as that number of months, so that a
//! change between months and years goes on from the same anchor, terms are contiguous whatever their lengths, and a
//! renewal has a name (subscription, month) on which whoever triggers it agrees.

use std::{fmt, iter, str::FromStr};

use serde::{Deserialize, Serialize};
use units::Instant;

/// How long is paid for at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cadence {
    /// A month.
    Monthly,
    /// Twelve months.
    Yearly,
}

/// A stretch of time: from `start`, to just before `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// Its first moment.
    pub start: Instant,
    /// The first moment after it.
    pub end: Instant,
}

/// What is paid for at once: a month or twelve, so many months after the anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// When the subscription began. Its day and time of day are those of every boundary.
    pub anchor: Instant,
    /// Months from the anchor to the start of the term. No two terms of a subscription have the same.
    pub month: u32,
    /// How long it is.
    pub cadence: Cadence,
}

impl Cadence {
    /// Both, for readers of the store.
    pub const ALL: [Self; 2] = [Self::Monthly, Self::Yearly];

    /// How many months it is.
    pub const fn months(self) -> u32 {
        match self {
            Self::Monthly => 1,
            Self::Yearly => 12,
        }
    }

    /// Its name in the store, in the API and in stories.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Monthly => "monthly",
            Self::Yearly => "yearly",
        }
    }
}

impl fmt::Display for Cadence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Cadence {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|cadence| cadence.name() == text);
        found.ok_or_else(|| format!("`{}` is not one of monthly, yearly", text.chars().take(40).collect::<String>()))
    }
}

impl Period {
    /// Whether the moment lies in it.
    pub fn contains(self, at: Instant) -> bool {
        self.start <= at && at < self.end
    }

    /// How many UTC days it has. The day on which it ends belongs to the period after it.
    pub fn days(self) -> u32 {
        self.days_left(self.start)
    }

    /// How many UTC days are left of it, the day of this moment included; none on the day on which it ends.
    pub fn days_left(self, at: Instant) -> u32 {
        let from = at.max(self.start).day().number();
        u32::try_from(self.end.day().number() - from).unwrap_or(0)
    }
}

impl Term {
    /// The term with which a subscription begins.
    pub const fn first(anchor: Instant, cadence: Cadence) -> Self {
        Self { anchor, month: 0, cadence }
    }

    /// The term of this length that a moment lies in, where all terms since the anchor were so long. `None` before
    /// the anchor.
    pub fn containing(anchor: Instant, cadence: Cadence, at: Instant) -> Option<Self> {
        let months = at.months_since(anchor)?;
        Some(Self { anchor, month: months - months % cadence.months(), cadence })
    }

    /// The term after it, which may be of another length. It begins where this one ends.
    pub const fn next(self, cadence: Cadence) -> Self {
        Self { month: self.month.saturating_add(self.cadence.months()), cadence, ..self }
    }

    /// Whether it is the same one, of the same subscription.
    pub fn is(self, other: Self) -> bool {
        (self.anchor, self.month) == (other.anchor, other.month)
    }

    /// From when to when it is.
    pub fn period(self) -> Period {
        Period { start: self.start(), end: self.end() }
    }

    /// Its first moment.
    pub fn start(self) -> Instant {
        self.anchor.plus_months(self.month)
    }

    /// The first moment after it: when the next is due.
    pub fn end(self) -> Instant {
        self.next(self.cadence).start()
    }

    /// The months in it, each with its number from the anchor: one or twelve.
    pub fn months(self) -> impl Iterator<Item = (u32, Period)> {
        (self.month..self.next(self.cadence).month).map(move |month| (month, self.month_at(month)))
    }

    /// The terms after it, of the same length, whose time has come: in order, and none left out.
    pub fn due(self, now: Instant) -> impl Iterator<Item = Self> {
        let following = iter::successors(Some(self.next(self.cadence)), |term| Some(term.next(term.cadence)));
        // The second condition ends the list where time ends.
        following.take_while(move |term| term.start() <= now && term.start() < term.end())
    }

    /// The month that begins so many months after the anchor.
    pub fn month_at(self, month: u32) -> Period {
        Self { month, cadence: Cadence::Monthly, ..self }.period()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_of_a_year_is_a_month_counted_from_the_anchor() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let year = Term::first(at("2027-10-31T12:00:00Z"), Cadence::Yearly);
        let month = |number| (year.month_at(number).start, year.month_at(number).end);
        assert_eq!(month(0), (at("2027-10-31T12:00:00Z"), at("2027-11-30T12:00:00Z")));
        assert_eq!(month(4), (at("2028-02-29T12:00:00Z"), at("2028-03-31T12:00:00Z")));
        assert_eq!(month(12), (at("2028-10-31T12:00:00Z"), at("2028-11-30T12:00:00Z")));
        let months: Vec<(u32, Period)> = year.next(Cadence::Yearly).months().collect();
        assert_eq!(months.len(), 12);
        assert!(months.iter().zip(12..).all(|((number, period), expected)| {
            *number == expected
                && period.start == year.month_at(expected).start
                && period.end == year.month_at(expected + 1).start
        }));
    }
}
