//! Whether and how a sale is taxed.

use serde::{Deserialize, Serialize};

use super::Party;
use crate::catalog::{Percent, Tax};

/// How a sale is taxed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Treatment {
    /// The catalog taxes nothing in the buyer's country.
    Untaxed,
    /// The seller takes the tax and hands it on.
    Taxed {
        /// The rate of the buyer's country.
        rate: Percent,
    },
    /// The buyer accounts for the tax: the invoice has none and says so.
    ReverseCharge,
}

impl Treatment {
    /// Of a sale between these two. Where the buyer lives decides about the rate; a valid tax id of another country
    /// than the seller's hands the tax over to the buyer.
    pub fn of(tax: &Tax, seller: &Party, buyer: &Party) -> Self {
        let rate = tax.rate(&buyer.country);
        if rate == Percent::default() {
            return Self::Untaxed;
        }
        match buyer.has_valid_tax_id() && buyer.country != seller.country {
            true => Self::ReverseCharge,
            false => Self::Taxed { rate },
        }
    }

    /// What is taken, which may be nothing.
    pub fn rate(self) -> Percent {
        match self {
            Self::Taxed { rate } => rate,
            Self::Untaxed | Self::ReverseCharge => Percent::default(),
        }
    }
}
