//! One question, one answer: the HTTP client for everything outside that is not a model provider.
//!
//! Nothing is followed or decoded, answers have a limit, and everything has a time. Where the other side may
//! be is decided by [`crate::address`]: only encrypted and only public, but for the host that the operator named.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Uri, uri::Scheme};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use thiserror::Error;

use crate::address::{GuardedResolver, Reach};
use crate::upstream::{Target, connector, reason};

/// A client that was made for one service. Cheap to clone.
#[derive(Clone)]
pub struct Outgoing {
    client: Client<HttpsConnector<HttpConnector<GuardedResolver>>, Full<Bytes>>,
    base: Target,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OutgoingFault {
    /// The question did not get there.
    #[error("the request was not sent: {0}")]
    NotSent(String),
    /// The question may have got there, and may have been acted on.
    #[error("the request was sent, and its answer did not come: {0}")]
    Unanswered(String),
}

/// How long a whole exchange may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most that is read of an answer.
const LONGEST_ANSWER: usize = 4 * 1024 * 1024;

impl Outgoing {
    /// A client for the service at this address. `allow_private` is the operator's word that it may be anywhere.
    ///
    /// # Errors
    /// When the address is none, or not encrypted and not on this machine.
    pub fn to(base: &str, allow_private: bool) -> Result<Self, String> {
        let base = Target::parse(base, allow_private).map_err(|error| error.to_string())?;
        let reaches = HashMap::from([(base.host.clone(), base.reach)]);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .build(connector(GuardedResolver::new(reaches)));
        Ok(Self { client, base })
    }

    /// The address of a path of the service, which begins with a slash.
    pub fn at(&self, path: &str) -> Result<Uri, OutgoingFault> {
        self.base.at(path).map_err(|error| OutgoingFault::NotSent(error.to_string()))
    }

    /// Asks and reads the whole answer.
    pub async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, OutgoingFault> {
        self.check(request.uri())?;
        let exchange = async {
            let answer = self.client.request(request.map(|body| Full::new(Bytes::from(body)))).await;
            let answer = answer.map_err(|error| match error.is_connect() {
                true => OutgoingFault::NotSent(reason(&error)),
                false => OutgoingFault::Unanswered(reason(&error)),
            })?;
            let (head, body) = answer.into_parts();
            let body = Limited::new(body, LONGEST_ANSWER).collect().await;
            let body = body.map_err(|error| OutgoingFault::Unanswered(error.to_string()))?;
            Ok(Response::from_parts(head, body.to_bytes().to_vec()))
        };
        let late = |_| OutgoingFault::Unanswered(format!("it took longer than {} seconds", PATIENCE.as_secs()));
        tokio::time::timeout(PATIENCE, exchange).await.map_err(late)?
    }

    /// Addresses of other hosts come from documents of the service: they must be encrypted and public. One that
    /// is written as a number never passes the resolver.
    fn check(&self, uri: &Uri) -> Result<(), OutgoingFault> {
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
        if host == self.base.host {
            return Ok(());
        }
        let is_number_inside = host.parse::<IpAddr>().is_ok_and(|address| !Reach::Public.allows(address));
        if uri.scheme() != Some(&Scheme::HTTPS) || is_number_inside {
            return Err(OutgoingFault::NotSent(format!("{host} is not an encrypted public address")));
        }
        Ok(())
    }
}
