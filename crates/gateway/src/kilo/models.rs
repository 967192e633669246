//! The models that somebody may use, and the one that their client starts with.

use axum::{
    Extension, Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use billing::{Modality, Model, PriceBook};
use http::{HeaderMap, StatusCode};
use operations::payer::Payer;
use serde::Serialize;
use serde_json::json;

use crate::{
    authenticate::{authenticate_for, recognise},
    doors::{Doors, Shared},
    error::Error,
    models::Entry,
    visit::Visit,
};

#[derive(Serialize)]
pub(crate) struct List {
    data: Vec<Entry>,
}

/// `GET /api/openrouter/models`: for a person, or for nobody.
pub(crate) async fn list(
    State(doors): State<Doors>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
) -> Result<Json<List>, Error> {
    let payer = recognise(&doors, &visit.context, &headers).await?;
    entries(&doors, &visit, payer.as_ref()).await
}

/// `GET /api/organizations/{id}/models`
pub(crate) async fn list_of(
    State(doors): State<Doors>,
    Extension(visit): Extension<Visit>,
    Path(organization): Path<String>,
    headers: HeaderMap,
) -> Result<Json<List>, Error> {
    let payer = authenticate_for(&doors, &visit.context, &headers, Some(&organization)).await?;
    entries(&doors, &visit, Some(&payer)).await
}

async fn entries(doors: &Doors, visit: &Visit, payer: Option<&Payer>) -> Result<Json<List>, Error> {
    let own = match payer {
        Some(payer) => Some(operations::byok::load(&doors.gateway.services, payer.wallet).await?),
        None => None,
    };
    let prices = doors.prices();
    let data = usable(doors, &prices, payer).into_iter().enumerate().map(|(place, model)| {
        let route = doors.gateway.upstreams.route(&model.id);
        let has_own_key = route.zip(own.as_ref()).is_some_and(|(route, own)| {
            let providers = route.upstreams().map(|(provider, _)| provider);
            own.provider(providers).is_some()
        });
        Entry::for_kilo(model, visit.context.now, place, has_own_key)
    });
    Ok(Json(List { data: data.collect() }))
}

/// `GET /api/defaults`
pub(crate) async fn defaults(
    State(doors): State<Doors>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let payer = recognise(&doors, &visit.context, &headers).await?;
    Ok(defaults_for(&doors, payer.as_ref()))
}

/// `GET /api/organizations/{id}/defaults`
pub(crate) async fn defaults_of(
    State(doors): State<Doors>,
    Extension(visit): Extension<Visit>,
    Path(organization): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let payer = authenticate_for(&doors, &visit.context, &headers, Some(&organization)).await?;
    Ok(defaults_for(&doors, Some(&payer)))
}

/// What the policy names, or the first in the list; 409 when no model is allowed.
fn defaults_for(doors: &Shared, payer: Option<&Payer>) -> Response {
    let prices = doors.prices();
    let models = usable(doors, &prices, payer);
    let named = payer.and_then(|payer| payer.policy.as_ref()?.default_model.as_deref());
    let named = named.and_then(|id| models.iter().find(|model| model.id == id));
    let paid = named.or_else(|| models.iter().find(|model| !model.is_free())).or(models.first());
    let Some(default) = paid else {
        let refusal =
            json!({"error": "no model is allowed", "message": "the policy of this organization allows no model"});
        return (StatusCode::CONFLICT, Json(refusal)).into_response();
    };
    let free = models.iter().find(|model| model.is_free()).unwrap_or(default);
    Json(json!({"defaultModel": default.id, "defaultFreeModel": free.id})).into_response()
}

/// The models that make text and that the payer may use.
fn usable<'p>(doors: &Shared, prices: &'p PriceBook, payer: Option<&Payer>) -> Vec<&'p Model> {
    let makes_text = |model: &&Model| model.output.contains(&Modality::Text);
    doors.models_for(prices, payer).filter(makes_text).collect()
}
