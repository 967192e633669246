//! Percentages of card amounts.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use units::{Amount, Cents};

/// A percentage in thousandths of a percent: tax rates have up to three places, as in 8.875 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(u32);

const PER_PERCENT: u32 = 1_000;
/// 10^-3 in nanodollars: percentages are read by the one parser of decimals.
const NANOS_PER_STEP: i64 = 1_000_000;

impl Percent {
    /// All of it.
    pub const HUNDRED: Self = Self(100 * PER_PERCENT);

    /// Whole percents.
    pub const fn whole(percent: u32) -> Self {
        Self(percent * PER_PERCENT)
    }

    /// Thousandths of a percent.
    pub const fn thousandths(self) -> u32 {
        self.0
    }

    /// The percentage, in whole cents, half up. `None` when it cannot be counted.
    pub fn of_half_up(self, cents: Cents) -> Option<Cents> {
        cents.scaled_half_up(i64::from(self.0), i64::from(Self::HUNDRED.0))
    }

    /// The larger percentage that follows after `steps` steps, at most `cap`.
    pub fn stepped(self, step: Self, steps: u32, cap: Self) -> Self {
        Self(self.0.saturating_add(step.0.saturating_mul(steps))).min(cap)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / PER_PERCENT, self.0 % PER_PERCENT);
        if rest == 0 {
            return write!(f, "{whole}");
        }
        write!(f, "{whole}.{}", format!("{rest:03}").trim_end_matches('0'))
    }
}

impl FromStr for Percent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a percentage from 0 to 100 with at most three places, such as 8.875");
        let nanos = text.parse::<Amount>().map_err(|_| wrong())?.nanos();
        let steps = u32::try_from(nanos / NANOS_PER_STEP).map_err(|_| wrong())?;
        if nanos % NANOS_PER_STEP == 0 && steps <= Self::HUNDRED.0 { Ok(Self(steps)) } else { Err(wrong()) }
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints() {
        for text in ["0", "5", "8.875", "7.7", "100"] {
            assert_eq!(text.parse::<Percent>().unwrap().to_string(), text);
        }
        for text in ["-1", "100.001", "1.2345", "5%", "", "-0.001"] {
            assert!(text.parse::<Percent>().is_err(), "{text}");
        }
    }

    #[test]
    fn is_taken_half_up_in_cents() {
        assert_eq!(Percent::whole(5).of_half_up(Cents::from_count(1_900)), Some(Cents::from_count(95)));
        assert_eq!(Percent::whole(50).of_half_up(Cents::from_count(1)), Some(Cents::from_count(1)));
        let tax: Percent = "8.875".parse().unwrap();
        assert_eq!(tax.of_half_up(Cents::from_count(20_000)), Some(Cents::from_count(1_775)));
    }

    #[test]
    fn steps_end_at_the_cap() {
        let (start, cap) = (Percent::whole(5), Percent::whole(40));
        assert_eq!(start.stepped(start, 0, cap), Percent::whole(5));
        assert_eq!(start.stepped(start, 7, cap), Percent::whole(40));
        assert_eq!(start.stepped(start, u32::MAX, cap), cap);
    }
}
