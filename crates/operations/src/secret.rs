//! How secrets look and how they are stored.
//!
//! Each is at least 192 random bits, so a plain SHA-256 is as good as a slow hash: there is nothing to guess,
//! and looking a hash up tells nothing about the secret by its timing. The prefix says what kind it is, and
//! lets scanners find leaked ones.

use sha2::{Digest, Sha256};

/// A kind of secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretKind {
    /// What every secret of the kind begins with.
    pub prefix: &'static str,
    bytes: usize,
}

/// An API key.
pub const API_KEY: SecretKind = SecretKind { prefix: "tare_sk_", bytes: 24 };
/// The token of a browser's session.
pub const SESSION: SecretKind = SecretKind { prefix: "tare_ss_", bytes: 32 };
/// The token of a device.
pub const DEVICE: SecretKind = SecretKind { prefix: "tare_dt_", bytes: 32 };
/// What goes with a sign-in code and is not in the mail.
pub const CHALLENGE: SecretKind = SecretKind { prefix: "tare_sc_", bytes: 32 };
/// What makes the first operator.
pub const SETUP: SecretKind = SecretKind { prefix: "tare_su_", bytes: 32 };

impl SecretKind {
    /// The text of a secret, from 256 random bits.
    pub(crate) fn text(self, random: [u8; 32]) -> String {
        let mut text = String::from(self.prefix);
        for byte in &random[..self.bytes] {
            text.push_str(&format!("{byte:02x}"));
        }
        text
    }

    /// What is stored of a secret. `None` for a text that cannot be one of this kind.
    pub fn hash(self, text: &str) -> Option<[u8; 32]> {
        let hex = text.strip_prefix(self.prefix)?;
        let is_secret = hex.len() == self.bytes * 2 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        is_secret.then(|| content_hash(text))
    }
}

/// What somebody gave, as it may be told again: short, and nothing of what is a secret of ours or as long as the number
/// of a card.
pub fn shown(text: &str) -> String {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    match (text.starts_with("tare_"), digits >= 12 && !text.bytes().any(|byte| byte.is_ascii_alphabetic())) {
        (true, _) => "tare_...".to_owned(),
        (_, true) => "...".to_owned(),
        _ => text.chars().take(80).collect(),
    }
}

/// What a reader of JSON says, without the value that it did not want: somebody may have put a secret in its place.
pub fn without_value(said: &str) -> String {
    let Some((kind, rest)) = said.strip_prefix("invalid ").and_then(|rest| rest.split_once(": ")) else {
        return said.to_owned();
    };
    let value = rest.rsplit_once(", expected ").map_or(rest, |(value, _)| value);
    let what = value.split(['`', '"']).next().unwrap_or_default().trim_end();
    format!("invalid {kind}: {what}{}", &rest[value.len()..])
}

/// SHA-256 of a text.
pub(crate) fn content_hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_again_has_no_secret_in_it() {
        assert_eq!(shown("wal_x"), "wal_x");
        assert_eq!(shown("tare_sk_0123"), "tare_...");
        assert_eq!(shown("4242 4242 4242 4242"), "...");
        assert_eq!(shown(&"x".repeat(100)).len(), 80);
        let told = |json: &str| without_value(&serde_json::from_str::<Vec<u8>>(json).unwrap_err().to_string());
        assert_eq!(told("4242424242424242"), "invalid type: integer, expected a sequence at line 1 column 16");
        assert_eq!(told("\"a, expected `b\""), "invalid type: string, expected a sequence at line 1 column 16");
        assert_eq!(told("[4242]"), "invalid value: integer, expected u8 at line 1 column 5");
        assert_eq!(told("[}"), "expected value at line 1 column 2");
    }
}
