//! Price files, written as they are read.

use std::fmt::Write as _;

use units::Instant;

use super::{Model, Offer, Peak, PriceList, Rates, Sheet};

/// The price file of one provider: the models that it serves first. Reading it gives the same models.
///
/// Offers of second providers are left out; they belong to the files of those providers.
pub fn price_file<'m>(provider: &str, models: impl IntoIterator<Item = &'m Model>) -> String {
    let mut text = format!("provider = {}\n", quoted(provider));
    for model in models {
        if let Some(offer) = model.offers.first().filter(|offer| offer.provider == provider) {
            write_model(&mut text, model, offer);
        }
    }
    text
}

fn write_model(text: &mut String, model: &Model, offer: &Offer) {
    let mut line = |line: String| text.extend([line.as_str(), "\n"]);
    line(format!("\n[[model]]\nid = {}\nname = {}", quoted(&model.id), quoted(&model.name)));
    line(format!("context_length = {}", model.context_length));
    let optional = [("max_output_tokens", model.max_output_tokens), ("image_tokens", model.image_tokens)];
    for (key, tokens) in optional {
        tokens.into_iter().for_each(|tokens| line(format!("{key} = {tokens}")));
    }
    line(format!("input_modalities = {}", list(&model.input)));
    line(format!("output_modalities = {}", list(&model.output)));
    line(format!("upstream_model = {}", quoted(&offer.upstream_model)));
    offer.prices.iter().for_each(|list| write_list(text, list));
}

fn write_list(text: &mut String, list: &PriceList) {
    let source = list.source();
    text.push_str("\n[[model.prices]]\n");
    if list.effective_from() != Instant::EPOCH {
        put(text, "effective_from", &instant(list.effective_from()));
    }
    put(text, "source", &quoted(&source.document));
    put(text, "read_on", &source.read_on.to_string());
    if !list.per_request().is_zero() {
        put(text, "per_request", &quoted(&list.per_request().to_string()));
    }
    write_sheet(text, "model.prices", list.sheet());
    list.peaks().iter().for_each(|peak| write_peak(text, peak));
}

fn write_peak(text: &mut String, peak: &Peak) {
    text.push_str("\n[[model.prices.peak]]\n");
    put(text, "hours", &list(&peak.hours));
    if !peak.days.is_empty() {
        put(text, "days", &list(&peak.days));
    }
    write_sheet(text, "model.prices.peak", &peak.sheet);
}

fn write_sheet(text: &mut String, path: &str, sheet: &Sheet) {
    write_rates(text, &sheet.base);
    for tier in &sheet.tiers {
        text.extend(["\n[[", path, ".tier]]\n"]);
        put(text, "above", &tier.above.to_string());
        if tier.inclusive {
            put(text, "inclusive", "true");
        }
        write_rates(text, &tier.rates);
    }
}

fn write_rates(text: &mut String, rates: &Rates) {
    let prices = [
        ("input", Some(rates.input)),
        ("output", Some(rates.output)),
        ("cache_read", rates.cache_read),
        ("cache_write", rates.cache_write),
        ("cache_write_1h", rates.cache_write_1h),
        ("reasoning", rates.reasoning),
    ];
    for (key, price) in prices {
        price.into_iter().for_each(|price| put(text, key, &quoted(&price.per_million().to_string())));
    }
}

fn put(text: &mut String, key: &str, value: &str) {
    writeln!(text, "{key} = {value}").expect("writing to a text never fails");
}

fn instant(at: Instant) -> String {
    if at == at.day().start() { at.day().to_string() } else { at.to_string() }
}

fn list(items: &[impl ToString]) -> String {
    let items: Vec<_> = items.iter().map(|item| quoted(&item.to_string())).collect();
    format!("[{}]", items.join(", "))
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

#[cfg(test)]
mod tests;
