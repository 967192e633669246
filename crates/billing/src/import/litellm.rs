//! LiteLLM's table of model prices and context windows: one JSON object, an entry for each model.

use serde_json::{Map, Value};
use units::{Cost, Day};

use super::{
    Draft, ImportError, Imported, Kind, Prices,
    draft::{digits, price, public_name, whole},
    json,
};
use crate::pricing::{Modality, Source, Weekday, Window};

type Entry = Map<String, Value>;

/// Reads the table as it stood on `read_on`. Entries that are withdrawn by then, and those that are not
/// priced by tokens, are skipped.
pub fn litellm(text: &str, read_on: Day) -> Result<Imported, ImportError> {
    let not_the_table = ImportError::OtherList("LiteLLM's table of model prices");
    let Value::Object(entries) = json(text)? else { return Err(not_the_table) };
    if !entries.values().any(|entry| entry.get("litellm_provider").is_some()) {
        return Err(not_the_table);
    }
    let mut imported = Imported::default();
    for (name, entry) in &entries {
        // The first entry explains the others.
        let Some(entry) = entry.as_object().filter(|_| name != "sample_spec") else { continue };
        let draft = draft(name, entry, read_on);
        if draft.is_ok() {
            imported.leave_out(entry.keys().filter(|key| key.contains("cost") && !is_taken(key)));
        }
        imported.add(name, draft);
    }
    Ok(imported)
}

/// What LiteLLM calls the price of each kind.
const KEYS: [(Kind, &str); 6] = [
    (Kind::Input, "input_cost_per_token"),
    (Kind::Output, "output_cost_per_token"),
    (Kind::CacheRead, "cache_read_input_token_cost"),
    (Kind::CacheWrite, "cache_creation_input_token_cost"),
    (Kind::CacheWrite1h, "cache_creation_input_token_cost_above_1hr"),
    (Kind::Reasoning, "output_cost_per_reasoning_token"),
];

/// LiteLLM's names of providers that public ids call otherwise.
const PROVIDERS: [(&str, &str); 9] = [
    ("gemini", "google"),
    ("xai", "x-ai"),
    ("mistral", "mistralai"),
    ("moonshot", "moonshotai"),
    ("zai", "z-ai"),
    ("cohere_chat", "cohere"),
    ("together_ai", "together"),
    ("fireworks_ai", "fireworks"),
    ("meta_llama", "meta"),
];

fn draft(listed: &str, entry: &Entry, read_on: Day) -> Result<Draft, String> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    let output = match text("mode") {
        Some("chat" | "responses" | "completion") => Modality::Text,
        Some("embedding") => Modality::Embedding,
        mode => return Err(format!("{} models are not priced by tokens alone", mode.unwrap_or("other"))),
    };
    if text("deprecation_date").and_then(|day| day.parse::<Day>().ok()).is_some_and(|day| day <= read_on) {
        return Err("its provider has withdrawn it".to_owned());
    }
    let theirs = text("litellm_provider").ok_or("it names no provider")?;
    let ours = PROVIDERS.iter().find(|(name, _)| *name == theirs).map_or(theirs, |(_, ours)| ours);
    let provider = public_name(ours).replace('_', "-");
    let upstream_model = listed.strip_prefix(theirs).and_then(|rest| rest.strip_prefix('/')).unwrap_or(listed);
    let per_request = entry.get("input_cost_per_request").and_then(digits).map(str::parse::<Cost>);
    let page = text("source").map(|page| format!(", after {page}")).unwrap_or_default();
    let mut base = base_prices(entry)?;
    if output == Modality::Embedding && base.get(Kind::Output).is_none() {
        base.set(Kind::Output, Some(units::UnitPrice::ZERO));
    }
    let mut draft = Draft {
        id: format!("{provider}/{}", public_name(upstream_model)),
        name: upstream_model.to_owned(),
        upstream_model: upstream_model.to_owned(),
        context_length: context(entry).ok_or("its context length is not known")?,
        max_output_tokens: whole(entry.get("max_output_tokens")).filter(|_| output == Modality::Text),
        input: input_modalities(entry),
        output: vec![output],
        base,
        tiers: named_tiers(entry)?,
        peaks: Vec::new(),
        per_request: per_request.transpose().map_err(|error| error.to_string())?.unwrap_or_default(),
        source: Source { document: format!("LiteLLM's table of model prices{page}"), read_on },
        provider,
    };
    listed_tiers(entry, &mut draft)?;
    off_peak(entry, &mut draft)?;
    Ok(draft)
}

fn prices(entry: &Entry) -> Result<Prices, String> {
    let mut prices = Prices::default();
    for (kind, key) in KEYS {
        prices.set(kind, price(entry.get(key))?);
    }
    Ok(prices)
}

/// A cache price of zero means in this table that there is none, and reasoning at the price of output is
/// not priced apart.
fn base_prices(entry: &Entry) -> Result<Prices, String> {
    let mut base = prices(entry)?;
    for kind in [Kind::CacheRead, Kind::CacheWrite, Kind::CacheWrite1h, Kind::Reasoning] {
        base.set(kind, base.get(kind).filter(|price| price.attos() > 0));
    }
    if base.get(Kind::Reasoning) == base.get(Kind::Output) {
        base.set(Kind::Reasoning, None);
    }
    Ok(base)
}

fn context(entry: &Entry) -> Option<u64> {
    whole(entry.get("max_input_tokens")).or_else(|| whole(entry.get("max_tokens")))
}

fn input_modalities(entry: &Entry) -> Vec<Modality> {
    let supports = |key: &str| entry.get(key).and_then(Value::as_bool).unwrap_or(false);
    let mut input = vec![Modality::Text];
    input.extend(supports("supports_vision").then_some(Modality::Image));
    input.extend(supports("supports_pdf_input").then_some(Modality::File));
    input
}

/// Tiers in the names of keys, as in `input_cost_per_token_above_200k_tokens`.
fn named_tiers(entry: &Entry) -> Result<Vec<(u64, bool, Prices)>, String> {
    let mut tiers: Vec<(u64, bool, Prices)> = Vec::new();
    for (key, value) in entry {
        let Some((kind, above)) = tier_key(key) else { continue };
        let at = tiers.iter().position(|tier| tier.0 == above).unwrap_or_else(|| {
            tiers.push((above, false, Prices::default()));
            tiers.len() - 1
        });
        tiers[at].2.set(kind, price(Some(value))?);
    }
    Ok(tiers)
}

fn tier_key(key: &str) -> Option<(Kind, u64)> {
    let (name, thousands) = key.strip_suffix("k_tokens")?.rsplit_once("_above_")?;
    let (kind, _) = KEYS.into_iter().find(|(_, known)| *known == name)?;
    Some((kind, thousands.parse::<u64>().ok()?.checked_mul(1_000)?))
}

/// Tiers as a list of ranges; the first of them is the base.
fn listed_tiers(entry: &Entry, draft: &mut Draft) -> Result<(), String> {
    let Some(ranges) = entry.get("tiered_pricing").and_then(Value::as_array) else { return Ok(()) };
    for (at, range) in ranges.iter().enumerate() {
        let wrong = || "its tiers are not ranges of prompt lengths".to_owned();
        let entry = range.as_object().filter(|range| range.contains_key("range")).ok_or_else(wrong)?;
        let start = entry.get("range").and_then(|range| range.get(0));
        match (at, whole(start)) {
            (0, _) => draft.base = base_prices(entry)?.over(&draft.base),
            (_, Some(above)) => draft.tiers.push((above, false, prices(entry)?)),
            (_, None) => return Err(wrong()),
        }
    }
    Ok(())
}

/// Cheaper hours: a list of windows, each with hours in UTC and days of the week from 1, Monday, to 7.
fn off_peak(entry: &Entry, draft: &mut Draft) -> Result<(), String> {
    let Some(off_peak) = entry.get("off_peak_pricing").and_then(Value::as_object) else { return Ok(()) };
    let wrong = || "its cheaper hours are not understood".to_owned();
    if off_peak.get("weekday_timezone").is_some_and(|zone| zone != "UTC") {
        return Err("its cheaper hours follow the days of another time zone than UTC".to_owned());
    }
    let cheaper = prices(off_peak)?;
    for window in off_peak.get("windows").and_then(Value::as_array).ok_or_else(wrong)? {
        let hours = match window.get("hours_utc") {
            Some(Value::Array(hours)) => hours.iter().collect(),
            Some(one) => vec![one],
            None => return Err(wrong()),
        };
        let hours = hours.into_iter().map(|hours| hours.as_str()?.parse::<Window>().ok());
        let days = window.get("weekdays").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let days = days.iter().map(|day| Weekday::ALL.get(whole(Some(day))? as usize - 1).copied());
        let hours = hours.collect::<Option<_>>().ok_or_else(wrong)?;
        draft.peaks.push((hours, days.collect::<Option<_>>().ok_or_else(wrong)?, cheaper.clone()));
    }
    Ok(())
}

/// Whether a price key was understood.
fn is_taken(key: &str) -> bool {
    key == "input_cost_per_request" || KEYS.iter().any(|(_, known)| *known == key) || tier_key(key).is_some()
}
