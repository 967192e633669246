//! Asking the upstreams of a route, one after the other.

use std::{collections::HashSet, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use http::{Request, Response, header};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        self, Client,
        connect::{HttpConnector, capture_connection},
    },
    rt::{TokioExecutor, TokioTimer},
};
use tokio::time::timeout;

use super::{
    fault::{Fault, Phase, Rejection, UpstreamFault, reason},
    headers,
    request::{Pieces, UpstreamRequest},
    response::{UpstreamBody, UpstreamResponse},
    route::{Route, Stop, Upstream},
    settings::{SettingsError, UpstreamSettings},
};
use crate::address::GuardedResolver;

/// All upstreams, with one pool of connections. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Upstreams {
    /// In the order in which they are asked.
    pub(super) upstreams: Arc<[Arc<Upstream>]>,
    pub(super) client: Client<HttpsConnector<HttpConnector<GuardedResolver>>, Pieces>,
}

/// An unused connection is kept for less time than common servers keep theirs, so that a request is
/// rarely written to one that is being closed.
const POOL_IDLE: Duration = Duration::from_secs(30);

/// How much of an answer waits here for a slow reader. The head of an answer must fit too.
const BUFFER: usize = 16 * 1024;

/// How much of an error's body is kept.
const MOST_ERROR_BYTES: usize = 64 * 1024;

impl Upstreams {
    /// From settings.
    ///
    /// # Errors
    /// When a setting cannot be used; the message names it.
    pub fn new(settings: Vec<UpstreamSettings>) -> Result<Self, SettingsError> {
        let mut names = HashSet::new();
        for upstream in &settings {
            if upstream.name.is_empty() || !names.insert(&upstream.name) {
                return Err(SettingsError::Name(upstream.name.clone()));
            }
        }
        let read = |settings| Upstream::new(settings).map(Arc::new);
        let mut upstreams = settings.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        upstreams.sort_by_key(|upstream| upstream.order);
        let reaches = upstreams.iter().map(|upstream| (upstream.target.host.clone(), upstream.target.reach)).collect();
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(POOL_IDLE)
            .http1_max_buf_size(BUFFER)
            .build(connector(GuardedResolver::new(reaches)));
        Ok(Self { upstreams: upstreams.into(), client })
    }

    /// The upstreams that serve a model; `None` when none does.
    pub fn route(&self, model: &str) -> Option<Route> {
        let stops: Vec<_> = self.upstreams.iter().filter_map(|upstream| upstream.stop(model)).collect();
        (!stops.is_empty()).then_some(Route { stops })
    }

    /// Asks the upstreams of a route until one answers well. The next one is asked only when the one
    /// before had a trouble of its own for which it bills nothing.
    ///
    /// # Errors
    /// The fault of the upstream that was asked last.
    pub async fn send(&self, route: &Route, request: UpstreamRequest) -> Result<UpstreamResponse, UpstreamFault> {
        // A user's own key is shown to one upstream only: another is another party.
        let most = if request.own_key.is_some() { 1 } else { route.stops.len() };
        let mut last = None;
        for stop in &route.stops[..most.min(route.stops.len())] {
            match self.ask(stop, &request).await {
                Ok(response) => return Ok(response),
                Err(fault) if fault.is_its_own_trouble() => {
                    tracing::warn!(upstream = &*stop.upstream.name, %fault, "an upstream did not serve a request");
                    last = Some(UpstreamFault { upstream: stop.upstream.name.clone(), fault });
                }
                Err(fault) => return Err(UpstreamFault { upstream: stop.upstream.name.clone(), fault }),
            }
        }
        let nobody =
            || UpstreamFault { upstream: "".into(), fault: Fault::Unreachable("the route is empty".to_owned()) };
        Err(last.unwrap_or_else(nobody))
    }

    async fn ask(&self, stop: &Stop, request: &UpstreamRequest) -> Result<UpstreamResponse, Fault> {
        let upstream = &stop.upstream;
        let response = self.head(stop, request).await?;
        let status = response.status();
        if status.is_redirection() {
            return Err(Fault::Redirected(status));
        }
        let headers = headers::to_client(response.headers());
        if !status.is_success() {
            let body = beginning(upstream, response).await;
            return Err(Fault::Rejected(Box::new(Rejection { status, headers, body })));
        }
        readable(response.headers())?;
        let body = UpstreamBody::new(upstream.name.clone(), response.into_body(), upstream.limits);
        if let Some(length) = body.length()
            && length > upstream.limits.bytes
        {
            return Err(Fault::TooLarge { limit: upstream.limits.bytes });
        }
        Ok(UpstreamResponse { upstream: upstream.name.clone(), model: stop.model.clone(), status, headers, body })
    }

    /// Sends the request and waits for the head of the answer.
    async fn head(&self, stop: &Stop, request: &UpstreamRequest) -> Result<Response<Incoming>, Fault> {
        let upstream = &stop.upstream;
        let key = request.own_key.as_ref().or(upstream.key.as_ref());
        let uri = upstream.target.at(&request.path).map_err(|error| Fault::Unreachable(error.to_string()))?;
        let mut outgoing = Request::post(uri).body(request.body_for(&stop.model)).expect("a method and a URI");
        *outgoing.headers_mut() = headers::to_upstream(&request.headers, &upstream.forward_headers, key);

        let mut connection = capture_connection(&mut outgoing);
        let mut answer = std::pin::pin!(self.client.request(outgoing));
        let connected = timeout(upstream.connect_timeout, async {
            tokio::select! {
                biased;
                // Without a connection this is an error; with one, the first poll may already bring the head.
                answer = &mut answer => Some(answer),
                _ = connection.wait_for_connection_metadata() => None,
            }
        });
        let answer = match connected.await {
            Err(_) => return Err(Fault::TimedOut(Phase::Connecting)),
            Ok(Some(answer)) => answer,
            Ok(None) => match timeout(upstream.limits.first_byte, answer).await {
                Err(_) => return Err(Fault::TimedOut(Phase::FirstByte)),
                Ok(answer) => answer,
            },
        };
        let was_connected = connection.connection_metadata().is_some();
        answer.map_err(|error| before_the_head(&error, was_connected))
    }
}

pub(crate) fn connector(resolver: GuardedResolver) -> HttpsConnector<HttpConnector<GuardedResolver>> {
    let mut http = HttpConnector::new_with_resolver(resolver);
    http.enforce_http(false);
    http.set_nodelay(true);
    http.set_keepalive(Some(Duration::from_secs(60)));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has the default versions")
        .with_root_certificates(rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
        .with_no_client_auth();
    // Targets decide where plain HTTP is allowed; see `target.rs`.
    HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(http)
}

/// What an error means that came instead of an answer.
fn before_the_head(error: &legacy::Error, was_connected: bool) -> Fault {
    let reason = reason(error);
    if error.is_connect() || !was_connected { Fault::Unreachable(reason) } else { Fault::BrokenOff(reason) }
}

/// Refuses what is said to be fine and cannot be an answer.
fn readable(headers: &http::HeaderMap) -> Result<(), Fault> {
    let text = |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok()).unwrap_or_default();
    let kind = text(header::CONTENT_TYPE).trim_start().to_ascii_lowercase();
    if kind.starts_with("text/html") || kind.starts_with("application/xhtml") {
        return Err(Fault::Unreadable("a web page"));
    }
    match text(header::CONTENT_ENCODING).trim() {
        "" | "identity" => Ok(()),
        _ => Err(Fault::Unreadable("an encoding that was not asked for")),
    }
}

/// The beginning of an error's body, or of what came of it in time.
async fn beginning(upstream: &Upstream, response: Response<Incoming>) -> Bytes {
    let mut body = UpstreamBody::new(upstream.name.clone(), response.into_body(), upstream.limits);
    let mut kept = BytesMut::new();
    let reading = async {
        while let Some(Ok(bytes)) = body.next().await {
            let room = MOST_ERROR_BYTES - kept.len();
            kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
            if bytes.len() >= room {
                break;
            }
        }
    };
    // Late is as good as never: what was read until then is kept.
    let _ = timeout(upstream.connect_timeout, reading).await;
    kept.freeze()
}
