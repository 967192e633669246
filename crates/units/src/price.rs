//! The price of one unit: a token, an image, a request.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    AmountOverflow, Cost, ParseDecimalError,
    decimal::{self, Beyond},
};

/// Attodollars (10^-18 USD) for one unit. $0.10 per million tokens is 10^11.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitPrice(u64);

impl UnitPrice {
    /// Free.
    pub const ZERO: Self = Self(0);

    /// From attodollars for one unit.
    pub const fn from_attos(attos: u64) -> Self {
        Self(attos)
    }

    /// Attodollars for one unit.
    pub const fn attos(self) -> u64 {
        self.0
    }

    /// Reads dollars for one unit, as OpenRouter and LiteLLM list them (`0.0000025`, `2.5e-06`).
    pub fn parse_per_unit(text: &str) -> Result<Self, ParseDecimalError> {
        Self::parse(text, 18)
    }

    /// Reads dollars for a million units, as providers publish them (`2.50`).
    pub fn parse_per_million(text: &str) -> Result<Self, ParseDecimalError> {
        Self::parse(text, 12)
    }

    fn parse(text: &str, places: u32) -> Result<Self, ParseDecimalError> {
        let attos = decimal::parse(text, places, Beyond::Refuse)?;
        u64::try_from(attos).map(Self).map_err(|_| match attos {
            ..0 => ParseDecimalError::NotANumber(text.chars().take(40).collect()),
            _ => ParseDecimalError::TooLarge(text.chars().take(40).collect()),
        })
    }

    /// The exact cost of `units`.
    pub fn times(self, units: u64) -> Result<Cost, AmountOverflow> {
        i128::from(self.0).checked_mul(i128::from(units)).map(Cost::from_attos).ok_or(AmountOverflow)
    }

    /// Dollars for a million units, as text.
    pub fn per_million(self) -> impl fmt::Display {
        struct PerMillion(u64);
        impl fmt::Display for PerMillion {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                decimal::write(f, i128::from(self.0), 12, 2)
            }
        }
        PerMillion(self.0)
    }
}

/// Dollars for one unit.
impl fmt::Display for UnitPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal::write(f, i128::from(self.0), 18, 0)
    }
}

impl fmt::Debug for UnitPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${} per million", self.per_million())
    }
}

/// Reads dollars for a million units, the form of Tare's own catalog.
impl FromStr for UnitPrice {
    type Err = ParseDecimalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse_per_million(text)
    }
}

impl Serialize for UnitPrice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.per_million())
    }
}

impl<'de> Deserialize<'de> for UnitPrice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_tokens_at_ten_cents_a_million() {
        let price: UnitPrice = "0.10".parse().unwrap();
        assert_eq!(price.times(7), Ok("0.0000007".parse().unwrap()));
        assert_eq!(price, UnitPrice::parse_per_unit("1e-7").unwrap());
        assert_eq!(price.to_string(), "0.0000001");
        assert_eq!(price.per_million().to_string(), "0.10");
    }

    #[test]
    fn a_price_is_never_negative() {
        assert!("-1".parse::<UnitPrice>().is_err());
    }
}
