//! A password or another secret from the environment, as long as it is in memory.

use std::fmt;

use zeroize::Zeroizing;

/// Text that is never printed, and wiped when it is dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text, for whoever it is meant for.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The value of an environment variable that the settings name.
    ///
    /// # Errors
    /// When it is not set, or empty. The text says which variable, for what.
    pub fn from_environment(what: &str, name: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        match variable(name).filter(|value| !value.is_empty()) {
            Some(value) => Ok(Self::new(value)),
            None => Err(format!("{what}: the environment variable {name} is not set")),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}
