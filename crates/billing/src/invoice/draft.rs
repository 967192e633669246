//! What an invoice will say when its payment is paid.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use units::Cents;

use super::{Line, LineKind, Party, Treatment};
use crate::catalog::Tax;

/// What an invoice is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceKind {
    /// Credits that somebody bought.
    Credits,
    /// Credits that were bought without asking.
    AutoTopUp,
    /// A period of the pass.
    Pass,
    /// Seats.
    Seats,
}

/// Everything that a document says beside its number: who, whom, what for, how much. Made by [`Draft::new`] alone, so
/// that the total is always the sum of the lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// What it is for.
    pub kind: InvoiceKind,
    /// Who sells.
    pub seller: Party,
    /// Who buys.
    pub buyer: Party,
    /// How it is taxed.
    pub treatment: Treatment,
    /// The lines, the tax last.
    pub lines: Vec<Line>,
    /// Their sum: what the card pays.
    pub total: Cents,
}

/// Why there is no such draft.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DraftError {
    /// A sum that cannot be counted.
    #[error("the amount is too large for an invoice")]
    TooLarge,
    /// Nothing is left to be paid, or less.
    #[error("an invoice must be for more than zero; this one is for {0}")]
    NotPositive(Cents),
    /// More is to be credited than the invoice still bears.
    #[error("{asked} is more than the {left} that can still be credited of this invoice")]
    CreditTooLarge {
        /// Without tax.
        asked: Cents,
        /// Without tax.
        left: Cents,
    },
}

impl InvoiceKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Credits, Self::AutoTopUp, Self::Pass, Self::Seats];

    /// Its name in the API, in stories and in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Credits => "credits",
            Self::AutoTopUp => "auto_top_up",
            Self::Pass => "pass",
            Self::Seats => "seats",
        }
    }

    /// The kind of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl Draft {
    /// Lines without tax become a draft: the tax is added as the last line, once for all of them, half up.
    ///
    /// # Errors
    /// When the sum cannot be counted, or is not above zero.
    pub fn new(
        kind: InvoiceKind,
        seller: Party,
        buyer: Party,
        tax: &Tax,
        lines: Vec<Line>,
    ) -> Result<Self, DraftError> {
        let treatment = Treatment::of(tax, &seller, &buyer);
        let net = sum(&lines)?;
        let tax = treatment.rate().of_half_up(net).ok_or(DraftError::TooLarge)?;
        Self { kind, seller, buyer, treatment, lines, total: net }.with_tax(tax)
    }

    /// Adds the line of the tax, where there is a tax.
    pub(super) fn with_tax(mut self, tax: Cents) -> Result<Self, DraftError> {
        if let Treatment::Taxed { rate } = self.treatment {
            self.lines.push(Line::one(LineKind::Tax, format!("Tax {rate} % ({})", self.buyer.country), tax));
        }
        self.total = sum(&self.lines)?;
        if self.total > Cents::ZERO { Ok(self) } else { Err(DraftError::NotPositive(self.total)) }
    }

    /// What of it becomes credits.
    pub fn credits(&self) -> Cents {
        self.sum_of(LineKind::is_credits)
    }

    /// The tax.
    pub fn tax(&self) -> Cents {
        self.sum_of(|kind| kind == LineKind::Tax)
    }

    /// All but the tax.
    pub fn net(&self) -> Cents {
        self.sum_of(|kind| kind != LineKind::Tax)
    }

    /// What can be credited, without tax: all but the fee.
    pub fn creditable(&self) -> Cents {
        self.sum_of(|kind| !matches!(kind, LineKind::Fee | LineKind::Tax))
    }

    /// Parts of a sum that was counted when the draft was made.
    fn sum_of(&self, is_wanted: impl Fn(LineKind) -> bool) -> Cents {
        let counts = self.lines.iter().filter(|line| is_wanted(line.kind)).map(|line| line.amount.count());
        Cents::from_count(counts.sum())
    }
}

/// The sum of the lines, when every part of it can be counted, in whatever order.
fn sum(lines: &[Line]) -> Result<Cents, DraftError> {
    let size = lines.iter().try_fold(0i64, |size, line| size.checked_add(line.amount.count().checked_abs()?));
    size.ok_or(DraftError::TooLarge)?;
    Ok(Cents::from_count(lines.iter().map(|line| line.amount.count()).sum()))
}
