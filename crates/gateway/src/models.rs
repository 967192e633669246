//! The list of models, in OpenAI's shape with the fields that OpenRouter's clients read beside it.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use billing::{Model, pricing::Rates};
use http::HeaderMap;
use serde::Serialize;
use units::{Instant, UnitPrice};

use crate::{authenticate::authenticate, doors::Doors, error::Error, visit::Visit};

/// `GET /v1/models`
pub(crate) async fn list(
    State(doors): State<Doors>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
) -> Result<Json<List>, Error> {
    let payer = authenticate(&doors, &visit.context, &headers).await?;
    let (now, prices) = (visit.context.now, doors.prices());
    let models = doors.models_for(&prices, Some(&payer));
    Ok(Json(List { object: "list", data: models.map(|model| Entry::of(model, now)).collect() }))
}

/// `GET /v1/models/{id}`
pub(crate) async fn show(
    State(doors): State<Doors>,
    Extension(visit): Extension<Visit>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Entry>, Error> {
    let payer = authenticate(&doors, &visit.context, &headers).await?;
    let prices = doors.prices();
    let (model, route) = doors.find_model(&prices, &id)?;
    doors.permitted(&payer, model, route)?;
    Ok(Json(Entry::of(model, visit.context.now)))
}

#[derive(Serialize)]
pub(crate) struct List {
    object: &'static str,
    data: Vec<Entry>,
}

#[derive(Serialize)]
pub(crate) struct Entry {
    id: String,
    object: &'static str,
    /// Seconds since 1970: when its prices began.
    created: i64,
    owned_by: String,
    name: String,
    context_length: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u64>,
    top_provider: TopProvider,
    architecture: Architecture,
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing: Option<Pricing>,
    #[serde(rename = "isFree", skip_serializing_if = "Option::is_none")]
    is_free: Option<bool>,
    #[serde(rename = "preferredIndex", skip_serializing_if = "Option::is_none")]
    preferred_index: Option<usize>,
    #[serde(rename = "hasUserByokAvailable", skip_serializing_if = "Option::is_none")]
    has_own_key: Option<bool>,
}

#[derive(Serialize)]
struct TopProvider {
    context_length: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u64>,
}

#[derive(Serialize)]
struct Architecture {
    input_modalities: Vec<&'static str>,
    output_modalities: Vec<&'static str>,
}

/// Dollars for one token, below the first tier.
#[derive(Serialize)]
struct Pricing {
    prompt: String,
    completion: String,
    input_cache_read: String,
    input_cache_write: String,
}

impl Entry {
    /// As Kilo's clients read it. Whether it is free shows in its prices: a client that is told so in as many words
    /// has code to upload whole sessions (CLIENTS.md section 5).
    pub(crate) fn for_kilo(model: &Model, now: Instant, place: usize, has_own_key: bool) -> Self {
        let (preferred_index, has_own_key) = (Some(place), Some(has_own_key));
        Self { is_free: None, preferred_index, has_own_key, ..Self::of(model, now) }
    }

    fn of(model: &Model, now: Instant) -> Self {
        let offer = model.offers.first();
        let began = offer.and_then(|offer| offer.prices.first()).map_or(0, |list| list.effective_from().micros());
        Self {
            id: model.id.clone(),
            object: "model",
            created: (began / 1_000_000).max(0),
            owned_by: offer.map(|offer| offer.provider.clone()).unwrap_or_default(),
            name: model.name.clone(),
            context_length: model.context_length,
            max_completion_tokens: model.max_output_tokens,
            top_provider: TopProvider {
                context_length: model.context_length,
                max_completion_tokens: model.max_output_tokens,
            },
            architecture: Architecture {
                input_modalities: model.input.iter().map(|modality| modality.as_str()).collect(),
                output_modalities: model.output.iter().map(|modality| modality.as_str()).collect(),
            },
            pricing: model.prices_at(now).map(|list| Pricing::of(&list.sheet_at(now).base)),
            is_free: Some(model.is_free()),
            preferred_index: None,
            has_own_key: None,
        }
    }
}

impl Pricing {
    fn of(rates: &Rates) -> Self {
        let text = |price: UnitPrice| price.to_string();
        Self {
            prompt: text(rates.input),
            completion: text(rates.output),
            input_cache_read: text(rates.cache_read()),
            input_cache_write: text(rates.cache_write()),
        }
    }
}
