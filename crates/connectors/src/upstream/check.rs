//! Whether an upstream takes a key, asked with something that costs nothing.

use http::{HeaderMap, Request, StatusCode};
use tokio::time::timeout;

use super::{
    client::Upstreams,
    fault::{Fault, Phase, reason},
    headers,
    key::ApiKey,
    request::UpstreamRequest,
};

/// What an upstream says to a key.
#[derive(Clone, Debug)]
pub enum KeyCheck {
    /// It takes it.
    Good,
    /// It does not.
    Refused(StatusCode),
    /// It did not say.
    Unknown(Fault),
}

impl Upstreams {
    /// The names of all upstreams, in the order in which they are asked.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.upstreams.iter().map(|upstream| &*upstream.name)
    }

    /// Whether the upstream of that name may train on prompts; so does one that nobody knows.
    pub fn trains_on_prompts(&self, name: &str) -> bool {
        let found = self.upstreams.iter().find(|upstream| &*upstream.name == name);
        found.is_none_or(|upstream| upstream.trains_on_prompts)
    }

    /// Shows a key to the upstream of that name. `None` when there is no such upstream.
    pub async fn check_key(&self, name: &str, key: &ApiKey) -> Option<KeyCheck> {
        let upstream = self.upstreams.iter().find(|upstream| &*upstream.name == name)?;
        let uri = match upstream.target.at(&upstream.check_path) {
            Ok(uri) => uri,
            Err(error) => return Some(KeyCheck::Unknown(Fault::Unreachable(error.to_string()))),
        };
        let body = UpstreamRequest::default().body_for("");
        let mut request = Request::get(uri).body(body).expect("a method and a URI");
        *request.headers_mut() = headers::to_upstream(&HeaderMap::new(), &[], Some(key));
        let patience = upstream.connect_timeout * 2;
        Some(match timeout(patience, self.client.request(request)).await {
            Err(_) => KeyCheck::Unknown(Fault::TimedOut(Phase::FirstByte)),
            Ok(Err(error)) => KeyCheck::Unknown(Fault::Unreachable(reason(&error))),
            Ok(Ok(response)) => judge(response.status()),
        })
    }
}

fn judge(status: StatusCode) -> KeyCheck {
    match status.as_u16() {
        200..=299 => KeyCheck::Good,
        401 | 403 => KeyCheck::Refused(status),
        300..=399 => KeyCheck::Unknown(Fault::Redirected(status)),
        _ => KeyCheck::Unknown(Fault::Unreadable("a status that says nothing about the key")),
    }
}
