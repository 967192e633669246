//! Price lists that others publish, turned into price files.
//!
//! Nothing is guessed: a model whose prices cannot be taken exactly and completely is skipped, with the
//! reason. What a published list prices beside tokens (searches, seconds, other service levels) is left
//! out and counted, because usage does not count it either.

mod draft;
use draft::{Draft, Kind, Prices};

mod litellm;
pub use litellm::litellm;

mod openrouter;
pub use openrouter::openrouter;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde_json::Value;
use thiserror::Error;

use crate::pricing::{self, Model};

/// Why a whole list cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ImportError {
    /// The text is not JSON.
    #[error("line {line}, column {column}: {reason}")]
    NotJson {
        /// Line of the mistake, counted from 1.
        line: usize,
        /// Column of the mistake, counted from 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// The text is JSON, but another list.
    #[error("this is not {0}")]
    OtherList(&'static str),
}

/// A model that was not imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// As the list names it.
    pub model: String,
    /// Why.
    pub reason: String,
}

/// What an import brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    models: BTreeMap<String, Model>,
    skipped: Vec<Skipped>,
    left_out: BTreeMap<String, usize>,
}

impl Imported {
    /// The models by public id.
    pub fn models(&self) -> impl ExactSizeIterator<Item = &Model> {
        self.models.values()
    }

    /// What was not imported, in the order of the list.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// Prices that imported models have beside those that were taken, and how many models have each.
    pub fn left_out(&self) -> &BTreeMap<String, usize> {
        &self.left_out
    }

    /// A price file for each provider, by its name.
    pub fn to_toml(&self) -> BTreeMap<String, String> {
        let providers: BTreeSet<_> = self.models().map(|model| model.offers[0].provider.as_str()).collect();
        let file = |provider: &str| (provider.to_owned(), pricing::price_file(provider, self.models()));
        providers.into_iter().map(file).collect()
    }

    fn add(&mut self, listed: &str, draft: Result<Draft, String>) {
        let skip = |reason| Skipped { model: listed.to_owned(), reason };
        match draft.and_then(Draft::finish) {
            Ok(model) if self.models.contains_key(&model.id) => {
                self.skipped.push(skip(format!("another model is already called `{}`", model.id)));
            }
            Ok(model) => {
                self.models.insert(model.id.clone(), model);
            }
            Err(reason) => self.skipped.push(skip(reason)),
        }
    }

    fn leave_out<'k>(&mut self, keys: impl Iterator<Item = &'k String>) {
        for key in keys {
            *self.left_out.entry(key.clone()).or_default() += 1;
        }
    }
}

/// So many kinds of left-out prices are named in a summary; large lists have a hundred.
const MOST_KEYS: usize = 12;

/// A summary for people: how many came, what did not and why.
impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for Skipped { model, reason } in &self.skipped {
            reasons.entry(reason).or_default().push(model);
        }
        writeln!(f, "{} models imported, {} skipped", self.models.len(), self.skipped.len())?;
        for (reason, models) in reasons {
            let more = if models.len() > 3 { ", ..." } else { "" };
            let some = models.iter().take(3).copied().collect::<Vec<_>>().join(", ");
            writeln!(f, "  skipped {}: {reason} ({some}{more})", models.len())?;
        }
        let mut left_out: Vec<_> = self.left_out.iter().collect();
        left_out.sort_by_key(|(key, models)| (Reverse(**models), *key));
        for (key, models) in left_out.iter().take(MOST_KEYS) {
            writeln!(f, "  left out `{key}` of {models} models")?;
        }
        match left_out.len().checked_sub(MOST_KEYS) {
            Some(more @ 1..) => writeln!(f, "  left out {more} rarer kinds of prices"),
            _ => Ok(()),
        }
    }
}

fn json(text: &str) -> Result<Value, ImportError> {
    serde_json::from_str(text).map_err(|error| ImportError::NotJson {
        line: error.line(),
        column: error.column(),
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests;
