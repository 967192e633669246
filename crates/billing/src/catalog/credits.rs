//! Credits that are given, bought, and bought without asking.

use serde::Serialize;
use units::{Amount, Cents};

use super::{Percent, read};
use crate::{CatalogError, strict::Table};

/// Free credits of a new user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Welcome {
    /// How many; zero gives none.
    pub amount: Amount,
    /// Days until they expire.
    pub days: u32,
}

/// What can be bought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Purchase {
    /// By a user.
    pub personal: PurchaseRange,
    /// By an organization.
    pub organization: PurchaseRange,
    /// A processing fee on an invoice line of its own.
    pub fee_percent: Percent,
}

/// Amounts that can be bought at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PurchaseRange {
    /// Amounts to choose from, rising.
    pub presets: Vec<Cents>,
    /// The least that can be bought.
    pub min: Cents,
    /// The most that can be bought.
    pub max: Cents,
}

/// What is bought without asking.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TopUp {
    /// For a user.
    pub personal: TopUpChoice,
    /// For an organization.
    pub organization: TopUpChoice,
    /// The most automatic payments of one wallet in a UTC day.
    pub per_day: u32,
    /// The monthly cap that holds until the holder chooses one, in multiples of the amount.
    pub monthly_cap_factor: u32,
}

/// When and how much.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TopUpChoice {
    /// It fires when available falls below this.
    pub threshold: Amount,
    /// Amounts to choose from, rising.
    pub amounts: Vec<Cents>,
    /// The amount that is chosen unless another is: one of `amounts`.
    pub default: Cents,
}

impl Welcome {
    pub(super) fn read(&mut self, table: &mut Table<'_>) -> Result<(), CatalogError> {
        table.set("amount", &mut self.amount, read::credits)?;
        table.set("days", &mut self.days, read::days)
    }
}

impl Purchase {
    pub(super) fn read(&mut self, table: &mut Table<'_>) -> Result<(), CatalogError> {
        table.set("fee_percent", &mut self.fee_percent, read::percent)?;
        table.section("personal", |table| self.personal.read(table))?;
        table.section("organization", |table| self.organization.read(table))
    }
}

impl PurchaseRange {
    /// Whether this amount can be bought.
    pub fn allows(&self, amount: Cents) -> bool {
        (self.min..=self.max).contains(&amount)
    }

    fn read(&mut self, table: &mut Table<'_>) -> Result<(), CatalogError> {
        table.set("min", &mut self.min, read::money)?;
        table.set("max", &mut self.max, read::money)?;
        read::rising(table, "presets", &mut self.presets, read::money)?;
        let (min, max) = (self.min, self.max);
        if min > max {
            return table
                .blame(&["min", "max"], format!("`min` is {min} and `max` is {max}: `min` must not be larger"));
        }
        match self.presets.iter().find(|preset| !self.allows(**preset)) {
            Some(preset) => {
                let reason = format!("the preset {preset} must be from `min`, {min}, to `max`, {max}");
                table.blame(&["presets", "min", "max"], reason)
            }
            None => Ok(()),
        }
    }
}

impl TopUp {
    pub(super) fn read(&mut self, table: &mut Table<'_>) -> Result<(), CatalogError> {
        table.set("per_day", &mut self.per_day, read::number(1, 1_000))?;
        table.set("monthly_cap_factor", &mut self.monthly_cap_factor, read::number(1, 10_000))?;
        table.section("personal", |table| self.personal.read(table))?;
        table.section("organization", |table| self.organization.read(table))
    }
}

impl TopUpChoice {
    fn read(&mut self, table: &mut Table<'_>) -> Result<(), CatalogError> {
        table.set("threshold", &mut self.threshold, read::credits)?;
        read::rising(table, "amounts", &mut self.amounts, read::money)?;
        table.set("default", &mut self.default, read::money)?;
        if !self.amounts.contains(&self.default) {
            return table
                .blame(&["default", "amounts"], format!("`default`, {}, must be one of `amounts`", self.default));
        }
        // A smaller one would leave the wallet below the threshold, and fire again at once.
        let reaches = |amount: &Cents| Amount::from_cents(*amount).is_ok_and(|credits| credits >= self.threshold);
        match self.amounts.iter().find(|amount| !reaches(amount)) {
            Some(amount) => {
                let reason = format!("the amount {amount} must be at least the threshold, {}", self.threshold);
                table.blame(&["amounts", "threshold"], reason)
            }
            None => Ok(()),
        }
    }
}
