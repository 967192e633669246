//! The keys of one table, taken one by one; what nobody took is unknown.

use std::collections::BTreeMap;
use std::ops::Range;
use std::str::FromStr;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use units::Instant;

use crate::source::{Source, StoryError};

pub(crate) struct Fields<'s> {
    source: Source<'s>,
    span: Range<usize>,
    what: String,
    left: BTreeMap<String, Spanned<DeValue<'s>>>,
    asked: Vec<&'static str>,
}

impl<'s> Fields<'s> {
    pub fn new(source: Source<'s>, span: Range<usize>, what: impl Into<String>, table: DeTable<'s>) -> Self {
        let left = table.into_iter().map(|(key, value)| (key.into_inner().into_owned(), value)).collect();
        Self { source, span, what: what.into(), left, asked: Vec::new() }
    }

    pub fn set_what(&mut self, what: impl Into<String>) {
        self.what = what.into();
    }

    pub fn take(&mut self, key: &'static str) -> Option<Spanned<DeValue<'s>>> {
        self.asked.push(key);
        self.left.remove(key)
    }

    pub fn error(&self, reason: impl Into<String>) -> StoryError {
        self.source.error(&self.span, reason)
    }

    fn missing(&self, key: &str) -> StoryError {
        self.error(format!("{} needs the key `{key}`", self.what))
    }

    pub fn text(&mut self, key: &'static str) -> Result<String, StoryError> {
        self.find_text(key)?.ok_or_else(|| self.missing(key))
    }

    pub fn find_text(&mut self, key: &'static str) -> Result<Option<String>, StoryError> {
        let Some(value) = self.take(key) else { return Ok(None) };
        match value.get_ref().as_str() {
            Some(text) => Ok(Some(text.to_owned())),
            None => Err(self.source.error(&value.span(), format!("`{key}` must be a text in quotes"))),
        }
    }

    /// A number in quotes or bare, read from its digits: `"7.50"`, `7.50` and `7` are the same kind of thing.
    pub fn number<T>(&mut self, key: &'static str) -> Result<T, StoryError>
    where
        T: FromStr<Err: std::fmt::Display>,
    {
        self.find_number(key)?.ok_or_else(|| self.missing(key))
    }

    pub fn find_number<T>(&mut self, key: &'static str) -> Result<Option<T>, StoryError>
    where
        T: FromStr<Err: std::fmt::Display>,
    {
        let Some(value) = self.take(key) else { return Ok(None) };
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.to_string(),
            DeValue::Float(number) => number.as_str().to_owned(),
            _ => return Err(self.source.error(&value.span(), format!("`{key}` must be a number"))),
        };
        text.parse().map(Some).map_err(|error| self.source.error(&value.span(), format!("`{key}`: {error}")))
    }

    /// The digits of a number that is none to calculate with, in quotes or bare.
    pub fn number_text(&mut self, key: &'static str) -> Result<String, StoryError> {
        self.number(key)
    }

    pub fn flag(&mut self, key: &'static str) -> Result<bool, StoryError> {
        let Some(value) = self.take(key) else { return Ok(false) };
        value
            .get_ref()
            .as_bool()
            .ok_or_else(|| self.source.error(&value.span(), format!("`{key}` must be true or false")))
    }

    pub fn find_instant(&mut self, key: &'static str) -> Result<Option<Instant>, StoryError> {
        let Some(value) = self.take(key) else { return Ok(None) };
        let text = match value.get_ref() {
            DeValue::Datetime(moment) => moment.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => String::new(),
        };
        let instant = text.parse();
        instant.map(Some).map_err(|_| {
            self.source.error(&value.span(), format!("`{key}` must be an instant such as 2026-01-31T00:00:00Z"))
        })
    }

    /// Everything was asked for, or the rest is unknown.
    pub fn finish(self) -> Result<(), StoryError> {
        let Some((key, value)) = self.left.first_key_value() else { return Ok(()) };
        let known = self.asked.join("`, `");
        Err(self.source.error(&value.span(), format!("{} has no key `{key}`; it has `{known}`", self.what)))
    }
}

/// A TOML value as JSON, numbers by their digits.
pub(crate) fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(number) => Value::String(number.to_string()),
        DeValue::Float(number) => Value::String(number.as_str().to_owned()),
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Datetime(moment) => Value::String(moment.to_string()),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => {
            let pairs = table.iter().map(|(key, item)| (key.get_ref().to_string(), json(item.get_ref())));
            Value::Object(pairs.collect())
        }
    }
}
