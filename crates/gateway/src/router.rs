//! Which path is which door, and what holds for every request at any of them.
//!
//! Every answer has a request id and is never stored by a cache. A panic ends its own request only.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    panic::AssertUnwindSafe,
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header, request::Parts};
use units::RequestId;

use crate::{
    body, client,
    completions::completions,
    doors::Doors,
    error::{self, Error},
    kilo, models,
    routes::{Route, Routes},
    visit::Visit,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-tare-request-id");

impl Doors {
    /// The routes. Requests need `ConnectInfo<SocketAddr>`, or all callers count as one address. Every path
    /// that no route knows gets an answer too, so in a larger router this one is the fallback.
    pub fn router(&self) -> Router {
        all()
            .router
            .fallback(not_found)
            .method_not_allowed_fallback(method_not_allowed)
            .layer(from_fn_with_state(self.clone(), every_request))
            .with_state(self.clone())
    }
}

/// Every route of the doors.
pub fn routes() -> Vec<Route> {
    all().table
}

fn all() -> Routes {
    let routes = Routes::default()
        .post("/v1/chat/completions", completions)
        .get("/v1/models", models::list)
        .get("/v1/models/{*id}", models::show);
    kilo::add_routes(routes)
}

async fn not_found(method: Method, uri: Uri) -> Error {
    Error::NotFound { method: method.to_string(), path: path_of(&uri) }
}

async fn method_not_allowed(method: Method, uri: Uri) -> Error {
    Error::MethodNotAllowed { method: method.to_string(), path: path_of(&uri) }
}

/// The path for messages and the log, however long it is, and without the secrets that can stand in it: a key that
/// somebody put there, and the code of a device, which is worth a token to whoever asks with it.
fn path_of(uri: &Uri) -> String {
    let path = uri.path();
    if path.starts_with(kilo::DEVICE_CODES) && path.len() > kilo::DEVICE_CODES.len() {
        return format!("{}/...", kilo::DEVICE_CODES);
    }
    path.split('/').map(error::shown).collect::<Vec<_>>().join("/").chars().take(100).collect()
}

async fn every_request(State(doors): State<Doors>, request: Request, next: Next) -> Response {
    let context = doors.gateway.door.context();
    let id = RequestId::from_uuid(context.ids.uuid());
    let client = client_of(&doors, &request);
    let (method, path) = (request.method().clone(), path_of(request.uri()));
    let (mut parts, body) = request.into_parts();
    let body = body::Shared::new(body);
    let mut response = match refuse_early(&doors, &parts) {
        Err(error) => error.into_response(),
        Ok(()) => {
            parts.extensions.insert(Visit { context, request: id, client });
            let request = Request::from_parts(parts, Body::new(body.clone()));
            AssertUnwindSafe(next.run(request)).catch_unwind().await.unwrap_or_else(|_| {
                tracing::error!(request = %id, "a request panicked");
                Error::Internal.into_response()
            })
        }
    };
    if path.starts_with(kilo::BASE)
        && let Some(error) = response.extensions().get::<Error>()
    {
        *response.body_mut() = error::kilo::body(error).into();
    }
    let status = response.status().as_u16();
    match status {
        ..400 => tracing::debug!(request = %id, %method, path, status, "answered"),
        _ => {
            tracing::info!(request = %id, %method, path, status, "refused");
            body.discard();
        }
    }
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, HeaderValue::try_from(id.to_string()).expect("an id is letters and digits"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What no door takes.
fn refuse_early(doors: &Doors, request: &Parts) -> Result<(), Error> {
    let limit = doors.gateway.settings.header_limit;
    let size =
        |headers: &HeaderMap| headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>();
    if size(&request.headers) > limit {
        return Err(Error::HeadersTooLarge { limit });
    }
    match key_in(request.uri.query().unwrap_or_default()) {
        Some(name) => Err(Error::KeyInAddress(name)),
        None => Ok(()),
    }
}

/// The name of a query parameter that carries a key.
fn key_in(query: &str) -> Option<&'static str> {
    const NAMES: [&str; 5] = ["key", "api_key", "api-key", "apikey", "access_token"];
    let mut given = query.split('&').map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name));
    given.find_map(|name| NAMES.into_iter().find(|known| name.eq_ignore_ascii_case(known)))
}

fn client_of(doors: &Doors, request: &Request) -> IpAddr {
    let socket = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let socket = socket.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip());
    client::address(socket, request.headers(), &doors.gateway.settings.trusted_proxies)
}
