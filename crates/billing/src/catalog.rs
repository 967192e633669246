//! The catalog: prices, plans, tiers, presets and limits that an operator can change.
//!
//! It is read strictly (see [`crate::CatalogError`]) and checked for sense, so that every other rule may
//! rely on it: lists are not empty and rise, ranges are ranges, amounts are positive. Model prices have
//! files of their own, in [`crate::pricing`].

mod percent;
pub use percent::Percent;

mod read;

mod credits;
pub use credits::{Purchase, PurchaseRange, TopUp, TopUpChoice, Welcome};

mod seller;

mod plans;
pub use plans::{Pass, PassBonus, SeatPrices, Seats, Trial};

mod rules;
pub use rules::{Brand, Dunning, Limits, Prices, Tax};

use serde::Serialize;

use crate::{
    CatalogError,
    invoice::Party,
    strict::{Mode, Table},
};

/// Everything that an operator can set. The defaults and what they mean stand in `catalog/default.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Catalog {
    /// Names on pages and invoices.
    pub brand: Brand,
    /// Who sells, as invoices name them.
    pub seller: Party,
    /// Free credits of a new user.
    pub welcome: Welcome,
    /// What can be bought.
    pub purchase: Purchase,
    /// What is bought without asking.
    pub top_up: TopUp,
    /// The monthly pass.
    pub pass: Pass,
    /// Seats of organizations.
    pub seats: Seats,
    /// The trial of a new organization.
    pub trial: Trial,
    /// What happens when a payment fails.
    pub dunning: Dunning,
    /// Taxes on invoices.
    pub tax: Tax,
    /// How model prices are looked after.
    pub prices: Prices,
    /// Bounds of what the gateway does.
    pub limits: Limits,
}

const DEFAULTS: &str = include_str!("../catalog/default.toml");

impl Catalog {
    /// The catalog that comes with the program.
    pub fn embedded() -> Self {
        Self::parse(DEFAULTS).expect("the embedded catalog is checked by a test")
    }

    /// Reads a complete catalog: every key must be there.
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        let mut catalog = Self::default();
        let mut root = Table::read(None, text, Mode::Complete)?;
        catalog.read(&mut root)?;
        root.finish()?;
        Ok(catalog)
    }

    /// Reads a catalog that may be partial: the keys that it has replace the defaults. A list replaces
    /// the whole list.
    pub fn over_defaults(text: &str) -> Result<Self, CatalogError> {
        let mut catalog = Self::embedded();
        let mut root = Table::read(None, text, Mode::Partial)?;
        catalog.read(&mut root)?;
        root.finish()?;
        Ok(catalog)
    }

    /// The same for the table `[catalog]` of a larger file, such as a scenario; what else the file holds
    /// is its reader's business. Errors name the lines of that file.
    pub fn over_defaults_within(text: &str) -> Result<Self, CatalogError> {
        let mut catalog = Self::embedded();
        let mut root = Table::read(None, text, Mode::Partial)?;
        if let Some(item) = root.take("catalog") {
            let mut table = item.table()?;
            catalog.read(&mut table)?;
            table.finish()?;
        }
        Ok(catalog)
    }

    fn read(&mut self, root: &mut Table<'_>) -> Result<(), CatalogError> {
        root.section("brand", |table| self.brand.read(table))?;
        root.section("seller", |table| seller::read(&mut self.seller, table))?;
        root.section("welcome", |table| self.welcome.read(table))?;
        root.section("purchase", |table| self.purchase.read(table))?;
        root.section("top_up", |table| self.top_up.read(table))?;
        root.section("pass", |table| self.pass.read(table))?;
        root.section("seats", |table| self.seats.read(table))?;
        root.section("trial", |table| self.trial.read(table))?;
        root.section("dunning", |table| self.dunning.read(table))?;
        root.section("tax", |table| self.tax.read(table))?;
        root.section("prices", |table| self.prices.read(table))?;
        root.section("limits", |table| self.limits.read(table))
    }
}

#[cfg(test)]
mod tests;
