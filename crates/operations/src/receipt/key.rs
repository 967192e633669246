//! The keys of receipts, as text: Ed25519, 32 bytes each, in hexadecimal behind a word that says which it is.

use std::fmt;

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};
use thiserror::Error;

const SECRET: &str = "tare-receipt-secret-1:";
const PUBLIC: &str = "tare-receipt-public-1:";

/// A text that is no key. It does not repeat the text, which could be one nearly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Not the secret half.
    #[error("this is no signing key: one begins with {SECRET} and goes on with 64 hexadecimal digits")]
    NotSecret,
    /// Not the public half.
    #[error("this is no public key: one begins with {PUBLIC} and goes on with 64 hexadecimal digits")]
    NotPublic,
}

/// The secret half: it signs.
pub struct SigningKey {
    pair: Ed25519KeyPair,
}

/// The public half: it checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl SigningKey {
    /// The key of 32 random bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self { pair: Ed25519KeyPair::from_seed_unchecked(seed).expect("32 bytes are a seed") }
    }

    /// How the key of these bytes is kept in a file or in the environment.
    pub fn to_text(seed: &[u8; 32]) -> String {
        format!("{SECRET}{}", hex(seed))
    }

    /// Reads a key as it is kept.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        text.trim().strip_prefix(SECRET).and_then(unhex).map(|seed| Self::from_seed(&seed)).ok_or(KeyError::NotSecret)
    }

    /// Its public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.pair.public_key().as_ref().try_into().expect("a public key has 32 bytes"))
    }

    /// Signs bytes. The same bytes always get the same signature.
    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.pair.sign(bytes).as_ref().try_into().expect("a signature has 64 bytes")
    }
}

/// Shows which key it is, and nothing of the secret.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public().id())
    }
}

impl PublicKey {
    /// Reads a key as it is printed.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        text.trim().strip_prefix(PUBLIC).and_then(unhex).map(Self).ok_or(KeyError::NotPublic)
    }

    /// A short name for the key: the first 16 hexadecimal digits of its SHA-256.
    pub fn id(&self) -> String {
        hex(&Sha256::digest(self.0)[..8])
    }

    /// Whether the signature is of these bytes and by this key.
    pub fn accepts(&self, bytes: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(bytes, signature).is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PUBLIC}{}", hex(&self.0))
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Exactly so many bytes, of two digits each.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    let is_hex = digits.len() == 2 * N && digits.iter().all(u8::is_ascii_hexdigit);
    let byte = |at: usize| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok();
    let mut bytes = [0; N];
    for (at, slot) in bytes.iter_mut().enumerate().filter(|_| is_hex) {
        *slot = byte(at)?;
    }
    is_hex.then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_signatures_are_those_of_rfc_8032() {
        // Test 2 of section 7.1.
        let seed = unhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb").unwrap();
        let key = SigningKey::parse(&format!(" {}\n", SigningKey::to_text(&seed))).unwrap();
        let public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
        assert_eq!(key.public().to_string(), format!("{PUBLIC}{public}"));
        let signature = key.sign(&[0x72]);
        assert!(hex(&signature).starts_with("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"));
        assert!(key.public().accepts(&[0x72], &signature));
        assert!(!key.public().accepts(&[0x73], &signature));
        assert!(!key.public().accepts(&[0x72], &signature[..63]));
        assert!(!format!("{key:?}").contains("4ccd"));
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_repeated() {
        for text in ["", "4ccd", PUBLIC, "tare-receipt-secret-1:4c"] {
            assert_eq!(SigningKey::parse(text).unwrap_err(), KeyError::NotSecret);
            assert_eq!(PublicKey::parse(text).unwrap_err(), KeyError::NotPublic);
        }
    }
}
