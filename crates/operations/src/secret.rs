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

/// SHA-256 of a text.
pub(crate) fn content_hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
