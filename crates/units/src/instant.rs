//! Instants and days, in UTC. Calendar work is done here and nowhere else.

use std::{fmt, str::FromStr};

use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// A moment, in whole microseconds since 1970-01-01T00:00:00Z: what both databases store exactly.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// A length of time in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(pub i64);

/// A calendar day in UTC, in days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

/// A text that is not an RFC 3339 instant in the years 1 to 9999.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not an instant such as 2026-01-31T00:00:00Z")]
pub struct ParseInstantError(String);

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

impl Instant {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// This many seconds later (or earlier). Saturates at the ends of time.
    pub const fn plus(self, seconds: Seconds) -> Self {
        Self(self.0.saturating_add(seconds.0.saturating_mul(MICROS_PER_SECOND)))
    }

    /// The same time of day `days` later. Days are UTC days of exactly 24 hours.
    pub const fn plus_days(self, days: u32) -> Self {
        self.plus(Seconds::from_days(days))
    }

    /// The same time of day `months` after this anchor, on the anchor's day or the last day of a
    /// shorter month. Always count from the anchor, never from the previous result: Jan 31, Feb 28, Mar 31.
    /// Saturates at the year 9999.
    pub fn plus_months(self, months: u32) -> Self {
        let anchor = self.timestamp().to_zoned(TimeZone::UTC);
        match Span::new().try_months(months).ok().and_then(|span| anchor.checked_add(span).ok()) {
            Some(later) => Self(later.timestamp().as_microsecond()),
            None => Self(Timestamp::MAX.as_microsecond()),
        }
    }

    /// Whole months since an anchor: the largest number whose [`Instant::plus_months`] from there is not after this
    /// moment. `None` before the anchor.
    pub fn months_since(self, anchor: Self) -> Option<u32> {
        if self < anchor {
            return None;
        }
        let month_number = |moment: Self| {
            let date = moment.timestamp().to_zoned(TimeZone::UTC).date();
            i32::from(date.year()) * 12 + i32::from(date.month())
        };
        // The boundary that lies in this calendar month may come later in it.
        let months = u32::try_from(month_number(self) - month_number(anchor)).unwrap_or(0);
        Some(if anchor.plus_months(months) <= self { months } else { months.saturating_sub(1) })
    }

    /// The UTC day that this moment falls on.
    pub const fn day(self) -> Day {
        Day(self.0.div_euclid(MICROS_PER_DAY) as i32)
    }

    /// The UTC year that this moment falls in.
    pub fn year(self) -> u32 {
        u32::try_from(self.timestamp().to_zoned(TimeZone::UTC).year()).unwrap_or_default()
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX })
    }
}

impl Seconds {
    /// Whole days of 24 hours.
    pub const fn from_days(days: u32) -> Self {
        Self(days as i64 * 86_400)
    }
}

impl Day {
    /// From days since 1970-01-01.
    pub const fn from_number(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The first moment of the day.
    pub const fn start(self) -> Instant {
        Instant(self.0 as i64 * MICROS_PER_DAY)
    }

    /// The first day of its month.
    pub fn first_of_month(self) -> Self {
        let first = self.start().timestamp().to_zoned(TimeZone::UTC).date().first_of_month();
        first.to_zoned(TimeZone::UTC).map_or(self, |start| Instant(start.timestamp().as_microsecond()).day())
    }

    /// The day after.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().fmt(f)
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Instant {
    type Err = ParseInstantError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<Timestamp>()
            .map(|moment| Self(moment.as_microsecond()))
            .map_err(|_| ParseInstantError(text.chars().take(40).collect()))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.start().timestamp().to_zoned(TimeZone::UTC).date().fmt(f)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Day {
    type Err = ParseInstantError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || ParseInstantError(text.chars().take(40).collect());
        let date: Date = text.parse().map_err(|_| wrong())?;
        let start = date.to_zoned(TimeZone::UTC).map_err(|_| wrong())?;
        Ok(Instant(start.timestamp().as_microsecond()).day())
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn anchors_never_drift() {
        let anchor = at("2026-01-31T10:20:30Z");
        assert_eq!(anchor.plus_months(1), at("2026-02-28T10:20:30Z"));
        assert_eq!(anchor.plus_months(2), at("2026-03-31T10:20:30Z"));
        assert_eq!(at("2028-02-29T00:00:00Z").plus_months(12), at("2029-02-28T00:00:00Z"));
        assert_eq!(at("2028-02-29T00:00:00Z").plus_months(48), at("2032-02-29T00:00:00Z"));
    }

    #[test]
    fn months_are_counted_from_the_anchor() {
        let anchor = at("2026-01-31T10:20:30Z");
        for (moment, months) in [
            ("2026-01-31T10:20:29.999999Z", None),
            ("2026-01-31T10:20:30Z", Some(0)),
            ("2026-02-28T10:20:29.999999Z", Some(0)),
            ("2026-02-28T10:20:30Z", Some(1)),
            ("2026-03-30T23:00:00Z", Some(1)),
            ("2026-03-31T10:20:30Z", Some(2)),
            ("2027-01-31T10:20:30Z", Some(12)),
        ] {
            assert_eq!(at(moment).months_since(anchor), months, "{moment}");
        }
    }

    #[test]
    fn days_are_utc_days() {
        assert_eq!(at("2026-02-28T23:59:59.999999Z").day().to_string(), "2026-02-28");
        assert_eq!(at("2026-02-28T23:59:59.999999Z").day().next().start(), at("2026-03-01T00:00:00Z"));
        assert_eq!(at("1969-12-31T23:00:00Z").day().number(), -1);
        assert_eq!((at("2026-12-31T23:59:59.999999Z").year(), at("2027-01-01T00:00:00Z").year()), (2026, 2027));
        assert_eq!("2026-02-28".parse::<Day>().unwrap(), at("2026-02-28T12:00:00Z").day());
    }

    #[test]
    fn text_is_rfc_3339_in_utc() {
        assert_eq!(at("2026-01-31T01:00:00+01:00").to_string(), "2026-01-31T00:00:00Z");
        assert!("2026-02-30T00:00:00Z".parse::<Instant>().is_err());
    }
}
