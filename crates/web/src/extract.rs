//! What handlers take from a request: strictly, and with the API's own words when it is wrong.

use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header, request::Parts};
use http_body_util::BodyExt;
use operations::secret;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::{problem::Problem, site::Site};

/// The names in the path, as they stand there. What is no id at all answers like an id that nobody has.
pub(crate) struct Named<T>(pub(crate) T);

/// The query, without a parameter that nobody asked for.
pub(crate) struct Asked<T>(pub(crate) T);

/// The body: one JSON object without a field that nobody asked for.
pub(crate) struct Body<T>(pub(crate) T);

/// A body that may be left out, or be `null`.
pub(crate) struct MaybeBody<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = crate::frame::shown(&parts.uri);
        let named = Path::<T>::from_request_parts(parts, state).await;
        named.map(|Path(names)| Self(names)).map_err(|_| Problem::NotFound { what: "thing at", name: path })
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let asked = Query::<T>::from_request_parts(parts, state).await;
        asked.map(|Query(query)| Self(query)).map_err(|error| {
            let reason = error.body_text();
            let reason = reason.rsplit_once("query string: ").map_or(reason.as_str(), |(_, reason)| reason).to_owned();
            Problem::Field { field: "query".to_owned(), reason }
        })
    }
}

impl<T: DeserializeOwned> FromRequest<Site> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Problem> {
        require_json(request.headers())?;
        parse(&read(request, site).await?).map(Self)
    }
}

impl<T: DeserializeOwned + Default> FromRequest<Site> for MaybeBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Problem> {
        let declared = require_json(request.headers());
        let bytes = read(request, site).await?;
        match bytes.is_empty() {
            true => Ok(Self(T::default())),
            false => declared.and_then(|()| parse::<Option<T>>(&bytes)).map(|given| Self(given.unwrap_or_default())),
        }
    }
}

/// A browser sends a form anywhere without asking, but no `application/json`.
fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = given.split(';').next().unwrap_or_default().trim();
    match kind.eq_ignore_ascii_case("application/json") {
        true => Ok(()),
        false => Err(Problem::MediaType),
    }
}

/// Reads the body whole. One that announces too much is refused before it is read.
pub(crate) async fn read(request: Request, site: &Site) -> Result<Bytes, Problem> {
    read_up_to(request, site, site.settings.body_limit).await
}

/// The same with a limit of its own.
pub(crate) async fn read_up_to(request: Request, site: &Site, limit: usize) -> Result<Bytes, Problem> {
    let patience = site.settings.body_timeout;
    let announced = request.headers().get(header::CONTENT_LENGTH);
    if announced.and_then(|value| value.to_str().ok()?.parse().ok()).is_some_and(|length: usize| length > limit) {
        return Err(Problem::BodyTooLarge { limit });
    }
    let seconds = patience.as_secs();
    timeout(patience, collect(request.into_body(), limit)).await.unwrap_or(Err(Problem::BodyTooSlow { seconds }))
}

async fn collect(mut body: axum::body::Body, limit: usize) -> Result<Bytes, Problem> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Problem::BodyBroken)?.into_data() else { continue };
        if whole.len() + data.len() > limit {
            return Err(Problem::BodyTooLarge { limit });
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

/// Reads JSON. A wrong field is named by its path, such as `calls[3].place.amount`.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let field = error.path().to_string();
        let error = error.into_inner();
        match error.classify() {
            serde_json::error::Category::Data if field != "." => Problem::Field { field, reason: words(&error) },
            serde_json::error::Category::Data => Problem::Field { field: "body".to_owned(), reason: words(&error) },
            _ => Problem::Malformed(secret::without_value(&error.to_string())),
        }
    })?;
    reader.end().map_err(|error| Problem::Malformed(secret::without_value(&error.to_string())))?;
    Ok(value)
}

/// What is wrong, bounded, and without what stood there.
fn words(error: &serde_json::Error) -> String {
    secret::without_value(&error.to_string()).chars().take(300).collect()
}
