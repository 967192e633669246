//! How a key looks and how it is stored.
//!
//! A key is 192 random bits, so a plain SHA-256 is as good as a slow hash: there is nothing to guess.
//! The prefix lets secret scanners find leaked keys.

use sha2::{Digest, Sha256};

/// What every key begins with.
pub const KEY_PREFIX: &str = "tare_sk_";
const SECRET_BYTES: usize = 24;

/// The text of a key, from 256 random bits.
pub(crate) fn key_text(random: [u8; 32]) -> String {
    let mut text = String::from(KEY_PREFIX);
    for byte in &random[..SECRET_BYTES] {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// What is stored of a key. `None` for a text that cannot be one.
pub(crate) fn key_hash(text: &str) -> Option<[u8; 32]> {
    let hex = text.strip_prefix(KEY_PREFIX)?;
    let is_key = hex.len() == SECRET_BYTES * 2 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    is_key.then(|| content_hash(text))
}

/// SHA-256 of a text.
pub(crate) fn content_hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
