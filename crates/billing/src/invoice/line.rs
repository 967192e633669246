//! One line of an invoice.

use serde::{Deserialize, Serialize};
use units::Cents;

/// What a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Credits that somebody bought.
    Credits,
    /// Credits that were bought without asking.
    AutoTopUp,
    /// A period of the pass.
    Pass,
    /// Seats for a period.
    Seats,
    /// Part of a period: seats added, or a plan changed, in its middle.
    Proration,
    /// The processing fee. It is not part of the credits and is not paid back.
    Fee,
    /// Tax on all the lines before it.
    Tax,
}

impl LineKind {
    /// Its name in the API, in stories and in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Credits => "credits",
            Self::AutoTopUp => "auto_top_up",
            Self::Pass => "pass",
            Self::Seats => "seats",
            Self::Proration => "proration",
            Self::Fee => "fee",
            Self::Tax => "tax",
        }
    }

    /// Whether what it costs becomes credits.
    pub const fn is_credits(self) -> bool {
        matches!(self, Self::Credits | Self::AutoTopUp | Self::Pass)
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it is for.
    pub kind: LineKind,
    /// The same in words, for the reader.
    pub text: String,
    /// How many; 1 where counting says nothing.
    pub quantity: u32,
    /// All of them together, without tax.
    pub amount: Cents,
}

impl Line {
    /// One of something.
    pub fn one(kind: LineKind, text: impl Into<String>, amount: Cents) -> Self {
        Self { kind, text: text.into(), quantity: 1, amount }
    }
}
