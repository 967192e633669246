//! What holds for every request at the API and the pages.
//!
//! Every answer has a request id and the headers that keep a browser from doing anything that the page did not
//! mean. What is somebody's is stored by no cache. A panic ends its own request only.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    panic::AssertUnwindSafe,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use units::RequestId;

use crate::{pages::sorry, problem::Problem, site::Site, visit::Visit};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-tare-request-id");

const HEADERS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

pub(crate) async fn every_request(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let context = site.door.context();
    let id = RequestId::from_uuid(context.ids.uuid());
    let client = client_of(&site, &request);
    let (method, path) = (request.method().clone(), shown(request.uri()));
    let mut response = match refuse_early(&site, request.headers(), request.uri()) {
        Err(problem) => problem.into_response(),
        Ok(()) => {
            request.extensions_mut().insert(Visit { context, request: id, client });
            AssertUnwindSafe(next.run(request)).catch_unwind().await.unwrap_or_else(|_| {
                tracing::error!(request = %id, "a request panicked");
                Problem::Internal.into_response()
            })
        }
    };
    let status = response.status().as_u16();
    match status {
        ..400 => tracing::debug!(request = %id, %method, path, status, "answered"),
        _ => tracing::info!(request = %id, %client, %method, path, status, "refused"),
    }
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, HeaderValue::try_from(id.to_string()).expect("an id is letters and digits"));
    protect(&site, headers);
    response
}

/// Adds what keeps a browser from doing anything that the page did not mean.
fn protect(site: &Site, headers: &mut HeaderMap) {
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert_with(|| site.policy());
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if site.is_https() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}

/// What no door knows is told to somebody at a browser as a page; clients are told as their API does it.
pub(crate) async fn absent_to_people(State(site): State<Site>, request: Request, next: Next) -> Response {
    let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let is_person = request.method() == Method::GET && accepted.is_some_and(|kinds| kinds.contains("text/html"));
    let path = shown(request.uri());
    let response = next.run(request).await;
    if !is_person || response.status() != StatusCode::NOT_FOUND {
        return response;
    }
    let mut page = sorry(&Problem::NotFound { what: "page", name: path });
    protect(&site, page.headers_mut());
    page
}

/// What no route takes.
fn refuse_early(site: &Site, headers: &HeaderMap, uri: &Uri) -> Result<(), Problem> {
    let limit = site.settings.header_limit;
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size > limit {
        return Err(Problem::HeadersTooLarge { limit });
    }
    match key_in(uri.query().unwrap_or_default()) {
        Some(name) => Err(Problem::KeyInAddress(name)),
        None => Ok(()),
    }
}

/// The name of a query parameter that carries a key.
fn key_in(query: &str) -> Option<&'static str> {
    const NAMES: [&str; 5] = ["key", "api_key", "api-key", "apikey", "access_token"];
    let mut given = query.split('&').map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name));
    given.find_map(|name| NAMES.into_iter().find(|known| name.eq_ignore_ascii_case(known)))
}

/// The path for messages and the log, however long it is, and without a key that somebody put into it.
pub(crate) fn shown(uri: &Uri) -> String {
    let parts = uri.path().split('/').map(|part| if part.starts_with("tare_") { "tare_..." } else { part });
    parts.collect::<Vec<_>>().join("/").chars().take(100).collect()
}

fn client_of(site: &Site, request: &Request) -> IpAddr {
    let socket = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let socket = socket.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip());
    (site.settings.client_of)(socket, request.headers())
}
