//! Real money: cards and invoices, counted in whole cents.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    ParseDecimalError,
    decimal::{self, Beyond},
};

/// An amount of real money in US cents. Signed, for credit notes.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cents(i64);

impl Cents {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From a count of cents.
    pub const fn from_count(cents: i64) -> Self {
        Self(cents)
    }

    /// The count of cents.
    pub const fn count(self) -> i64 {
        self.0
    }

    /// `self x numerator / denominator`, rounded half away from zero. Multiplies first and divides last.
    /// `None` when the result cannot be counted or the denominator is not positive.
    pub fn scaled_half_up(self, numerator: i64, denominator: i64) -> Option<Self> {
        if denominator <= 0 {
            return None;
        }
        let product = i128::from(self.0) * i128::from(numerator);
        let denominator = i128::from(denominator);
        let rounded = (product.abs() * 2 + denominator) / (denominator * 2) * product.signum();
        i64::try_from(rounded).ok().map(Self)
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal::write(f, i128::from(self.0), 2, 2)
    }
}

impl fmt::Debug for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${self}")
    }
}

impl FromStr for Cents {
    type Err = ParseDecimalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let value = decimal::parse(text, 2, Beyond::Refuse)?;
        i64::try_from(value).map(Self).map_err(|_| ParseDecimalError::TooLarge(text.chars().take(40).collect()))
    }
}

impl Serialize for Cents {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cents {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proration_examples_of_the_specification() {
        let seat = Cents::from_count(1_500);
        assert_eq!(seat.scaled_half_up(14, 28), Some(Cents::from_count(750)));
        assert_eq!(seat.scaled_half_up(30, 31), Some(Cents::from_count(1_452)));
        assert_eq!(Cents::from_count(4_500).scaled_half_up(1, 31), Some(Cents::from_count(145)));
        assert_eq!(Cents::from_count(18_000).scaled_half_up(107, 366), Some(Cents::from_count(5_262)));
        assert_eq!(Cents::from_count(-1).scaled_half_up(1, 2), Some(Cents::from_count(-1)));
        assert_eq!(seat.scaled_half_up(1, 0), None);
    }
}
