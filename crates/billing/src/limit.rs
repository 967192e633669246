//! How much a member or an API key may spend of a wallet, and over which days.
//!
//! Days and months are those of UTC. What was spent and what is held is counted where the hold is decided
//! (`ledger::Cap`), so that no two requests can use the same room.

use std::str::FromStr;

use ledger::{Cap, Capped};
use serde::{Deserialize, Serialize};
use units::{Amount, ApiKeyId, Day, Instant, UserId};

/// Over which days a limit of a key counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitPeriod {
    /// From 00:00 UTC of the day.
    Day,
    /// From the first of the month.
    Month,
    /// Everything that was ever spent.
    Total,
}

/// A member's daily limit.
pub fn of_member(user: UserId, limit: Amount, now: Instant) -> Cap {
    Cap { on: Capped::User(user), limit, since: LimitPeriod::Day.since(now), spent: Amount::ZERO }
}

/// An API key's limit.
pub fn of_key(key: ApiKeyId, limit: Amount, period: LimitPeriod, now: Instant) -> Cap {
    Cap { on: Capped::ApiKey(key), limit, since: period.since(now), spent: Amount::ZERO }
}

impl LimitPeriod {
    const ALL: [(Self, &str); 3] = [(Self::Day, "day"), (Self::Month, "month"), (Self::Total, "total")];

    /// Its name, as files and tables have it.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(period, _)| *period == self).map_or("", |(_, name)| name)
    }

    /// The first day that counts now.
    pub fn since(self, now: Instant) -> Day {
        match self {
            Self::Day => now.day(),
            Self::Month => now.day().first_of_month(),
            Self::Total => Day::from_number(i32::MIN),
        }
    }
}

impl FromStr for LimitPeriod {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(_, name)| *name == text).map(|(period, _)| *period);
        found.ok_or_else(|| format!("`{text}` is not one of day, month, total"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_months_begin_at_midnight_utc() {
        let since = |period: LimitPeriod, at: &str| period.since(at.parse().unwrap()).to_string();
        assert_eq!(since(LimitPeriod::Day, "2028-02-29T23:59:59.999999Z"), "2028-02-29");
        assert_eq!(since(LimitPeriod::Day, "2028-03-01T00:00:00Z"), "2028-03-01");
        assert_eq!(since(LimitPeriod::Month, "2028-02-29T23:59:59.999999Z"), "2028-02-01");
        assert_eq!(since(LimitPeriod::Month, "2028-03-01T00:00:00Z"), "2028-03-01");
        assert!(LimitPeriod::Total.since(Instant::EPOCH) < "0001-01-01".parse().unwrap());
    }

    #[test]
    fn names_read_back() {
        for (period, name) in LimitPeriod::ALL {
            assert_eq!((period.name(), name.parse()), (name, Ok(period)));
        }
        assert_eq!("week".parse::<LimitPeriod>().unwrap_err(), "`week` is not one of day, month, total");
    }
}
