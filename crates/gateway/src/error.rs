//! Every answer that is not a reply: its status, its code and its words, in OpenAI's shape.
//!
//! The one place that turns refusals and faults into HTTP. Messages are for the person who wrote the
//! request: what was wrong and what would be right, without keys, prompts or inner details. The words
//! that make clients try again (CLIENTS.md section 6) are kept out of answers that trying again cannot help.

pub(crate) mod kilo;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use thiserror::Error;
use units::Amount;

/// Why a request got no reply.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum Error {
    #[error("{0}")]
    Unauthenticated(String),
    #[error(
        "`{0}` in the address is refused, because addresses end up in logs. Send the key as `Authorization: Bearer ...`"
    )]
    KeyInAddress(&'static str),
    #[error("{method} {path} does not exist. Chat is at POST /v1/chat/completions, the models are at GET /v1/models")]
    NotFound { method: String, path: String },
    #[error("{method} is not possible at {path}")]
    MethodNotAllowed { method: String, path: String },
    #[error("the headers of this request are larger than {limit} bytes")]
    HeadersTooLarge { limit: usize },
    #[error("the body of this request is larger than {limit} bytes. Send fewer or smaller messages")]
    BodyTooLarge { limit: usize },
    #[error("the body did not arrive within {seconds} seconds")]
    BodyTooSlow { seconds: u64 },
    #[error("the body ended before it was complete")]
    BodyBroken,
    #[error("the body must be one JSON object: {0}")]
    Malformed(String),
    #[error("`{field}` {reason}")]
    Field { field: &'static str, reason: String },
    #[error("there is no model `{}`. {}GET /v1/models lists all", shown(model), suggestion(near))]
    ModelUnknown { model: String, near: Vec<String> },
    #[error(
        "free models take {limit} requests an hour from one address. The next one is welcome in {retry_after} seconds"
    )]
    FreeLimit { limit: u32, retry_after: u64 },
    #[error("{limit} requests of this {whose} are running, which is the most at once. Wait for one to end")]
    TooManyAtOnce { limit: u32, whose: &'static str },
    #[error(
        "this request needs at least ${needed} for its input and a short answer; ${available} is available. Buy credits at {buy_url}, or send a shorter input"
    )]
    InsufficientCredits { needed: Amount, available: Amount, buy_url: String },
    #[error("nobody is signed in. Sign in, and send your token as `Authorization: Bearer ...`")]
    SignInFirst,
    #[error("{0}")]
    Forbidden(String),
    #[error("there is no {what} {name}")]
    Unknown { what: &'static str, name: String },
    #[error("{model} may not be used in this organization: {why}. Its owners and admins set the policy")]
    ModelNotAllowed { model: String, why: &'static str },
    #[error("{0}")]
    SubscriptionRequired(String),
    #[error("{0}")]
    AccountSuspended(String),
    #[error("{0}")]
    DailyLimitReached(String),
    #[error("{0}")]
    KeyLimitReached(String),
    #[error(
        "{provider} refused your own key ({status}); no other key is used and nothing is charged. Replace the key, or delete it to use credits"
    )]
    OwnKeyRefused { provider: String, status: u16 },
    #[error("your own key for {provider} cannot be opened on this server, and no other is used. Tell its operator")]
    OwnKeyUnusable { provider: String },
    #[error("{0}")]
    TooManyDevices(String),
    #[error("{message}")]
    UpstreamRefused { status: StatusCode, message: String },
    #[error("the provider of this model has too many requests. Try again in a moment")]
    UpstreamBusy { retry_after: Option<u64> },
    #[error("the provider of this model is not available now. Try again in a moment")]
    UpstreamUnavailable { retry_after: Option<u64> },
    #[error("the provider of this model failed before it answered; nothing was charged")]
    UpstreamFailed,
    #[error("the provider of this model did not answer in time; nothing was charged")]
    UpstreamTimeout,
    #[error("the provider of this model broke off in the middle of its answer; what came until then is charged")]
    UpstreamBrokeOff,
    #[error("the books cannot be reached, so no request is taken. Try again in a moment")]
    BooksAway,
    #[error("something failed inside; the request id says which request it was")]
    Internal,
}

/// A text of the caller's for messages and the log: a key that stands in its place is left out.
pub(crate) fn shown(text: &str) -> &str {
    if text.starts_with("tare_") { "tare_..." } else { text }
}

fn suggestion(near: &[String]) -> String {
    match near {
        [] => String::new(),
        near => format!("Did you mean `{}`? ", near.join("` or `")),
    }
}

impl Error {
    /// What is wrong with JSON, and where; not what stood there.
    pub(crate) fn malformed(error: &serde_json::Error) -> Self {
        Self::Malformed(operations::secret::without_value(&error.to_string()))
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::BodyBroken | Self::Malformed(_) | Self::Field { .. } => StatusCode::BAD_REQUEST,
            Self::Unauthenticated(_) | Self::KeyInAddress(_) | Self::SignInFirst => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_)
            | Self::SubscriptionRequired(_)
            | Self::AccountSuspended(_)
            | Self::DailyLimitReached(_)
            | Self::KeyLimitReached(_)
            | Self::OwnKeyRefused { .. } => StatusCode::FORBIDDEN,
            Self::InsufficientCredits { .. } => StatusCode::PAYMENT_REQUIRED,
            Self::NotFound { .. } | Self::ModelUnknown { .. } | Self::Unknown { .. } | Self::ModelNotAllowed { .. } => {
                StatusCode::NOT_FOUND
            }
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTooSlow { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::FreeLimit { .. }
            | Self::TooManyAtOnce { .. }
            | Self::TooManyDevices(_)
            | Self::UpstreamBusy { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::HeadersTooLarge { .. } => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::UpstreamRefused { status, .. } => *status,
            Self::Internal | Self::OwnKeyUnusable { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            Self::UpstreamFailed | Self::UpstreamBrokeOff => StatusCode::BAD_GATEWAY,
            Self::UpstreamUnavailable { .. } | Self::BooksAway => StatusCode::SERVICE_UNAVAILABLE,
            Self::UpstreamTimeout => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// The stable code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated(_) | Self::KeyInAddress(_) | Self::SignInFirst => "unauthenticated",
            Self::Forbidden(_) => "forbidden",
            Self::SubscriptionRequired(_) => "subscription_required",
            Self::AccountSuspended(_) => "account_suspended",
            Self::DailyLimitReached(_) => "daily_limit_reached",
            Self::KeyLimitReached(_) => "key_limit_reached",
            Self::OwnKeyRefused { .. } => "own_key_refused",
            Self::OwnKeyUnusable { .. } => "own_key_unusable",
            Self::ModelNotAllowed { .. } => "model_not_allowed",
            Self::TooManyDevices(_) => "too_many_devices",
            Self::NotFound { .. } | Self::Unknown { .. } => "not_found",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::HeadersTooLarge { .. } => "headers_too_large",
            Self::BodyTooLarge { .. } => "body_too_large",
            Self::BodyTooSlow { .. } => "body_too_slow",
            Self::BodyBroken => "body_incomplete",
            Self::Malformed(_) => "malformed_json",
            Self::Field { .. } => "invalid_field",
            Self::ModelUnknown { .. } => "model_unknown",
            Self::FreeLimit { .. } => "free_limit_reached",
            Self::TooManyAtOnce { .. } => "too_many_at_once",
            Self::InsufficientCredits { .. } => "insufficient_credits",
            Self::UpstreamRefused { .. } => "upstream_refused",
            Self::UpstreamBusy { .. } => "upstream_busy",
            Self::UpstreamUnavailable { .. } => "upstream_unavailable",
            Self::UpstreamFailed => "upstream_failed",
            Self::UpstreamTimeout => "upstream_timeout",
            Self::UpstreamBrokeOff => "upstream_broke_off",
            Self::BooksAway => "unavailable",
            Self::Internal => "internal",
        }
    }

    /// OpenAI's coarse kind.
    fn kind(&self) -> &'static str {
        match self.status().as_u16() {
            401 => "authentication_error",
            402 => "insufficient_credits",
            403 => "permission_error",
            429 => "rate_limit_error",
            500.. => "server_error",
            _ => "invalid_request_error",
        }
    }

    fn param(&self) -> Option<&'static str> {
        match self {
            Self::Field { field, .. } => Some(field),
            Self::ModelUnknown { .. } | Self::ModelNotAllowed { .. } => Some("model"),
            _ => None,
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::FreeLimit { retry_after, .. } => Some(*retry_after),
            Self::UpstreamBusy { retry_after } | Self::UpstreamUnavailable { retry_after } => *retry_after,
            Self::TooManyAtOnce { .. } | Self::BooksAway => Some(1),
            _ => None,
        }
    }

    /// The object that carries an error, in an answer of its own or as an event of a stream.
    pub(crate) fn object(&self) -> String {
        let (available, needed, buy_url) = match self {
            Self::InsufficientCredits { needed, available, buy_url } => (Some(available), Some(needed), Some(buy_url)),
            _ => (None, None, None),
        };
        let message = self.to_string();
        let param = self.param();
        let error =
            Inner { message: &message, kind: self.kind(), param, code: self.code(), available, needed, buy_url };
        serde_json::to_string(&Outer { error }).expect("texts are always JSON")
    }
}

impl From<operations::Error> for Error {
    fn from(error: operations::Error) -> Self {
        match error {
            operations::Error::Fault(fault) => {
                tracing::warn!(%fault, "the books cannot be reached");
                Self::BooksAway
            }
            operations::Error::Unauthenticated(reason) => Self::Unauthenticated(reason.to_owned()),
            error @ operations::Error::Forbidden { .. } => Self::Forbidden(error.to_string()),
            operations::Error::NotFound { what, name } => Self::Unknown { what, name },
            error @ operations::Error::SubscriptionRequired { .. } => Self::SubscriptionRequired(error.to_string()),
            error @ (operations::Error::AccountSuspended { .. } | operations::Error::SuspendedByOperator { .. }) => {
                Self::AccountSuspended(error.to_string())
            }
            error @ operations::Error::TooManyDevices { .. } => Self::TooManyDevices(error.to_string()),
            // Doors put their own words to the refusals that a request can provoke.
            error => {
                tracing::error!(%error, "an operation failed that should not");
                Self::Internal
            }
        }
    }
}

#[derive(Serialize)]
struct Outer<'a> {
    error: Inner<'a>,
}

#[derive(Serialize)]
struct Inner<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    param: Option<&'a str>,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    available: Option<&'a Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    needed: Option<&'a Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    buy_url: Option<&'a String>,
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = Response::new(self.object().into());
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(seconds) = self.retry_after() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if matches!(self, Self::BodyTooLarge { .. } | Self::BodyTooSlow { .. }) {
            // The rest of the body stays unread and the connection ends: nobody should ask on it again.
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        // For the doors whose clients expect another shape.
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_for_want_of_credits_says_what_and_where() {
        let error = Error::InsufficientCredits {
            needed: Amount::from_nanos(420_000_000),
            available: Amount::from_nanos(1),
            buy_url: "https://tare.example/profile".to_owned(),
        };
        let object: serde_json::Value = serde_json::from_str(&error.object()).unwrap();
        assert_eq!(object["error"]["available"], "0.000000001");
        assert_eq!(object["error"]["needed"], "0.42");
        assert_eq!(object["error"]["buy_url"], "https://tare.example/profile");
        assert_eq!(object["error"]["code"], "insufficient_credits");
        // Words on which clients try again though it cannot help.
        for word in ["rate limit", "overloaded", "unavailable", "internal", "server error", "timed out", "timeout"] {
            assert!(!error.object().to_lowercase().contains(word), "{word}");
        }
    }

    #[test]
    fn near_names_are_suggested() {
        let unknown = |near: &[&str]| {
            let near = near.iter().map(|name| (*name).to_owned()).collect();
            Error::ModelUnknown { model: "x".to_owned(), near }.to_string()
        };
        assert_eq!(unknown(&[]), "there is no model `x`. GET /v1/models lists all");
        let key = Error::ModelUnknown { model: "tare_sk_0123".to_owned(), near: Vec::new() };
        assert_eq!(key.to_string(), "there is no model `tare_...`. GET /v1/models lists all");
        assert_eq!(unknown(&["a", "b"]), "there is no model `x`. Did you mean `a` or `b`? GET /v1/models lists all");
    }
}
