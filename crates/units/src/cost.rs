//! What a provider charges, to 18 places, and the part below a nanodollar that a wallet carries.

use std::{fmt, iter::Sum, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    Amount, AmountOverflow, ParseDecimalError,
    decimal::{self, Beyond},
};

/// An exact cost in attodollars (10^-18 USD).
///
/// Prices per token have up to 18 places, and so has their product with a whole number of tokens:
/// a cost computed from a price list is never rounded.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cost(i128);

/// The part of a wallet's costs that is below one nanodollar and not debited yet: 0 to 999,999,999 attodollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Remainder(u32);

const ATTOS_PER_NANO: i128 = 1_000_000_000;

impl Cost {
    /// Free of charge.
    pub const ZERO: Self = Self(0);
    const PLACES: u32 = 18;

    /// From a count of attodollars.
    pub const fn from_attos(attos: i128) -> Self {
        Self(attos)
    }

    /// The count of attodollars.
    pub const fn attos(self) -> i128 {
        self.0
    }

    /// Reads a cost that a provider reports, which may have more than 18 places: digits beyond the
    /// 18th are rounded half up. Less than 10^-18 dollars a request is lost or won.
    pub fn parse_reported(text: &str) -> Result<Self, ParseDecimalError> {
        decimal::parse(text, Self::PLACES, Beyond::HalfUp).map(Self)
    }

    /// Sum, or an error when it cannot be counted.
    pub fn checked_add(self, other: Self) -> Result<Self, AmountOverflow> {
        self.0.checked_add(other.0).map(Self).ok_or(AmountOverflow)
    }

    /// The smallest amount of credits that surely pays this cost, whatever remainder a wallet carries.
    pub fn to_amount_ceil(self) -> Result<Amount, AmountOverflow> {
        let nanos = -(-self.0).div_euclid(ATTOS_PER_NANO);
        i64::try_from(nanos).map(Amount::from_nanos).map_err(|_| AmountOverflow)
    }

    /// Whether nothing is charged.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether it is below zero, which no provider may report.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }
}

impl From<Amount> for Cost {
    fn from(amount: Amount) -> Self {
        Self(i128::from(amount.nanos()) * ATTOS_PER_NANO)
    }
}

impl Remainder {
    /// From a count of attodollars below one nanodollar; `None` beyond it.
    pub const fn from_attos(attos: u32) -> Option<Self> {
        if (attos as i128) < ATTOS_PER_NANO { Some(Self(attos)) } else { None }
    }

    /// The count of attodollars.
    pub const fn attos(self) -> u32 {
        self.0
    }

    /// Adds a cost and splits off the whole nanodollars to debit now; the rest is carried on.
    pub fn carry(self, cost: Cost) -> Result<(Amount, Self), AmountOverflow> {
        let total = cost.0.checked_add(i128::from(self.0)).ok_or(AmountOverflow)?;
        let nanos = i64::try_from(total.div_euclid(ATTOS_PER_NANO)).map_err(|_| AmountOverflow)?;
        let rest = u32::try_from(total.rem_euclid(ATTOS_PER_NANO)).expect("below one nanodollar");
        Ok((Amount::from_nanos(nanos), Self(rest)))
    }
}

/// # Panics
/// On overflow, beyond 10^20 dollars.
impl Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, |sum, next| sum.checked_add(next).expect("costs are bounded"))
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal::write(f, self.0, Self::PLACES as usize, 2)
    }
}

impl fmt::Debug for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${self}")
    }
}

impl FromStr for Cost {
    type Err = ParseDecimalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        decimal::parse(text, Self::PLACES, Beyond::Refuse).map(Self)
    }
}

impl Serialize for Cost {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cost {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_small_costs_debit_their_exact_sum() {
        let cost: Cost = "0.0000000004".parse().unwrap();
        let mut remainder = Remainder::default();
        let mut debited = 0;
        for _ in 0..1_000_000 {
            let (amount, rest) = remainder.carry(cost).unwrap();
            debited += amount.nanos();
            remainder = rest;
        }
        assert_eq!(debited, 400_000);
        assert_eq!(remainder, Remainder::default());
    }

    #[test]
    fn reported_costs_are_read_as_the_provider_writes_them() {
        assert_eq!(Cost::parse_reported("1.5e-7").unwrap().attos(), 150_000_000_000);
        assert_eq!(Cost::parse_reported("0.1234567890123456789").unwrap().attos(), 123_456_789_012_345_679);
        assert!("0.1234567890123456789".parse::<Cost>().is_err());
    }

    #[test]
    fn the_ceiling_always_pays() {
        assert_eq!(Cost::from_attos(1).to_amount_ceil(), Ok(Amount::from_nanos(1)));
        assert_eq!(Cost::from_attos(1_000_000_000).to_amount_ceil(), Ok(Amount::from_nanos(1)));
        assert_eq!(Cost::ZERO.to_amount_ceil(), Ok(Amount::ZERO));
    }
}
