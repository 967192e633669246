//! One call to Stripe: asked again where that is safe, and honest about what is not known.

use std::time::Duration;

use http::{Method, Request, Response, StatusCode};
use serde::de::DeserializeOwned;

use super::wire::Refusal;
use crate::outgoing::{Outgoing, OutgoingFault};
use crate::processor::ProcessorError;
use crate::secret::Secret;

/// The version of the interface that this client was written for.
const VERSION: &str = "2026-05-27.dahlia";
/// How often a call is made at most, and how long to wait before the second.
const TRIES: u32 = 3;
const FIRST_WAIT: Duration = Duration::from_millis(500);

pub(super) struct Client {
    pub http: Outgoing,
    pub key: Secret,
}

/// An answer: what was asked for, or a refusal of the card.
pub(super) enum Answer<T> {
    Done(T),
    Declined(Box<super::wire::WireFailure>),
}

impl Client {
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ProcessorError> {
        match self.call(Method::GET, path, &[], None).await? {
            Answer::Done(done) => Ok(done),
            Answer::Declined(_) => Err(ProcessorError::Unknown("a question was declined".to_owned())),
        }
    }

    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        form: &[(&str, &str)],
        key: &str,
    ) -> Result<Answer<T>, ProcessorError> {
        self.call(Method::POST, path, form, Some(key)).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        form: &[(&str, &str)],
        key: Option<&str>,
    ) -> Result<Answer<T>, ProcessorError> {
        let mut wait = FIRST_WAIT;
        let mut tried = 1;
        loop {
            let answer = self.http.send(self.request(&method, path, form, key)?).await;
            let answer = answer.map(|answer| answer.map(|body| self.without_key(body)));
            note(&answer, path, tried);
            if tried == TRIES || !is_worth_another(&answer) {
                return read(answer, path);
            }
            tokio::time::sleep(wait + apart(key.unwrap_or(path))).await;
            (wait, tried) = (wait * 2, tried + 1);
        }
    }

    /// What somebody says who may repeat what we sent: people are shown parts of it.
    fn without_key(&self, body: Vec<u8>) -> Vec<u8> {
        match String::from_utf8(body) {
            Ok(text) => text.replace(self.key.expose(), "(hidden)").into_bytes(),
            Err(error) => error.into_bytes(),
        }
    }

    fn request(
        &self,
        method: &Method,
        path: &str,
        form: &[(&str, &str)],
        key: Option<&str>,
    ) -> Result<Request<Vec<u8>>, ProcessorError> {
        let uri = self.http.at(path).map_err(|fault| ProcessorError::NotSent(fault.to_string()))?;
        let mut request = Request::builder()
            .method(method)
            .uri(uri)
            .header("authorization", format!("Bearer {}", self.key.expose()))
            .header("stripe-version", VERSION);
        if let Some(key) = key {
            request =
                request.header("idempotency-key", key).header("content-type", "application/x-www-form-urlencoded");
        }
        let request = request.body(encode(form).into_bytes());
        request.map_err(|error| ProcessorError::NotSent(error.to_string()))
    }
}

/// A form as browsers send it. Everything but plain letters and digits is escaped.
fn encode(form: &[(&str, &str)]) -> String {
    let escape = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            })
            .collect()
    };
    form.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect::<Vec<_>>().join("&")
}

/// Up to a quarter of a second that differs from key to key, so that calls which failed together do not come together
/// again.
fn apart(key: &str) -> Duration {
    let sum = key.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    Duration::from_millis((sum % 250).into())
}

/// Leaves a line by which the processor's people can find the call. Bodies are in none: they can hold secrets.
fn note(answer: &Result<Response<Vec<u8>>, OutgoingFault>, path: &str, tried: u32) {
    match answer {
        Ok(answer) => {
            let request = answer.headers().get("request-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
            tracing::debug!(path, tried, status = answer.status().as_u16(), request, "asked the processor");
        }
        Err(fault) => tracing::warn!(path, tried, %fault, "the processor does not answer"),
    }
}

/// Whether the same call again, under the same key, may do better.
fn is_worth_another(answer: &Result<Response<Vec<u8>>, OutgoingFault>) -> bool {
    let Ok(answer) = answer else { return true };
    if answer.status().is_success() {
        return false;
    }
    match answer.headers().get("stripe-should-retry").and_then(|value| value.to_str().ok()) {
        Some("true") => true,
        Some("false") => false,
        _ => {
            let status = answer.status();
            status.is_server_error() || [StatusCode::CONFLICT, StatusCode::TOO_MANY_REQUESTS].contains(&status)
        }
    }
}

/// What the answer says. Its text is never logged: it can hold secrets of the payment.
fn read<T: DeserializeOwned>(
    answer: Result<Response<Vec<u8>>, OutgoingFault>,
    path: &str,
) -> Result<Answer<T>, ProcessorError> {
    let answer = answer.map_err(|fault| match fault {
        OutgoingFault::NotSent(why) => ProcessorError::NotSent(why),
        OutgoingFault::Unanswered(why) => ProcessorError::Unknown(why),
    })?;
    let status = answer.status();
    if status.is_success() {
        let done = serde_json::from_slice(answer.body());
        return done.map(Answer::Done).map_err(|_| ProcessorError::Unknown("the answer cannot be read".to_owned()));
    }
    let refusal = serde_json::from_slice::<Refusal>(answer.body()).ok().map(|refusal| refusal.error);
    let code = refusal.as_ref().and_then(|error| error.code.clone()).unwrap_or_default();
    match (status, refusal) {
        (StatusCode::PAYMENT_REQUIRED, Some(failure)) => Ok(Answer::Declined(Box::new(failure))),
        (StatusCode::NOT_FOUND, _) => Err(ProcessorError::NotFound(path.to_owned())),
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => {
            Err(ProcessorError::NotSent("the key is refused".to_owned()))
        }
        (StatusCode::TOO_MANY_REQUESTS, _) => Err(ProcessorError::NotSent("too many requests".to_owned())),
        (StatusCode::BAD_REQUEST, _) if code == "payment_intent_unexpected_state" => Err(ProcessorError::WrongState),
        (StatusCode::BAD_REQUEST, _) if code == "idempotency_error" => Err(ProcessorError::KeyReused),
        (StatusCode::BAD_REQUEST, refusal) => {
            let message = refusal.and_then(|error| error.message).unwrap_or_default();
            Err(ProcessorError::Rejected { code, message })
        }
        (status, _) => Err(ProcessorError::Unknown(format!("it answered {status}"))),
    }
}
