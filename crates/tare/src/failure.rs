//! What a command says when it cannot go on.

use std::fmt;

/// A sentence for the terminal: what was being done, why it failed, what to do next.
pub struct Failure(String);

impl Failure {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(deeper) = cause {
            let deeper_text = deeper.to_string();
            // Many errors repeat their cause; say each thing once.
            if !text.contains(&deeper_text) {
                text.push_str(": ");
                text.push_str(&deeper_text);
            }
            cause = deeper.source();
        }
        Self(text)
    }
}
