//! Every answer of the API that is not what was asked for: RFC 9457, with a stable code.
//!
//! The one place that turns refusals and faults into HTTP. A problem about something that is not the
//! caller's has the very bytes of one about something that does not exist; so nothing here carries a
//! request id, which stands in the header.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use ledger::Refusal;
use serde::Serialize;
use thiserror::Error;
use units::Amount;
use utoipa::ToSchema;

/// Why a request did not get what it asked for.
#[derive(Debug, Error)]
pub(crate) enum Problem {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("{0}")]
    Unauthenticated(String),
    #[error(
        "`{0}` in the address is refused, because addresses end up in logs. Send the key as `Authorization: Bearer ...`"
    )]
    KeyInAddress(&'static str),
    #[error("there is no {what} {name}")]
    NotFound { what: &'static str, name: String },
    #[error("{method} {path} does not exist. GET /api/docs shows what does")]
    NoRoute { method: String, path: String },
    #[error("{method} is not possible at {path}")]
    MethodNotAllowed { method: String, path: String },
    #[error("the headers of this request are larger than {limit} bytes")]
    HeadersTooLarge { limit: usize },
    #[error("the body must be application/json")]
    MediaType,
    #[error("the body of this request is larger than {limit} bytes")]
    BodyTooLarge { limit: usize },
    #[error("the body did not arrive within {seconds} seconds")]
    BodyTooSlow { seconds: u64 },
    #[error("the body ended before it was complete")]
    BodyBroken,
    #[error("the body must be one JSON object: {0}")]
    Malformed(String),
    #[error("`{field}`: {reason}")]
    Field { field: String, reason: String },
    #[error(
        "a POST needs the header `Idempotency-Key`: 1 to 255 visible characters that you choose anew for each new request"
    )]
    KeyRequired,
    #[error("{said}")]
    KeyConflict { said: String, first: String, given: String },
    #[error("this was done, but its answer is not known any more. Look at what is there, or ask with a new key")]
    AnswerLost,
    #[error("another request made this change")]
    Claimed,
    #[error("{said}")]
    Forbidden { said: String },
    #[error("this change came from a page of another site, or without the token `X-Tare-CSRF` of this one")]
    ForeignPage,
    #[error("{said}")]
    Person { said: String, code: &'static str, status: StatusCode, retry_after: Option<u64> },
    #[error("{what} {name} exists already")]
    Exists { what: &'static str, name: String },
    #[error("the model {model} is not known here")]
    ModelUnknown { model: String },
    #[error("the books cannot be reached. Try again in a moment, with the same key")]
    BooksAway,
    #[error("something failed inside; the request id says which request it was")]
    Internal,
}

/// A problem as it is sent.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Document {
    /// Where the code is explained.
    #[serde(rename = "type")]
    #[schema(example = "/api/docs#insufficient_credits")]
    kind: String,
    /// The code in words.
    title: String,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What is wrong in this case, and what would be right.
    detail: String,
    /// The stable code, as listed under Errors.
    #[schema(example = "insufficient_credits")]
    code: &'static str,
    /// The field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    field: Option<String>,
    /// What would have been needed, in dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, nullable = false)]
    needed: Option<Amount>,
    /// What is available, in dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, nullable = false)]
    available: Option<Amount>,
    /// The beginning of the hash of what came first with this idempotency key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    first_content: Option<String>,
    /// The same of what came now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    given_content: Option<String>,
}

impl Document {
    /// The code in words.
    pub(crate) fn title(&self) -> String {
        self.title.clone()
    }
}

impl Problem {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Refused(refusal) => status_of(refusal),
            Self::BodyBroken | Self::Malformed(_) | Self::KeyRequired => StatusCode::BAD_REQUEST,
            Self::Unauthenticated(_) | Self::KeyInAddress(_) => StatusCode::UNAUTHORIZED,
            Self::NotFound { .. } | Self::NoRoute { .. } | Self::ModelUnknown { .. } => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTooSlow { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::KeyConflict { .. } | Self::Exists { .. } => StatusCode::CONFLICT,
            Self::AnswerLost | Self::Claimed => StatusCode::CONFLICT,
            Self::Forbidden { .. } | Self::ForeignPage => StatusCode::FORBIDDEN,
            Self::Person { status, .. } => *status,
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Field { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::HeadersTooLarge { .. } => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::BooksAway => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The stable code, as listed in `docs/errors.md`.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Unauthenticated(_) | Self::KeyInAddress(_) => "unauthenticated",
            Self::NotFound { .. } | Self::NoRoute { .. } => "not_found",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::HeadersTooLarge { .. } => "headers_too_large",
            Self::MediaType => "unsupported_media_type",
            Self::BodyTooLarge { .. } => "body_too_large",
            Self::BodyTooSlow { .. } => "body_too_slow",
            Self::BodyBroken => "body_incomplete",
            Self::Malformed(_) => "malformed_json",
            Self::Field { .. } => "invalid_field",
            Self::KeyRequired => "idempotency_key_required",
            Self::KeyConflict { .. } => "idempotency_conflict",
            Self::AnswerLost | Self::Claimed => "answer_lost",
            Self::Forbidden { .. } => "forbidden",
            Self::ForeignPage => "foreign_page",
            Self::Person { code, .. } => code,
            Self::Exists { .. } => "exists",
            Self::ModelUnknown { .. } => "model_unknown",
            Self::BooksAway => "unavailable",
            Self::Internal => "internal",
        }
    }

    pub(crate) fn document(&self) -> Document {
        let (needed, available) = match self {
            Self::Refused(Refusal::InsufficientCredits { needed, available }) => (Some(*needed), Some(*available)),
            _ => (None, None),
        };
        let (first_content, given_content) = match self {
            Self::KeyConflict { first, given, .. } => (Some(first.clone()), Some(given.clone())),
            _ => (None, None),
        };
        let field = match self {
            Self::Field { field, .. } => Some(field.clone()),
            _ => None,
        };
        Document {
            kind: format!("/api/docs#{}", self.code()),
            title: in_words(self.code()),
            status: self.status().as_u16(),
            detail: self.to_string(),
            code: self.code(),
            field,
            needed,
            available,
            first_content,
            given_content,
        }
    }
}

/// By its code, so that a new refusal has a status without a word here.
fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal.code() {
        "insufficient_credits" => StatusCode::PAYMENT_REQUIRED,
        // Not 429, at which clients try again in a second: the answer stays the same for hours. The gateway says the same.
        "daily_limit_reached" | "key_limit_reached" => StatusCode::FORBIDDEN,
        code if code.ends_with("_unknown") => StatusCode::NOT_FOUND,
        "idempotency_conflict" | "grant_disputed" => StatusCode::CONFLICT,
        code if code.ends_with("_closed") => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// The same of what recurs.
fn status_of_subscription(refusal: &billing::Refusal) -> StatusCode {
    match refusal.code() {
        "payment_due" => StatusCode::PAYMENT_REQUIRED,
        "subscription_required" => StatusCode::FORBIDDEN,
        "tier_unknown" | "amount_out_of_range" => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::CONFLICT,
    }
}

/// `hold_closed` as `Hold closed`.
fn in_words(code: &str) -> String {
    let mut words = code.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

impl From<operations::Error> for Problem {
    fn from(error: operations::Error) -> Self {
        use operations::Error;
        let (said, code) = (error.to_string(), error.code());
        let person = |status, retry_after| Self::Person { said: said.clone(), code, status, retry_after };
        match error {
            Error::Refused(refusal) => Self::Refused(refusal),
            Error::Unauthenticated(reason) => Self::Unauthenticated(reason.to_owned()),
            Error::NotFound { what, name } => Self::NotFound { what, name },
            Error::ModelUnknown { model } => Self::ModelUnknown { model },
            Error::Exists { what, name } => Self::Exists { what, name },
            Error::Invalid { field, reason } => Self::Field { field: field.to_owned(), reason },
            Error::KeyConflict { first, given, .. } => Self::KeyConflict { said, first, given },
            Error::Fault(store::Fault::Claimed) => Self::Claimed,
            Error::Fault(fault) => fault.into(),
            Error::Forbidden { .. } => Self::Forbidden { said },
            Error::TooManyCodes { retry_after, .. }
            | Error::TooManyCardTries { retry_after }
            | Error::TooManyCards { retry_after, .. } => person(StatusCode::TOO_MANY_REQUESTS, Some(retry_after)),
            Error::TooManyDevices { .. } => person(StatusCode::TOO_MANY_REQUESTS, Some(60)),
            Error::CodeWrong { .. } => person(StatusCode::FORBIDDEN, None),
            Error::CodeClosed | Error::InvitationClosed { .. } | Error::DeviceCodeClosed => {
                person(StatusCode::GONE, None)
            }
            Error::CardMissing
            | Error::CardDeclined { .. }
            | Error::CardBlocked
            | Error::AuthenticationRequired { .. } => person(StatusCode::PAYMENT_REQUIRED, None),
            Error::RefundFailed { .. } => person(StatusCode::UNPROCESSABLE_ENTITY, None),
            Error::ProcessorUnavailable { .. } | Error::SignInUnavailable | Error::InvoiceNotPrinted { .. } => {
                person(StatusCode::SERVICE_UNAVAILABLE, Some(5))
            }
            Error::EventRefused => person(StatusCode::BAD_REQUEST, None),
            Error::SignInRefused { .. } => person(StatusCode::FORBIDDEN, None),
            Error::Subscription(refusal) => person(status_of_subscription(&refusal), None),
            Error::LastOwner | Error::ChangedMeanwhile { .. } => person(StatusCode::CONFLICT, None),
            Error::SubscriptionRequired { .. } | Error::AccountSuspended { .. } | Error::SuspendedByOperator { .. } => {
                person(StatusCode::FORBIDDEN, None)
            }
            Error::NoMasterKey | Error::NoReceiptKey => person(StatusCode::CONFLICT, None),
            Error::ProviderKeyRefused { .. } => person(StatusCode::UNPROCESSABLE_ENTITY, None),
            Error::ProviderKeyUnchecked { .. } => person(StatusCode::SERVICE_UNAVAILABLE, Some(10)),
            Error::MasterKeyMissing { .. } | Error::ProviderKeyAltered { .. } => {
                tracing::error!(error = said, "a provider key cannot be opened");
                Self::Internal
            }
        }
    }
}

/// That another request made the change, for the layer that can find out how it was answered.
#[derive(Clone, Copy)]
pub(crate) struct Claimed;

impl From<store::Fault> for Problem {
    fn from(fault: store::Fault) -> Self {
        match fault.is_retryable() {
            true => {
                tracing::warn!(%fault, "the books cannot be reached");
                Self::BooksAway
            }
            false => {
                tracing::error!(%fault, "an operation failed that should not");
                Self::Internal
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let text = serde_json::to_string(&self.document()).expect("texts are always JSON");
        let mut response = Response::new(text.into());
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if matches!(self, Self::Claimed) {
            response.extensions_mut().insert(Claimed);
        }
        let headers = response.headers_mut();
        match self {
            Self::Person { retry_after: Some(seconds), .. } => {
                drop(headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds)))
            }
            Self::BooksAway => drop(headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"))),
            Self::Unauthenticated(_) | Self::KeyInAddress(_) => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            // The rest of the body stays unread and the connection ends: nobody should ask on it again.
            Self::BodyTooLarge { .. } | Self::BodyTooSlow { .. } => {
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            _ => {}
        }
        response
    }
}
