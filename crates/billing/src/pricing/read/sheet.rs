//! Rates, tiers and peak hours of a price file.

use super::MOST_TOKENS;
use crate::{
    CatalogError,
    pricing::{Peak, Rates, Sheet, Tier},
    strict::Table,
};

/// Rates and their tiers.
pub(super) fn read(table: &mut Table<'_>) -> Result<Sheet, CatalogError> {
    let base = rates(table)?;
    let mut tiers: Vec<Tier> = Vec::new();
    for mut tier_table in table.tables("tier")? {
        let tier = Tier {
            above: tier_table.need("above")?.whole(1..=MOST_TOKENS)?,
            inclusive: tier_table.optional("inclusive", |item| item.truth())?.unwrap_or(false),
            rates: rates(&mut tier_table)?,
        };
        if tiers.last().is_some_and(|last| last.above >= tier.above) {
            return tier_table.blame(&["above"], "tiers stand in the order of their lengths, each with its own");
        }
        same_kinds(&base, &tier.rates, &tier_table)?;
        tier_table.finish()?;
        tiers.push(tier);
    }
    Ok(Sheet { base, tiers })
}

/// A tier that forgot its cache price would silently charge the full input price.
fn same_kinds(base: &Rates, other: &Rates, table: &Table<'_>) -> Result<(), CatalogError> {
    let kinds = |rates: &Rates| {
        [rates.cache_read, rates.cache_write, rates.cache_write_1h, rates.reasoning].map(|price| price.is_some())
    };
    let names = ["cache_read", "cache_write", "cache_write_1h", "reasoning"];
    let differing = kinds(base).into_iter().zip(kinds(other)).position(|(here, there)| here != there);
    match differing {
        Some(at) => table.fail(format!("`{}` must be priced both here and in the prices this belongs to", names[at])),
        None => Ok(()),
    }
}

/// One `[[model.prices.peak]]`, which prices the same kinds as the `ordinary` sheet.
pub(super) fn peak(ordinary: &Sheet, mut table: Table<'_>) -> Result<Peak, CatalogError> {
    let peak = Peak {
        hours: table.need("hours")?.each(|item| item.word())?,
        days: table.optional("days", |item| item.each(|item| item.word()))?.unwrap_or_default(),
        sheet: read(&mut table)?,
    };
    same_kinds(&ordinary.base, &peak.sheet.base, &table)?;
    if peak.hours.is_empty() {
        return table.blame(&["hours"], "name at least one stretch of the day such as \"01:00-04:00\", in UTC");
    }
    table.finish()?;
    Ok(peak)
}

fn rates(table: &mut Table<'_>) -> Result<Rates, CatalogError> {
    Ok(Rates {
        input: table.need("input")?.decimal()?,
        output: table.need("output")?.decimal()?,
        cache_read: table.optional("cache_read", |item| item.decimal())?,
        cache_write: table.optional("cache_write", |item| item.decimal())?,
        cache_write_1h: table.optional("cache_write_1h", |item| item.decimal())?,
        reasoning: table.optional("reasoning", |item| item.decimal())?,
    })
}
