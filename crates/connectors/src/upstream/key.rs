//! An upstream's key, as long as it is in memory.

use std::fmt;

use bytes::Bytes;
use http::HeaderValue;
use serde::{Deserialize, Deserializer, de};
use thiserror::Error;
use zeroize::Zeroizing;

/// A key for an upstream. It cannot be printed or serialized, and its bytes are wiped when the last
/// copy is dropped.
#[derive(Clone)]
pub struct ApiKey(HeaderValue);

/// A key that cannot stand in a header. The key itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an API key is visible ASCII text without spaces or line breaks")]
pub struct InvalidKey;

impl ApiKey {
    /// Takes the text of a key.
    ///
    /// # Errors
    /// When it is empty or has other than visible ASCII characters.
    pub fn new(text: String) -> Result<Self, InvalidKey> {
        let text = Zeroizing::new(text);
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidKey);
        }
        let bearer = Zeroizing::new([b"Bearer ", text.as_bytes()].concat());
        let mut header = HeaderValue::from_maybe_shared(Bytes::from_owner(bearer)).map_err(|_| InvalidKey)?;
        header.set_sensitive(true);
        Ok(Self(header))
    }

    /// For the header `authorization`. Shares the bytes of the key.
    pub(super) fn bearer(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(secret)")
    }
}

impl<'de> Deserialize<'de> for ApiKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The reader's own message would repeat a key that was written as a number.
        let text = String::deserialize(deserializer).map_err(|_| de::Error::custom("an API key is text in quotes"))?;
        Self::new(text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_printed() {
        let key = ApiKey::new("sk-canary".to_owned()).unwrap();
        assert!(!format!("{key:?} {:?}", key.bearer()).contains("canary"));
        assert_eq!(key.bearer(), "Bearer sk-canary");
    }

    #[test]
    fn a_key_cannot_break_a_header() {
        for text in ["", "a b", "a\r\nx: y", "schlüssel"] {
            assert_eq!(ApiKey::new(text.to_owned()).unwrap_err(), InvalidKey);
        }
        let error = serde_json::from_str::<ApiKey>("\"sk canary\"").unwrap_err().to_string();
        assert!(!error.contains("canary"), "{error}");
        let error = serde_json::from_str::<ApiKey>("8675309").unwrap_err().to_string();
        assert!(!error.contains("8675309"), "{error}");
    }
}
