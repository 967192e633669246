//! A provider's key in memory.

use zeroize::Zeroizing;

use crate::Error;

/// The text of a provider's key. It has no `Debug` and no `Serialize`, and is wiped when it is dropped.
#[derive(Clone)]
pub struct ProviderKey(Zeroizing<String>);

/// Shorter ones are no keys, and their last four characters would give too much of them away.
const SHORTEST: usize = 12;
const LONGEST: usize = 500;

impl ProviderKey {
    /// Takes the text of a key, without the spaces around it.
    ///
    /// # Errors
    /// When it cannot be one. The text is not repeated.
    pub fn new(text: String) -> Result<Self, Error> {
        let text = Zeroizing::new(text);
        let bare = text.trim();
        let is_key = (SHORTEST..=LONGEST).contains(&bare.len()) && bare.bytes().all(|byte| byte.is_ascii_graphic());
        match is_key {
            true => Ok(Self(Zeroizing::new(bare.to_owned()))),
            false => Err(Error::Invalid {
                field: "key",
                reason: format!("{SHORTEST} to {LONGEST} visible ASCII characters, as the provider shows it"),
            }),
        }
    }

    /// To recognise it by.
    pub(super) fn last4(&self) -> String {
        self.0[self.0.len() - 4..].to_owned()
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_a_key_is_refused_and_not_repeated() {
        let long = "x".repeat(501);
        for text in ["", "short", "sk-with space in it", "sk-line\nbreak-in-it", "sk-schl\u{fc}ssel-1234", &long] {
            let Err(error) = ProviderKey::new(text.to_owned()) else { panic!("{text} was taken") };
            assert_eq!(error.code(), "invalid_field");
            assert!(text.is_empty() || !error.to_string().contains(text));
        }
        let Ok(key) = ProviderKey::new("  sk-0123456789\n".to_owned()) else { panic!("a key is taken") };
        assert_eq!((key.text(), &*key.last4()), ("sk-0123456789", "6789"));
    }
}
