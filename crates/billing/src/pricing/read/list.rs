//! One dated price list of a price file.

use units::{Cost, Instant};

use super::{File, sheet};
use crate::{
    CatalogError,
    pricing::{FREE_SUFFIX, PriceList, Rates, Sheet, Source, Terms},
    strict::{Item, Table},
};

/// The list of a model that is free by its name.
pub(super) fn free_list(file: &File, model: &str) -> PriceList {
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

/// One `[[model.prices]]`.
pub(super) fn price_list(file: &File, model: &str, table: &mut Table<'_>) -> Result<PriceList, CatalogError> {
    let sheet = sheet::read(table)?;
    let terms = Terms {
        model: model.to_owned(),
        provider: file.provider.clone(),
        // Without a date a list holds from the beginning: when it began, its provider does not say.
        effective_from: table.optional("effective_from", |item| item.instant())?.unwrap_or(Instant::EPOCH),
        peaks: table
            .tables("peak")?
            .into_iter()
            .map(|peak_table| sheet::peak(&sheet, peak_table))
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
