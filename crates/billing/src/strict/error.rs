//! What is wrong with a catalog or price file, and where.

use std::{fmt, ops::Range};

/// A refused catalog or price file: nothing of it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogError {
    /// Which file, where several were read at once.
    pub file: Option<String>,
    /// Line of the offending key or value, counted from 1.
    pub line: usize,
    /// Column in that line in characters, counted from 1.
    pub column: usize,
    /// The full dotted key, such as `seats.teams.monthly`; empty when the text is not TOML at all.
    pub key: String,
    /// What is wrong, and what would be right.
    pub reason: String,
}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, key, reason } = self;
        if let Some(file) = file {
            write!(f, "{file}, ")?;
        }
        write!(f, "line {line}, column {column}")?;
        if !key.is_empty() {
            write!(f, ", `{key}`")?;
        }
        write!(f, ": {reason}")
    }
}

impl std::error::Error for CatalogError {}

/// A text and how it is called, to turn byte offsets into lines and columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'s> {
    pub(crate) file: Option<&'s str>,
    pub(crate) text: &'s str,
}

impl Place<'_> {
    /// The error for what stands at `span`.
    pub(crate) fn error(self, span: Range<usize>, key: &str, reason: impl Into<String>) -> CatalogError {
        let start = (0..=span.start.min(self.text.len())).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
        let before = &self.text[..start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        CatalogError {
            file: self.file.map(str::to_owned),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            key: key.to_owned(),
            reason: reason.into(),
        }
    }
}

/// The error of `place`, as a result.
pub(crate) fn fail<T>(
    place: Place<'_>,
    span: Range<usize>,
    key: &str,
    reason: impl Into<String>,
) -> Result<T, CatalogError> {
    Err(place.error(span, key, reason))
}
