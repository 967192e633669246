//! Errors in OpenAI's shape.

use http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;

use super::{playback::Playback, script::Script};

/// An error as it is answered.
pub(super) struct Refusal {
    pub status: u16,
    pub kind: &'static str,
    pub code: Option<&'static str>,
    pub message: String,
    pub retry_after: Option<u64>,
}

impl Refusal {
    /// The request itself is wrong.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self { status: 400, kind: "invalid_request_error", code: None, message: message.into(), retry_after: None }
    }

    /// The model does not exist.
    pub(super) fn unknown_model(model: &str) -> Self {
        let message = format!("The model `{model}` does not exist or you do not have access to it.");
        Self { status: 404, code: Some("model_not_found"), ..Self::bad_request(message) }
    }

    /// The error of a status that a script asks for.
    pub(super) fn scripted(status: u16, script: &Script) -> Self {
        let (kind, code, message) = match status {
            401 => ("invalid_request_error", Some("invalid_api_key"), "Incorrect API key provided."),
            402 => ("insufficient_quota", Some("insufficient_quota"), "The account of this key has no credits left."),
            403 => ("permission_error", None, "This key may not do that."),
            404 => ("invalid_request_error", Some("model_not_found"), "The model does not exist."),
            429 => ("requests", Some("rate_limit_exceeded"), "Rate limit reached, please try again later."),
            503 => ("server_error", None, "The engine is currently overloaded, please try again later."),
            500.. => ("server_error", None, "The server had an error while processing your request."),
            _ => ("invalid_request_error", None, "The request is not acceptable."),
        };
        let patience = matches!(status, 429 | 503).then_some(1);
        Self { status, kind, code, message: message.to_owned(), retry_after: script.retry_after.or(patience) }
    }

    /// As an answer.
    pub(super) fn response(self) -> Response<Playback> {
        let body = error_object(&self.message, self.kind, self.code);
        let mut response = json_response(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The object that carries an error, in an answer of its own or within a stream.
pub(super) fn error_object(message: &str, kind: &str, code: Option<&str>) -> String {
    json!({"error": {"message": message, "type": kind, "param": null, "code": code}}).to_string()
}

/// A 200 with JSON.
pub(super) fn json_response(body: String) -> Response<Playback> {
    let mut response = Response::new(Playback::text(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
