//! What a client is told when an upstream failed.
//!
//! Whose trouble it is decides: the request's own (too long, a field that the provider does not take)
//! passes with its message; the operator's account, the provider and the network do not show.

use connectors::upstream::{Fault, Rejection, UpstreamFault};
use http::{HeaderMap, StatusCode, header};
use serde_json::Value;

use super::reader::Stopped;
use crate::error::Error;

/// The longest message that passes.
const LONGEST: usize = 1000;

/// With the wallet's own key, its account at the provider is the client's to look after.
pub(crate) fn error_of(fault: &UpstreamFault, has_own_key: bool) -> Error {
    match &fault.fault {
        Fault::Rejected(rejection) if has_own_key && matches!(rejection.status.as_u16(), 401..=403) => {
            Error::OwnKeyRefused { provider: fault.upstream.to_string(), status: rejection.status.as_u16() }
        }
        Fault::Rejected(rejection) => rejected(rejection),
        Fault::TimedOut(_) => Error::UpstreamTimeout,
        _ => Error::UpstreamFailed,
    }
}

pub(crate) fn error_of_stop(stopped: &Stopped) -> Error {
    match stopped {
        // It had answered well by then.
        Stopped::Fault(fault) => error_of(fault, false),
        Stopped::TooLong => Error::UpstreamTimeout,
        Stopped::TooLarge => Error::UpstreamFailed,
    }
}

fn rejected(rejection: &Rejection) -> Error {
    let retry_after = retry_after(&rejection.headers);
    match rejection.status.as_u16() {
        400 | 404 | 413 | 422 => Error::UpstreamRefused {
            status: rejection.status,
            message: message(&rejection.body).unwrap_or_else(|| without_message(rejection.status)),
        },
        429 => Error::UpstreamBusy { retry_after },
        401..=403 => Error::UpstreamUnavailable { retry_after: None },
        503 | 529 => Error::UpstreamUnavailable { retry_after },
        408 | 504 | 524 => Error::UpstreamTimeout,
        _ => Error::UpstreamFailed,
    }
}

fn retry_after(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

fn without_message(status: StatusCode) -> String {
    format!("the provider of this model refused the request ({})", status.as_u16())
}

/// The message of an error in any of the shapes that providers use.
fn message(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let error = body.get("error").unwrap_or(&body);
    let text = error.get("message").or_else(|| error.get("detail")).unwrap_or(error).as_str()?;
    Some(scrubbed(text)).filter(|text| !text.is_empty())
}

/// The message on one line, without what looks like a key.
fn scrubbed(text: &str) -> String {
    let plain: String =
        text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(LONGEST).collect();
    let mut text = String::with_capacity(plain.len());
    for word in plain.split_inclusive(ends_word) {
        let bare = word.trim_end_matches(ends_word);
        match is_key(bare) {
            true => [KEY, &word[bare.len()..]].iter().for_each(|part| text.push_str(part)),
            false => text.push_str(word),
        }
    }
    text.trim().to_owned()
}

/// What stands in the place of a key.
const KEY: &str = "[key]";

fn ends_word(letter: char) -> bool {
    letter.is_whitespace() || "\"'`,;:()[]{}<>=".contains(letter)
}

fn is_key(word: &str) -> bool {
    const PREFIXES: [&str; 9] = ["sk-", "sk_", "pk-", "gsk_", "xai-", "AIza", "tare_sk_", "r8_", "hf_"];
    PREFIXES.iter().any(|prefix| word.starts_with(prefix) && word.len() > prefix.len() + 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, body: &str) -> Error {
        let headers = [(header::RETRY_AFTER, "7".parse().unwrap())].into_iter().collect();
        let status = StatusCode::from_u16(status).unwrap();
        rejected(&Rejection { status, headers, body: body.to_owned().into() })
    }

    #[test]
    fn only_what_is_the_requests_own_trouble_shows() {
        let body = r#"{"error":{"message":"This model's maximum context length is 128000 tokens."}}"#;
        for status in [400, 404, 413, 422] {
            let error = told(status, body);
            assert_eq!(error.status().as_u16(), status);
            assert_eq!(error.to_string(), "This model's maximum context length is 128000 tokens.");
        }
        let answered = |status| told(status, r#"{"error":{"message":"canary"}}"#);
        for (status, seen) in
            [(401, 503), (402, 503), (403, 503), (429, 429), (500, 502), (502, 502), (503, 503), (504, 504), (418, 502)]
        {
            assert_eq!(answered(status).status().as_u16(), seen, "{status}");
            assert!(!answered(status).object().contains("canary"));
        }
        assert_eq!(answered(429), Error::UpstreamBusy { retry_after: Some(7) });
    }

    #[test]
    fn messages_are_found_in_any_shape_and_keys_are_taken_out() {
        assert_eq!(told(400, r#"{"error":"bad"}"#).to_string(), "bad");
        assert_eq!(told(400, r#"{"detail":"bad"}"#).to_string(), "bad");
        assert_eq!(told(400, r#"{"message":"bad\r\nX: y"}"#).to_string(), "bad  X: y");
        for silent in ["<html>", "", r#"{"error":{"code":7}}"#, "[]"] {
            assert_eq!(told(400, silent).to_string(), "the provider of this model refused the request (400)");
        }
        let leaky = r#"{"error":{"message":"Key (sk-abcdef123456) of 'tare_sk_0123456789' is wrong"}}"#;
        assert_eq!(told(400, leaky).to_string(), "Key ([key]) of '[key]' is wrong");
    }
}
