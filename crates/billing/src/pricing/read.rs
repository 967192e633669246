//! Price files: one TOML file for each provider, read strictly.
//!
//! ```toml
//! provider = "acme"                # who serves and charges
//! source = "Acme price page"       # where the prices were read; a list may name its own
//! read_on = 2026-11-01             # and when
//!
//! [[model]]
//! id = "acme/one"                  # public id
//! name = "Acme One"
//! context_length = 200000
//! max_output_tokens = 8192         # optional, as are image_tokens and the modalities
//! upstream_model = "one-20261001"  # optional: the part of the id after the slash
//!
//! [[model.prices]]                 # dollars for a million tokens
//! effective_from = 2026-10-01      # a day (UTC) or an instant; absent: from the beginning
//! input = "3.00"
//! output = "15.00"                 # cache_read, cache_write, cache_write_1h, reasoning: where priced apart
//! per_request = "0.01"             # dollars
//!
//! [[model.prices.tier]]            # prompts above 128,000 tokens
//! above = 128000
//! inclusive = false                # whether exactly 128,000 are above it
//! input = "6.00"
//! output = "30.00"
//!
//! [[model.prices.peak]]            # other prices at some hours, in UTC; may have tiers of its own
//! hours = ["01:00-04:00"]
//! days = ["mon", "tue"]            # absent: every day
//! input = "6.00"
//! output = "30.00"
//!
//! [[offer]]                        # a second provider for a model of another file
//! model = "other/two"
//! upstream_model = "other-two"
//! # [[offer.prices]] as above
//! ```

use std::{collections::BTreeMap, ops::Range};

use units::Day;

use super::{FREE_SUFFIX, Modality, Model, Offer, PriceList};
use crate::{
    CatalogError,
    strict::{Item, Mode, Place, Table},
};

mod list;
mod sheet;

/// What holds for a whole file.
struct File {
    provider: String,
    source: Option<String>,
    read_on: Option<Day>,
}

/// A provider's offer for a model that another file describes. Joined when all files are read.
pub(super) struct ForeignOffer<'s> {
    place: Place<'s>,
    span: Range<usize>,
    model: String,
    offer: Offer,
}

/// More tokens than any model takes; a larger number is a mistake in the file.
const MOST_TOKENS: u64 = 1_000_000_000;

/// Adds the models of one file to `models`, and hands back its offers for models of other files.
pub(super) fn price_file<'s>(
    name: &'s str,
    text: &'s str,
    models: &mut BTreeMap<String, Model>,
) -> Result<Vec<ForeignOffer<'s>>, CatalogError> {
    let mut root = Table::read(Some(name), text, Mode::Complete)?;
    let file = File {
        provider: root.need("provider")?.text()?,
        source: root.optional("source", |item| item.text())?,
        read_on: root.optional("read_on", |item| item.day())?,
    };
    for mut table in root.tables("model")? {
        let model = model(&file, &mut table)?;
        if models.contains_key(&model.id) {
            return table
                .blame(&["id"], format!("`{}` is described twice; use [[offer]] for a second provider", model.id));
        }
        table.finish()?;
        models.insert(model.id.clone(), model);
    }
    let mut offers = Vec::new();
    for mut table in root.tables("offer")? {
        let model = table.need("model")?.text()?;
        let offer = offer(&file, &model, &mut table)?;
        let (place, span) = table.whereabouts();
        table.finish()?;
        offers.push(ForeignOffer { place, span, model, offer });
    }
    root.finish()?;
    Ok(offers)
}

impl ForeignOffer<'_> {
    /// Adds the offer to the model that it is for.
    pub(super) fn join(self, models: &mut BTreeMap<String, Model>) -> Result<(), CatalogError> {
        let error = |reason| self.place.error(self.span.clone(), "offer.model", reason);
        let Some(model) = models.get_mut(&self.model) else {
            return Err(error(format!("no price file describes the model `{}`", self.model)));
        };
        if model.offer(&self.offer.provider).is_some() {
            return Err(error(format!("`{}` has two offers for `{}`", self.offer.provider, self.model)));
        }
        model.offers.push(self.offer);
        Ok(())
    }
}

fn model(file: &File, table: &mut Table<'_>) -> Result<Model, CatalogError> {
    let id = public_id(&table.need("id")?)?;
    Ok(Model {
        name: table.need("name")?.text()?,
        context_length: table.need("context_length")?.whole(1..=MOST_TOKENS)?,
        max_output_tokens: table.optional("max_output_tokens", |item| item.whole(1..=MOST_TOKENS))?,
        image_tokens: table.optional("image_tokens", |item| item.whole(1..=MOST_TOKENS))?,
        input: table.optional("input_modalities", modalities)?.unwrap_or_else(|| vec![Modality::Text]),
        output: table.optional("output_modalities", modalities)?.unwrap_or_else(|| vec![Modality::Text]),
        offers: vec![offer(file, &id, table)?],
        id,
    })
}

fn public_id(item: &Item<'_>) -> Result<String, CatalogError> {
    let id = item.text()?;
    let letters = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._:".contains(&b))
    };
    match id.split_once('/') {
        Some((provider, name)) if letters(provider) && letters(name) => Ok(id),
        _ => item.fail("a public id is provider/name in lower case letters, digits and - . _ :"),
    }
}

fn modalities(item: Item<'_>) -> Result<Vec<Modality>, CatalogError> {
    item.each(|item| item.word())
}

fn offer(file: &File, model: &str, table: &mut Table<'_>) -> Result<Offer, CatalogError> {
    let named = table.optional("upstream_model", |item| item.text())?;
    let own_name = model.split_once('/').map_or(model, |(_, name)| name);
    let mut prices = Vec::new();
    for mut list in table.tables("prices")? {
        let read = list::price_list(file, model, &mut list)?;
        if prices.last().is_some_and(|last: &PriceList| last.effective_from() >= read.effective_from()) {
            return list.blame(&["effective_from"], "price lists stand in the order of their dates, each with its own");
        }
        list.finish()?;
        prices.push(read);
    }
    if prices.is_empty() && model.ends_with(FREE_SUFFIX) {
        prices.push(list::free_list(file, model));
    }
    if prices.is_empty() {
        return table.fail("a model needs at least one [[model.prices]]");
    }
    Ok(Offer { provider: file.provider.clone(), upstream_model: named.unwrap_or_else(|| own_name.to_owned()), prices })
}
