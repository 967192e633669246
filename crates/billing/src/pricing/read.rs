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

use units::{Cost, Day, Instant};

use super::{
    Modality, Model, Offer, Peak, PriceList, Rates, Sheet, Source, Tier,
    price_list::{FREE_SUFFIX, Terms},
};
use crate::{
    CatalogError,
    strict::{Item, Mode, Place, Table},
};

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
        let read = price_list(file, model, &mut list)?;
        if prices.last().is_some_and(|last: &PriceList| last.effective_from() >= read.effective_from()) {
            return list.blame(&["effective_from"], "price lists stand in the order of their dates, each with its own");
        }
        list.finish()?;
        prices.push(read);
    }
    if prices.is_empty() && model.ends_with(FREE_SUFFIX) {
        prices.push(free_list(file, model));
    }
    if prices.is_empty() {
        return table.fail("a model needs at least one [[model.prices]]");
    }
    Ok(Offer { provider: file.provider.clone(), upstream_model: named.unwrap_or_else(|| own_name.to_owned()), prices })
}

fn free_list(file: &File, model: &str) -> PriceList {
    let terms = Terms {
        model: model.to_owned(),
        provider: file.provider.clone(),
        effective_from: Instant::EPOCH,
        sheet: Sheet { base: Rates::FREE, tiers: Vec::new() },
        peaks: Vec::new(),
        per_request: Cost::ZERO,
    };
    let document = format!("the name of the model, which ends in {FREE_SUFFIX}");
    PriceList::new(terms, Source { document, read_on: Instant::EPOCH.day() })
}

fn price_list(file: &File, model: &str, table: &mut Table<'_>) -> Result<PriceList, CatalogError> {
    let sheet = sheet(table)?;
    let terms = Terms {
        model: model.to_owned(),
        provider: file.provider.clone(),
        // Without a date a list holds from the beginning: when it began, its provider does not say.
        effective_from: table.optional("effective_from", |item| item.instant())?.unwrap_or(Instant::EPOCH),
        peaks: table
            .tables("peak")?
            .into_iter()
            .map(|peak_table| peak(&sheet, peak_table))
            .collect::<Result<_, _>>()?,
        per_request: table.optional("per_request", per_request)?.unwrap_or_default(),
        sheet,
    };
    let source = table.optional("source", |item| item.text())?.or_else(|| file.source.clone());
    let read_on = table.optional("read_on", |item| item.day())?.or(file.read_on);
    let (Some(document), Some(read_on)) = (source, read_on) else {
        return table.fail("prices need `source` and `read_on`, here or at the head of the file");
    };
    let list = PriceList::new(terms, Source { document, read_on });
    if list.is_free() && !costs_nothing(&list) {
        return table.fail(format!("a model whose id ends in {FREE_SUFFIX} has no prices above zero"));
    }
    Ok(list)
}

fn costs_nothing(list: &PriceList) -> bool {
    let sheets = std::iter::once(list.sheet()).chain(list.peaks().iter().map(|peak| &peak.sheet));
    let free = |rates: &Rates| rates.dearest_input().attos() == 0 && rates.dearest_output().attos() == 0;
    list.per_request().is_zero() && sheets.flat_map(Sheet::all).all(free)
}

fn per_request(item: Item<'_>) -> Result<Cost, CatalogError> {
    let cost: Cost = item.decimal()?;
    if cost.is_negative() { item.fail("a price is never negative") } else { Ok(cost) }
}

fn sheet(table: &mut Table<'_>) -> Result<Sheet, CatalogError> {
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

fn peak(ordinary: &Sheet, mut table: Table<'_>) -> Result<Peak, CatalogError> {
    let peak = Peak {
        hours: table.need("hours")?.each(|item| item.word())?,
        days: table.optional("days", |item| item.each(|item| item.word()))?.unwrap_or_default(),
        sheet: sheet(&mut table)?,
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
