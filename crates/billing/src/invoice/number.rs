//! Numbers of documents: `2026-000001` is the first invoice of 2026, `2026-C000001` its first credit note.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// Documents that are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Series {
    /// Invoices.
    Invoice,
    /// Credit notes.
    CreditNote,
}

/// The number of one document. No two have the same, and within a year of a series none is left out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number {
    /// The UTC year in which it was issued.
    pub year: u32,
    /// Counted with which others.
    pub series: Series,
    /// From 1.
    pub count: u32,
}

/// A text that is no number of a document.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is not a number such as 2026-000001 or, of a credit note, 2026-C000001")]
pub struct ParseNumberError(String);

impl Series {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Invoice, Self::CreditNote];

    /// As it is stored and sent.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::CreditNote => "credit_note",
        }
    }

    /// The series of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|series| series.name() == name)
    }

    const fn letter(self) -> &'static str {
        match self {
            Self::Invoice => "",
            Self::CreditNote => "C",
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{}{:06}", self.year, self.series.letter(), self.count)
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Number {
    type Err = ParseNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || ParseNumberError(text.chars().take(40).collect());
        let (year, rest) = text.split_once('-').ok_or_else(wrong)?;
        let (series, count) = match rest.strip_prefix('C') {
            Some(count) => (Series::CreditNote, count),
            None => (Series::Invoice, rest),
        };
        let digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        let (year, count) = digits(year).zip(digits(count)).ok_or_else(wrong)?;
        let number = Self { year, series, count };
        // One number has one text.
        if count == 0 || number.to_string() != text { Err(wrong()) } else { Ok(number) }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}
