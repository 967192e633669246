//! Readers of single values, with the sense that each must make.

use std::fmt::Display;

use units::{Amount, Cents};

use super::Percent;
use crate::{
    CatalogError,
    strict::{Item, Table},
};

/// Card money above zero.
pub(super) fn money(item: &Item<'_>) -> Result<Cents, CatalogError> {
    let cents: Cents = item.decimal()?;
    if cents > Cents::ZERO { Ok(cents) } else { item.fail(format!("`{cents}` must be more than zero")) }
}

/// What a month or year of something costs: bounded, so that a line of very many seats can be counted.
pub(super) fn price(item: &Item<'_>) -> Result<Cents, CatalogError> {
    const MOST: Cents = Cents::from_count(100_000_000);
    let cents = money(item)?;
    if cents <= MOST { Ok(cents) } else { item.fail(format!("`{cents}` must not exceed {MOST}")) }
}

/// Credits of zero or more.
pub(super) fn credits(item: &Item<'_>) -> Result<Amount, CatalogError> {
    let amount: Amount = item.decimal()?;
    if amount.is_negative() { item.fail(format!("`{amount}` must be zero or more")) } else { Ok(amount) }
}

/// A percentage from 0 to 100.
pub(super) fn percent(item: &Item<'_>) -> Result<Percent, CatalogError> {
    item.decimal()
}

/// A whole number from `least` to `most`.
pub(super) fn number<T: TryFrom<u64>>(least: u64, most: u64) -> impl Fn(&Item<'_>) -> Result<T, CatalogError> {
    move |item| {
        let number = item.whole(least..=most)?;
        T::try_from(number).or_else(|_| item.fail(format!("`{number}` is too large")))
    }
}

/// Calendar lengths: from one day to ten years.
pub(super) fn days(item: &Item<'_>) -> Result<u32, CatalogError> {
    number(1, 3653)(item)
}

/// A list that is not empty and rises.
pub(super) fn rising<T: Ord + Display>(
    table: &mut Table<'_>,
    key: &'static str,
    list: &mut Vec<T>,
    read: impl Fn(&Item<'_>) -> Result<T, CatalogError>,
) -> Result<(), CatalogError> {
    table.set_list(key, list, read)?;
    if list.is_empty() {
        return table.blame(&[key], "at least one is needed");
    }
    match list.windows(2).find(|pair| pair[0] >= pair[1]) {
        Some(pair) => {
            table.blame(&[key], format!("`{}` stands before `{}`: put them in rising order", pair[0], pair[1]))
        }
        None => Ok(()),
    }
}
