//! One value of a file, read as what its key wants.

use std::{fmt::Display, ops::RangeInclusive, str::FromStr};

use toml::{
    Spanned,
    de::{DeInteger, DeValue},
    value::Datetime,
};
use units::{Day, Instant};

use super::{CatalogError, Mode, Place, Table, fail};

/// A value with its full key and its place.
pub(crate) struct Item<'s> {
    place: Place<'s>,
    mode: Mode,
    key: String,
    value: Spanned<DeValue<'s>>,
}

impl<'s> Item<'s> {
    pub(super) fn new(place: Place<'s>, mode: Mode, key: String, value: Spanned<DeValue<'s>>) -> Self {
        Self { place, mode, key, value }
    }

    /// An error about this value.
    pub(crate) fn fail<T>(&self, reason: impl Into<String>) -> Result<T, CatalogError> {
        fail(self.place, self.value.span(), &self.key, reason)
    }

    /// The value as a table.
    pub(crate) fn table(self) -> Result<Table<'s>, CatalogError> {
        Table::of(self.place, self.mode, self.key, self.value)
    }

    /// The values of a list, each keeping its own place.
    pub(crate) fn list(self) -> Result<Vec<Item<'s>>, CatalogError> {
        let span = self.value.span();
        let DeValue::Array(values) = self.value.into_inner() else {
            return fail(self.place, span, &self.key, "a list in [ ] is wanted here");
        };
        Ok(values
            .into_iter()
            .enumerate()
            .map(|(at, value)| Item::new(self.place, self.mode, format!("{}[{at}]", self.key), value))
            .collect())
    }

    /// Each value of a list, read by `read`.
    pub(crate) fn each<T>(self, read: impl Fn(Item<'s>) -> Result<T, CatalogError>) -> Result<Vec<T>, CatalogError> {
        self.list()?.into_iter().map(read).collect()
    }

    /// Text in quotes that is not blank.
    pub(crate) fn text(&self) -> Result<String, CatalogError> {
        match self.value.get_ref().as_str() {
            Some(text) if text.trim().is_empty() => self.fail("this text must not be empty"),
            _ => self.text_or_empty(),
        }
    }

    /// Text in quotes.
    pub(crate) fn text_or_empty(&self) -> Result<String, CatalogError> {
        match self.value.get_ref().as_str() {
            Some(text) => Ok(text.to_owned()),
            None => self.fail(format!("a text in quotes is wanted here, not a {}", self.value.get_ref().type_str())),
        }
    }

    /// `true` or `false`.
    pub(crate) fn truth(&self) -> Result<bool, CatalogError> {
        match self.value.get_ref().as_bool() {
            Some(truth) => Ok(truth),
            None => self.fail("`true` or `false` is wanted here"),
        }
    }

    /// A whole number within `range`.
    pub(crate) fn whole(&self, range: RangeInclusive<u64>) -> Result<u64, CatalogError> {
        let wanted = format!("a whole number from {} to {} is wanted here", range.start(), range.end());
        match self.value.get_ref().as_integer().and_then(integer) {
            Some(number) if range.contains(&number) => Ok(number),
            _ => self.fail(wanted),
        }
    }

    /// An exact decimal such as an amount or a price: `"15.00"` in quotes, or a whole number without.
    pub(crate) fn decimal<T: FromStr<Err: Display>>(&self) -> Result<T, CatalogError> {
        let text = match self.value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
            DeValue::Float(number) => {
                return self.fail(format!("write amounts in quotes, \"{number}\", so that they stay exact"));
            }
            other => {
                return self.fail(format!("an amount such as \"12.50\" is wanted here, not a {}", other.type_str()));
            }
        };
        text.parse().or_else(|error: T::Err| self.fail(error.to_string()))
    }

    /// A text with a meaning of its own, such as a day of the week.
    pub(crate) fn word<T: FromStr<Err: Display>>(&self) -> Result<T, CatalogError> {
        self.text()?.parse().or_else(|error: T::Err| self.fail(error.to_string()))
    }

    /// A calendar day: `2026-01-31`, quoted or not.
    pub(crate) fn day(&self) -> Result<Day, CatalogError> {
        let text = match self.value.get_ref() {
            DeValue::Datetime(Datetime { date: Some(date), time: None, offset: None }) => date.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => return self.fail("a day such as 2026-01-31 is wanted here"),
        };
        text.parse().or_else(|_| self.fail(format!("`{text}` is not a day such as 2026-01-31")))
    }

    /// A moment: a day, which stands for its first moment in UTC, or an instant with its offset.
    pub(crate) fn instant(&self) -> Result<Instant, CatalogError> {
        match self.value.get_ref() {
            DeValue::Datetime(moment @ Datetime { time: Some(_), .. }) => {
                let text = moment.to_string();
                let wanted = "an instant with its offset such as 2026-01-31T00:00:00Z is wanted here";
                text.parse().or_else(|_| self.fail(wanted))
            }
            _ => self.day().map(Day::start),
        }
    }
}

fn integer(number: &DeInteger<'_>) -> Option<u64> {
    u64::from_str_radix(number.as_str(), number.radix()).ok()
}
