//! Which headers pass, in either direction.
//!
//! Both lists say what may pass, not what may not: a header that nobody thought of stays here. What
//! carries a credential or belongs to one connection never passes, whatever the settings say.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::key::ApiKey;

/// Headers of a client that mean something to an upstream.
const TO_UPSTREAM: [&str; 6] =
    ["accept", "anthropic-beta", "anthropic-version", "http-referer", "openai-beta", "x-title"];

/// Headers of an upstream that mean something to a client.
const TO_CLIENT: [&str; 6] =
    ["content-type", "openai-processing-ms", "openai-version", "retry-after", "retry-after-ms", "x-request-id"];

/// Never passed on, even when the settings name them.
const NEVER: [&str; 21] = [
    "accept-encoding",
    "api-key",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-api-key",
    "x-goog-api-key",
];

/// The headers of a request to an upstream.
pub(super) fn to_upstream(client: &HeaderMap, also: &[String], key: Option<&ApiKey>) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(8);
    for (name, value) in client {
        let name_text = name.as_str();
        let wanted = TO_UPSTREAM.contains(&name_text) || also.iter().any(|pattern| fits(pattern, name_text));
        if wanted && !NEVER.contains(&name_text) && !is_named_by_connection(client, name) {
            headers.append(name.clone(), value.clone());
        }
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // Usage is read in passing, so the bytes have to be plain.
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static(concat!("tare/", env!("CARGO_PKG_VERSION"))));
    if let Some(key) = key {
        headers.insert(header::AUTHORIZATION, key.bearer());
    }
    headers
}

/// The headers of an answer that may reach a client.
pub(super) fn to_client(upstream: &HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(4);
    for name in TO_CLIENT {
        if let Some(value) = upstream.get(name)
            && !is_named_by_connection(upstream, &HeaderName::from_static(name))
        {
            headers.insert(HeaderName::from_static(name), value.clone());
        }
    }
    headers
}

/// Whether `connection` says that a header is meant for this connection only.
fn is_named_by_connection(headers: &HeaderMap, name: &HeaderName) -> bool {
    let values = headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|token| token.trim().eq_ignore_ascii_case(name.as_str()))
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)),
        None => pattern.eq_ignore_ascii_case(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn credentials_of_a_client_stay_here_even_when_all_headers_are_forwarded() {
        let client = map(&[
            ("authorization", "Bearer canary"),
            ("x-api-key", "canary"),
            ("cookie", "canary"),
            ("proxy-authorization", "canary"),
            ("connection", "keep-alive, x-hop"),
            ("x-hop", "canary"),
            ("x-demo-tag", "t"),
            ("accept", "text/event-stream"),
        ]);
        let headers = to_upstream(&client, &["*".to_owned()], None);
        assert!(!format!("{headers:?}").contains("canary"), "{headers:?}");
        assert_eq!(headers["x-demo-tag"], "t");
        assert!(!to_upstream(&client, &[], None).contains_key("x-demo-tag"));
        assert_eq!(to_upstream(&client, &["X-Demo-*".to_owned()], None)["x-demo-tag"], "t");
    }

    #[test]
    fn an_upstream_cannot_set_cookies_or_tell_whose_account_it_is() {
        let upstream = map(&[
            ("set-cookie", "a=b"),
            ("openai-organization", "org-secret"),
            ("content-encoding", "gzip"),
            ("connection", "x-request-id"),
            ("x-request-id", "r"),
            ("content-type", "application/json"),
        ]);
        assert_eq!(to_client(&upstream), map(&[("content-type", "application/json")]));
    }
}
