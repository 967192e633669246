//! Where in the file something is wrong.

use std::ops::Range;

use thiserror::Error;

/// A story that cannot be played, with the line and what would be right. Nothing ran.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: {reason}")]
pub struct StoryError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what would be right.
    pub reason: String,
}

/// The text of a story, for turning places into lines.
#[derive(Clone, Copy)]
pub(crate) struct Source<'s> {
    pub text: &'s str,
}

impl Source<'_> {
    pub fn line(&self, span: &Range<usize>) -> usize {
        let end = span.start.min(self.text.len());
        self.text.as_bytes()[..end].iter().filter(|byte| **byte == b'\n').count() + 1
    }

    pub fn error(&self, span: &Range<usize>, reason: impl Into<String>) -> StoryError {
        StoryError { line: self.line(span), reason: reason.into() }
    }
}
