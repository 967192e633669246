//! Lists that a client shows when there is something in them.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use http::HeaderMap;
use serde_json::{Value, json};

use crate::{
    authenticate::{authenticate, authenticate_for},
    doors::Doors,
    error::Error,
    visit::Visit,
};

/// `GET /api/organizations/{id}/modes`: agents that an organization defines for its members. Tare keeps none.
pub(crate) async fn modes(
    State(doors): State<Doors>,
    Extension(visit): Extension<Visit>,
    Path(organization): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Error> {
    authenticate_for(&doors, &visit.context, &headers, Some(&organization)).await?;
    Ok(Json(json!({"modes": []})))
}

/// `GET /api/users/notifications`
pub(crate) async fn notifications(
    State(doors): State<Doors>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
) -> Result<Json<Value>, Error> {
    authenticate(&doors, &visit.context, &headers).await?;
    Ok(Json(json!({"notifications": []})))
}

/// `GET /api/trpc/kiloPass.getState`: nobody has a pass.
pub(crate) async fn pass(
    State(doors): State<Doors>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
) -> Result<Json<Value>, Error> {
    authenticate(&doors, &visit.context, &headers).await?;
    Ok(Json(json!([{"result": {"data": {"subscription": null}}}])))
}
