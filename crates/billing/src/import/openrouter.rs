//! OpenRouter's list of models, as its `GET /api/v1/models` answers.
//!
//! OpenRouter reports what it charged with each answer, and that decides; these prices serve for holds,
//! for lists, and for answers that end before their usage.

use serde_json::{Map, Value};
use units::{Cost, Day};

use super::{
    Draft, ImportError, Imported, Kind, Prices,
    draft::{digits, price, public_name, whole},
    json,
};
use crate::pricing::{Modality, Source, Window};

type Entry = Map<String, Value>;

/// Reads the list as it was answered on `read_on`.
pub fn openrouter(text: &str, read_on: Day) -> Result<Imported, ImportError> {
    let list = json(text)?;
    let models = list.get("data").and_then(Value::as_array);
    let models = models.ok_or(ImportError::OtherList("OpenRouter's list of models"))?;
    let mut imported = Imported::default();
    for model in models.iter().filter_map(Value::as_object) {
        let id = model.get("id").and_then(Value::as_str).unwrap_or("a model without id");
        let draft = draft(id, model, read_on);
        if let (Ok(_), Some(pricing)) = (&draft, model.get("pricing").and_then(Value::as_object)) {
            imported.leave_out(pricing.iter().filter(|(key, value)| is_left_out(key, value)).map(|(key, _)| key));
        }
        imported.add(id, draft);
    }
    Ok(imported)
}

const KEYS: [(Kind, &str); 6] = [
    (Kind::Input, "prompt"),
    (Kind::Output, "completion"),
    (Kind::CacheRead, "input_cache_read"),
    (Kind::CacheWrite, "input_cache_write"),
    (Kind::CacheWrite1h, "input_cache_write_1h"),
    (Kind::Reasoning, "internal_reasoning"),
];

fn draft(id: &str, model: &Entry, read_on: Day) -> Result<Draft, String> {
    let (provider, name) = id.split_once('/').ok_or("its id is not provider/name")?;
    let pricing = model.get("pricing").and_then(Value::as_object).ok_or("it has no prices")?;
    let asks = |key: &str| pricing.get(key).and_then(digits);
    if asks("prompt").is_some_and(|price| price.starts_with('-')) {
        return Err("its price depends on the model that answers".to_owned());
    }
    let top_provider = model.get("top_provider");
    let mut draft = Draft {
        provider: "openrouter".to_owned(),
        id: format!("{}/{}", public_name(provider), public_name(name)),
        name: model.get("name").and_then(Value::as_str).unwrap_or(id).to_owned(),
        upstream_model: id.to_owned(),
        context_length: whole(model.get("context_length")).ok_or("its context length is not known")?,
        max_output_tokens: whole(top_provider.and_then(|top| top.get("max_completion_tokens"))),
        input: modalities(model, "input_modalities"),
        output: modalities(model, "output_modalities"),
        base: prices(pricing)?,
        tiers: Vec::new(),
        peaks: Vec::new(),
        per_request: asks("request")
            .map(str::parse::<Cost>)
            .transpose()
            .map_err(|e| e.to_string())?
            .unwrap_or_default(),
        source: Source { document: "OpenRouter's list of models".to_owned(), read_on },
    };
    if draft.output != [Modality::Text] {
        return Err("it makes more than text, which is priced apart".to_owned());
    }
    overrides(pricing, &mut draft)?;
    Ok(draft)
}

/// A zero beside the prompt and the completion means that the kind is not priced apart.
fn prices(pricing: &Entry) -> Result<Prices, String> {
    let mut prices = Prices::default();
    for (kind, key) in KEYS {
        let is_main = matches!(kind, Kind::Input | Kind::Output);
        prices.set(kind, price(pricing.get(key))?.filter(|price| is_main || price.attos() > 0));
    }
    Ok(prices)
}

/// What the models of this list accept and make; what no catalog knows is left out.
fn modalities(model: &Entry, key: &str) -> Vec<Modality> {
    let listed = model.get("architecture").and_then(|architecture| architecture.get(key)).and_then(Value::as_array);
    let known = |name: &Value| name.as_str()?.parse().ok();
    let found: Vec<_> = listed.into_iter().flatten().filter_map(known).collect();
    if found.is_empty() { vec![Modality::Text] } else { found }
}

/// Prices under a condition: from a prompt length on (that length included), or in some hours in UTC.
/// A later entry wins over an earlier one, and what an entry does not name is as in the base.
fn overrides(pricing: &Entry, draft: &mut Draft) -> Result<(), String> {
    let Some(entries) = pricing.get("overrides").and_then(Value::as_array) else { return Ok(()) };
    let mut so_far = Prices::default();
    for entry in entries.iter().filter_map(Value::as_object) {
        let conditions = ["min_prompt_tokens", "utc_start", "utc_end"].map(|key| entry.get(key));
        let has_others = entry.keys().any(|key| key.starts_with("min_") && key != "min_prompt_tokens");
        let changed = prices(entry)?;
        match conditions {
            _ if changed.is_empty() => {}
            [Some(least), None, None] if !has_others => {
                so_far = changed.over(&so_far);
                draft.tiers.push((
                    whole(Some(least)).ok_or("one of its lengths is not a number")?,
                    true,
                    so_far.clone(),
                ));
            }
            [None, Some(Value::String(start)), Some(Value::String(end))] if !has_others => {
                let window: Window = format!("{start}-{end}").parse()?;
                draft.peaks.push((vec![window], Vec::new(), changed));
            }
            _ => return Err("its prices change under conditions that are not understood".to_owned()),
        }
    }
    Ok(())
}

/// A price above zero that is not taken.
fn is_left_out(key: &str, value: &Value) -> bool {
    let is_taken = key == "request" || KEYS.iter().any(|(_, known)| *known == key);
    let is_zero = |text: &str| text.parse::<Cost>().is_ok_and(Cost::is_zero);
    !is_taken && digits(value).is_some_and(|text| !is_zero(text))
}
