//! What is paid by the month or year: the pass and seats, and the trial before them.

use serde::Serialize;
use units::Cents;

use super::{Percent, read};
use crate::{CatalogError, strict::Table};

/// The personal subscription that grants credits each month.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pass {
    /// Prices of a month, rising. A tier is named by its price.
    pub tiers: Vec<Cents>,
    /// A year costs so many months.
    pub yearly_factor: u32,
    /// Free credits on top.
    pub bonus: PassBonus,
}

/// Percentages of a tier's price.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PassBonus {
    /// The first month of a user's first subscription.
    pub first_month: Percent,
    /// Month 1 otherwise.
    pub start: Percent,
    /// More with each further month in a row.
    pub step: Percent,
    /// The most.
    pub cap: Percent,
    /// Every month of a yearly pass.
    pub yearly: Percent,
    /// Months until a bonus expires.
    pub months: u32,
}

/// Plans of organizations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Seats {
    /// The smaller plan.
    pub teams: SeatPrices,
    /// The larger plan, which a trial tries.
    pub enterprise: SeatPrices,
}

/// What one seat costs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SeatPrices {
    /// For a month.
    pub monthly: Cents,
    /// For a year.
    pub yearly: Cents,
}

/// The trial of a new organization.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Trial {
    /// How long it is.
    pub days: u32,
    /// How many seats it has.
    pub seats: u32,
}

impl Pass {
    pub(super) fn read(&mut self, table: &mut Table<'_>) -> Result<(), CatalogError> {
        read::rising(table, "tiers", &mut self.tiers, read::price)?;
        table.set("yearly_factor", &mut self.yearly_factor, read::number(1, 12))?;
        table.section("bonus", |table| self.bonus.read(table))
    }
}

impl PassBonus {
    fn read(&mut self, table: &mut Table<'_>) -> Result<(), CatalogError> {
        table.set("first_month", &mut self.first_month, read::percent)?;
        table.set("start", &mut self.start, read::percent)?;
        table.set("step", &mut self.step, read::percent)?;
        table.set("cap", &mut self.cap, read::percent)?;
        table.set("yearly", &mut self.yearly, read::percent)?;
        table.set("months", &mut self.months, read::number(1, 120))?;
        if self.start > self.cap {
            return table
                .blame(&["start", "cap"], format!("`start`, {}, must not exceed `cap`, {}", self.start, self.cap));
        }
        Ok(())
    }
}

impl Seats {
    pub(super) fn read(&mut self, table: &mut Table<'_>) -> Result<(), CatalogError> {
        table.section("teams", |table| self.teams.read(table))?;
        table.section("enterprise", |table| self.enterprise.read(table))
    }
}

impl SeatPrices {
    fn read(&mut self, table: &mut Table<'_>) -> Result<(), CatalogError> {
        table.set("monthly", &mut self.monthly, read::price)?;
        table.set("yearly", &mut self.yearly, read::price)
    }
}

impl Trial {
    pub(super) fn read(&mut self, table: &mut Table<'_>) -> Result<(), CatalogError> {
        table.set("days", &mut self.days, read::days)?;
        table.set("seats", &mut self.seats, read::number(1, 1_000_000))
    }
}
