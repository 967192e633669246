//! From an upstream's answer to the client: bytes as they come, usage read in passing, then the books.

mod gate;

mod client;

mod reply;
pub(crate) use reply::Reply;

mod reader;

mod fault;
pub(crate) use fault::error_of;

mod watch;
pub(crate) use watch::Counted;

mod whole;

mod stream;

use std::sync::Arc;

use axum::{body::Body, response::Response};
use connectors::upstream::{UpstreamBody, UpstreamResponse};
use http::{HeaderMap, StatusCode};

use crate::{tariff::Tariff, ticket::Ticket};

/// What it takes to bring an answer to its end.
pub(crate) struct Relay<'a> {
    pub(crate) ticket: Ticket,
    pub(crate) tariff: &'a Tariff<'a>,
    /// What the gateway counted itself, in case nobody else does.
    pub(crate) counted: Counted,
    pub(crate) reply: Reply,
}

impl Relay<'_> {
    /// Passes the answer on and settles it, whether or not anybody waits for it.
    pub(crate) async fn run(self, response: UpstreamResponse) {
        match response.is_event_stream() {
            true => stream::relay(self, response).await,
            false => whole::relay(self, response).await,
        }
    }
}

/// The head of an answer, as the client gets it.
struct Head {
    status: StatusCode,
    headers: HeaderMap,
}

impl Head {
    fn of(response: UpstreamResponse) -> (Self, Arc<str>, UpstreamBody) {
        let UpstreamResponse { upstream, status, headers, body, .. } = response;
        (Self { status, headers }, upstream, body)
    }

    fn with(self, body: Body) -> Response {
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}
