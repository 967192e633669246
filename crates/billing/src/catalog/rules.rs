//! Names, failed payments, taxes, prices, and the bounds of the gateway.

use std::collections::BTreeMap;

use serde::Serialize;
use units::Amount;

use super::{Percent, read};
use crate::{
    CatalogError,
    card_guard::CardLimits,
    invoice::is_country,
    strict::{Item, Table},
};

/// Names on pages and invoices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Brand {
    /// What credits and the pass are called after.
    pub name: String,
    /// Where people are sent for help: an address of a page or a mailbox.
    pub support: String,
    /// Where users meet; may be empty.
    pub community: String,
}

/// What happens when a payment fails.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Dunning {
    /// Days after the first failure on which the payment is tried again, rising.
    pub retry_days: Vec<u32>,
    /// Days after the first failure until the service is suspended.
    pub grace_days: u32,
    /// Days of suspension until usage details, keys and settings are deleted.
    pub retention_days: u32,
}

/// Taxes on invoices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tax {
    /// By country of the buyer, in two capital letters. A country that is absent is not taxed.
    pub rates: BTreeMap<String, Percent>,
}

/// How model prices are looked after. The prices have files of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Prices {
    /// Days after which prices that were not read again are called stale.
    pub stale_days: u32,
}

/// Bounds of what the gateway does. Why each has its default stands in `catalog/default.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// The most credits that one adjustment by an operator adds or takes.
    pub adjustment: Amount,
    /// Requests to free models in an hour, for each IP.
    pub free_per_hour: u32,
    /// Bytes of a request body.
    pub max_body_bytes: usize,
    /// Bytes of one upstream answer.
    pub max_answer_bytes: u64,
    /// How long a hold lives unless its request renews it.
    pub hold_lease_seconds: u32,
    /// How long one answer may take.
    pub answer_seconds: u32,
    /// The output limit where neither the request nor the price book has one.
    pub default_output_tokens: u64,
    /// A request that cannot afford so many output tokens is refused rather than clamped.
    pub least_output_tokens: u64,
    /// Requests of one API key that may run at once.
    pub concurrent_per_key: u32,
    /// Requests of one wallet that may run at once.
    pub concurrent_per_wallet: u32,
    /// Streams that are read to their end at once after their clients left.
    pub draining_streams: u32,
    /// Sign-in codes that one network may ask for in an hour.
    pub codes_per_network: u32,
    /// Of them for one mail address. Other networks are not counted, so nobody can lock an address.
    pub codes_per_address: u32,
    /// Devices of one network that may wait for their person at once.
    pub devices_per_network: u32,
    /// How many cards may be tried.
    pub cards: CardLimits,
}

impl Brand {
    /// Such as "Kilo credits".
    pub fn credits(&self) -> String {
        format!("{} credits", self.name)
    }

    /// Such as "Kilo Pass".
    pub fn pass(&self) -> String {
        format!("{} Pass", self.name)
    }

    pub(super) fn read(&mut self, table: &mut Table<'_>) -> Result<(), CatalogError> {
        table.set("name", &mut self.name, Item::text)?;
        table.set("support", &mut self.support, Item::text)?;
        table.set("community", &mut self.community, Item::text_or_empty)
    }
}

impl Dunning {
    pub(super) fn read(&mut self, table: &mut Table<'_>) -> Result<(), CatalogError> {
        read::rising(table, "retry_days", &mut self.retry_days, read::days)?;
        table.set("grace_days", &mut self.grace_days, read::days)?;
        table.set("retention_days", &mut self.retention_days, read::days)?;
        match self.retry_days.last() {
            Some(last) if *last > self.grace_days => {
                let reason = format!("the last retry, day {last}, must not be after `grace_days`, {}", self.grace_days);
                table.blame(&["retry_days", "grace_days"], reason)
            }
            _ => Ok(()),
        }
    }
}

impl Tax {
    /// The rate for a buyer from this country.
    pub fn rate(&self, country: &str) -> Percent {
        self.rates.get(country).copied().unwrap_or_default()
    }

    pub(super) fn read(&mut self, table: &mut Table<'_>) -> Result<(), CatalogError> {
        table.section("rates", |table| {
            for (country, item) in table.all() {
                if !is_country(&country) {
                    return item.fail(format!("`{country}` is not a country in two capital letters such as DE"));
                }
                self.rates.insert(country, read::percent(&item)?);
            }
            Ok(())
        })
    }
}

impl Prices {
    pub(super) fn read(&mut self, table: &mut Table<'_>) -> Result<(), CatalogError> {
        table.set("stale_days", &mut self.stale_days, read::days)
    }
}

impl Limits {
    pub(super) fn read(&mut self, table: &mut Table<'_>) -> Result<(), CatalogError> {
        const GIB: u64 = 1 << 30;
        table.set("adjustment", &mut self.adjustment, read::credits)?;
        table.set("free_per_hour", &mut self.free_per_hour, read::number(0, 1_000_000))?;
        table.set("max_body_bytes", &mut self.max_body_bytes, read::number(1024, GIB))?;
        table.set("max_answer_bytes", &mut self.max_answer_bytes, read::number(1024, 64 * GIB))?;
        table.set("hold_lease_seconds", &mut self.hold_lease_seconds, seconds)?;
        table.set("answer_seconds", &mut self.answer_seconds, seconds)?;
        table.set("default_output_tokens", &mut self.default_output_tokens, read::number(1, 10_000_000))?;
        table.set("least_output_tokens", &mut self.least_output_tokens, read::number(1, 1_000_000))?;
        table.set("concurrent_per_key", &mut self.concurrent_per_key, read::number(1, 1_000_000))?;
        table.set("concurrent_per_wallet", &mut self.concurrent_per_wallet, read::number(1, 1_000_000))?;
        table.set("draining_streams", &mut self.draining_streams, read::number(1, 1_000_000))?;
        table.set("codes_per_network", &mut self.codes_per_network, read::number(1, 1_000_000))?;
        table.set("codes_per_address", &mut self.codes_per_address, read::number(1, 1_000))?;
        table.set("devices_per_network", &mut self.devices_per_network, read::number(1, 1_000))?;
        table.section("cards", |table| {
            let CardLimits { tries_per_hour, tries_per_network, cards_per_day, backoff_seconds } = &mut self.cards;
            table.set("tries_per_hour", tries_per_hour, read::number(1, 100_000))?;
            table.set("tries_per_network", tries_per_network, read::number(1, 1_000_000))?;
            table.set("cards_per_day", cards_per_day, read::number(1, 1_000))?;
            table.set("backoff_seconds", backoff_seconds, read::number(0, 3_600))
        })?;
        if self.least_output_tokens > self.default_output_tokens {
            let reason = "`least_output_tokens` must not exceed `default_output_tokens`";
            return table.blame(&["least_output_tokens", "default_output_tokens"], reason);
        }
        Ok(())
    }
}

/// From ten seconds, so that a lease can be renewed in time, to a day.
fn seconds(item: &Item<'_>) -> Result<u32, CatalogError> {
    read::number(10, 86_400)(item)
}
