//! Credits, counted in whole nanodollars.

use std::{fmt, iter::Sum, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

use crate::{
    Cents, ParseDecimalError,
    decimal::{self, Beyond},
};

/// An amount of credits in nanodollars (10^-9 USD). Signed, so that a journal line can be one too.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i64);

/// A sum left the range of 64-bit nanodollars (about 9.2 billion dollars).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("amount exceeds nine billion dollars")]
pub struct AmountOverflow;

impl Amount {
    /// No credits.
    pub const ZERO: Self = Self(0);
    /// The largest amount that can be counted.
    pub const MAX: Self = Self(i64::MAX);
    const PLACES: u32 = 9;
    const NANOS_PER_CENT: i64 = 10_000_000;

    /// From a count of nanodollars.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// From whole dollars; for constants and tests.
    ///
    /// # Panics
    /// Beyond nine billion dollars.
    pub const fn from_dollars(dollars: i64) -> Self {
        match dollars.checked_mul(1_000_000_000) {
            Some(nanos) => Self(nanos),
            None => panic!("amount exceeds nine billion dollars"),
        }
    }

    /// What was paid in cents, as credits: $1 paid is $1 of credits.
    pub fn from_cents(cents: Cents) -> Result<Self, AmountOverflow> {
        cents.count().checked_mul(Self::NANOS_PER_CENT).map(Self).ok_or(AmountOverflow)
    }

    /// The count of nanodollars.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Whole cents, rounded down: what a card can be given back for these credits.
    pub const fn to_cents_floor(self) -> Cents {
        Cents::from_count(self.0.div_euclid(Self::NANOS_PER_CENT))
    }

    /// Sum, or an error when it cannot be counted.
    pub fn checked_add(self, other: Self) -> Result<Self, AmountOverflow> {
        self.0.checked_add(other.0).map(Self).ok_or(AmountOverflow)
    }

    /// Difference, or an error when it cannot be counted.
    pub fn checked_sub(self, other: Self) -> Result<Self, AmountOverflow> {
        self.0.checked_sub(other.0).map(Self).ok_or(AmountOverflow)
    }

    /// The amount with the other sign.
    pub fn negated(self) -> Result<Self, AmountOverflow> {
        self.0.checked_neg().map(Self).ok_or(AmountOverflow)
    }

    /// Whether it is more than nothing.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Whether it is less than nothing.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

/// Sums of balances that are known to be in range. Arithmetic that can leave it uses `checked_add`.
///
/// # Panics
/// On overflow: the books would be disagreeing with themselves.
impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, |sum, next| sum.checked_add(next).expect("balances are bounded when they enter"))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal::write(f, i128::from(self.0), Self::PLACES as usize, 2)
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${self}")
    }
}

impl FromStr for Amount {
    type Err = ParseDecimalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let value = decimal::parse(text, Self::PLACES, Beyond::Refuse)?;
        i64::try_from(value).map(Self).map_err(|_| ParseDecimalError::TooLarge(text.chars().take(40).collect()))
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_at_least_two_places_and_no_needless_zeros() {
        for (nanos, text) in [
            (0, "0.00"),
            (5_000_000_000, "5.00"),
            (700, "0.0000007"),
            (12_345_678_901, "12.345678901"),
            (-1, "-0.000000001"),
            (i64::MIN, "-9223372036.854775808"),
        ] {
            assert_eq!(Amount::from_nanos(nanos).to_string(), text);
            assert_eq!(text.parse(), Ok(Amount::from_nanos(nanos)));
        }
    }

    #[test]
    fn what_is_printed_reads_back_to_the_last_nanodollar() {
        // Cents, and amounts that no binary fraction can hold.
        let awkward = (0..100_000).map(|cents| cents * 10_000_000).chain((0..100_000).map(|n| n * 92_233_720_368_547));
        for amount in awkward.map(Amount::from_nanos) {
            assert_eq!(amount.to_string().parse(), Ok(amount));
        }
    }

    #[test]
    fn stands_in_columns() {
        assert_eq!(format!("{:>8}|{:<8}|", Amount::from_dollars(5), Amount::from_dollars(-5)), "    5.00|-5.00   |");
    }

    #[test]
    fn ten_million_tenths_are_exact() {
        let tenth: Amount = "0.1".parse().unwrap();
        let sum: Amount = std::iter::repeat_n(tenth, 10_000_000).sum();
        assert_eq!(sum, Amount::from_dollars(1_000_000));
    }

    #[test]
    fn refuses_what_cannot_be_counted() {
        assert!("9223372036.854775808".parse::<Amount>().is_err());
        assert!("0.0000000001".parse::<Amount>().is_err());
        assert_eq!(Amount::MAX.checked_add(Amount::from_nanos(1)), Err(AmountOverflow));
    }

    #[test]
    fn cents_are_floored_when_given_back() {
        assert_eq!("4.999999999".parse::<Amount>().unwrap().to_cents_floor(), Cents::from_count(499));
    }
}
