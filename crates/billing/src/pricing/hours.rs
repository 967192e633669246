//! Hours of the UTC day at which a provider asks other prices.
//!
//! Public holidays are absent on purpose: no provider publishes them in a form that a program can
//! check, so on a holiday the prices of the ordinary weekday hold.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use units::Instant;

use super::Sheet;

/// A stretch of the UTC day in whole minutes, `[start, end)`. It may run over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First minute of the day, 0 to 1439.
    pub start: u16,
    /// The minute after the last one, 1 to 1440.
    pub end: u16,
}

/// A day of the week in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

/// Prices that hold during some hours of some days instead of the ordinary ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peak {
    /// At which hours.
    pub hours: Vec<Window>,
    /// On which days; every day when empty. The day is that of the instant itself, also after midnight.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Weekday>,
    /// What holds then.
    pub sheet: Sheet,
}

const MINUTES_PER_DAY: i64 = 1440;
const MICROS_PER_MINUTE: i64 = 60_000_000;

impl Peak {
    /// Whether a request admitted at `at` is in these hours.
    pub fn holds_at(&self, at: Instant) -> bool {
        let minute = at.micros().div_euclid(MICROS_PER_MINUTE).rem_euclid(MINUTES_PER_DAY);
        let today = Weekday::of(at);
        let is_day = self.days.is_empty() || self.days.contains(&today);
        is_day && self.hours.iter().any(|window| window.holds(minute))
    }
}

impl Window {
    fn holds(self, minute: i64) -> bool {
        let (start, end) = (i64::from(self.start), i64::from(self.end));
        if start < end { (start..end).contains(&minute) } else { minute >= start || minute < end }
    }
}

impl Weekday {
    /// Monday to Sunday.
    pub const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];

    /// The UTC day of the week. 1970-01-01 was a Thursday.
    pub fn of(at: Instant) -> Self {
        let since_monday = (i64::from(at.day().number()) + 3).rem_euclid(7);
        Self::ALL[usize::try_from(since_monday).expect("0 to 6")]
    }
}

impl FromStr for Weekday {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let found = names.iter().position(|name| *name == text).map(|at| Self::ALL[at]);
        found.ok_or_else(|| format!("`{text}` is not one of {}", names.join(", ")))
    }
}

impl fmt::Display for Weekday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", format!("{self:?}").to_lowercase())
    }
}

impl FromStr for Window {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a stretch of the day such as 01:00-04:00");
        let (start, end) = text.split_once('-').ok_or_else(wrong)?;
        let (start, end) = (minute(start).ok_or_else(wrong)?, minute(end).ok_or_else(wrong)?);
        match end {
            0 => Ok(Self { start, end: 1440 }),
            _ if start == 1440 || start == end => Err(wrong()),
            _ => Ok(Self { start, end }),
        }
    }
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let is_number = |digits: &str| digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
    let number = |digits: &str| if is_number(digits) { digits.parse::<u16>().ok() } else { None };
    let (hour, minute) = (number(hour)?, number(minute)?);
    (minute < 60 && (hour < 24 || (hour, minute) == (24, 0))).then_some(hour * 60 + minute)
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { start, end } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", start / 60, start % 60, end / 60, end % 60)
    }
}

impl Serialize for Window {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <std::borrow::Cow<'de, str>>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(text: &str) -> Window {
        text.parse().unwrap()
    }

    #[test]
    fn windows_are_half_open_and_may_run_over_midnight() {
        assert!(window("01:00-04:00").holds(60));
        assert!(window("01:00-04:00").holds(239));
        assert!(!window("01:00-04:00").holds(240));
        assert!(window("22:30-06:00").holds(22 * 60 + 30));
        assert!(window("22:30-06:00").holds(0));
        assert!(!window("22:30-06:00").holds(360));
        assert!(window("16:30-00:00").holds(1439));
        assert!(!window("16:30-00:00").holds(0));
        assert!(window("00:00-24:00").holds(777));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "1:00-2:00",
            "01:00",
            "24:00-01:00",
            "05:00-05:00",
            "01:60-03:00",
            "23:00-24:30",
            "25:00-26:00",
            "+1:00-02:00",
        ] {
            assert!(text.parse::<Window>().is_err(), "{text}");
        }
        assert!("monday".parse::<Weekday>().is_err());
    }

    #[test]
    fn days_of_the_week_are_those_of_the_instant_in_utc() {
        let day = |text: &str| Weekday::of(text.parse().unwrap());
        assert_eq!(day("1970-01-01T00:00:00Z"), Weekday::Thu);
        assert_eq!(day("1969-12-31T23:59:59Z"), Weekday::Wed);
        assert_eq!(day("2028-02-29T23:59:59.999999Z"), Weekday::Tue);
        assert_eq!(day("2026-11-22T01:00:00+02:00"), Weekday::Sat);
    }
}
