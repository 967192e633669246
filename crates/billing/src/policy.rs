//! What an organization lets its members use: models, providers, and what may happen to their prompts.
//!
//! A deny beats an allow; an empty allow list allows everything. A pattern is a name in which `*` stands for
//! any characters, as in `anthropic/*`. Upper and lower case are the same.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The rules of one organization. The default allows everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Which models, by their public id.
    pub models: Patterns,
    /// Which providers may serve them.
    pub providers: Patterns,
    /// What providers may do with prompts.
    pub data: DataPolicy,
    /// The model that clients start with; a name without `*`.
    pub default_model: Option<String>,
}

/// Names that are wanted and names that are not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Patterns {
    /// When there are any, only these.
    pub allow: Vec<String>,
    /// Never these.
    pub deny: Vec<String>,
}

/// What providers may do with prompts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataPolicy {
    /// Whatever their terms say.
    #[default]
    Any,
    /// Only models whose provider does not train on prompts.
    NoTraining,
}

/// Somebody wants to use a model.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// The public id of the model.
    pub model: &'a str,
    /// Who would serve it.
    pub provider: &'a str,
    /// Whether that provider may train on prompts.
    pub may_train: bool,
}

/// Why a policy says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forbidden {
    /// The model is denied, or is not among the allowed.
    Model,
    /// The provider is denied, or is not among the allowed.
    Provider,
    /// The provider may train on prompts.
    Training,
}

/// A policy that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct PolicyError {
    /// In which field.
    pub field: &'static str,
    /// What is wrong and what would be right.
    pub reason: String,
}

/// More patterns than anyone reads.
const MOST_PATTERNS: usize = 500;
const LONGEST_PATTERN: usize = 200;

impl Policy {
    /// Whether the wish may be fulfilled.
    pub fn check(&self, wish: Wish<'_>) -> Result<(), Forbidden> {
        if !self.models.allow(wish.model) {
            return Err(Forbidden::Model);
        }
        if !self.providers.allow(wish.provider) {
            return Err(Forbidden::Provider);
        }
        match self.data {
            DataPolicy::NoTraining if wish.may_train => Err(Forbidden::Training),
            _ => Ok(()),
        }
    }

    /// Whether the model may be used at all, whoever serves it.
    pub fn allows_model(&self, model: &str) -> bool {
        self.models.allow(model)
    }

    /// Refuses what can never match, and a default that the policy itself forbids.
    pub fn validate(&self) -> Result<(), PolicyError> {
        let lists = [
            ("models.allow", &self.models.allow),
            ("models.deny", &self.models.deny),
            ("providers.allow", &self.providers.allow),
            ("providers.deny", &self.providers.deny),
        ];
        for (field, patterns) in lists {
            if patterns.len() > MOST_PATTERNS {
                let reason = format!("at most {MOST_PATTERNS} patterns, not {}", patterns.len());
                return Err(PolicyError { field, reason });
            }
            if let Some(pattern) = patterns.iter().find(|pattern| !is_pattern(pattern)) {
                let shown: String = pattern.chars().take(40).collect();
                let reason =
                    format!("`{shown}` matches nothing: a name of 1 to {LONGEST_PATTERN} characters without spaces");
                return Err(PolicyError { field, reason });
            }
        }
        match &self.default_model {
            Some(model) if !is_pattern(model) || model.contains('*') => {
                Err(PolicyError { field: "default_model", reason: "the id of one model, without `*`".to_owned() })
            }
            Some(model) if !self.allows_model(model) => Err(PolicyError {
                field: "default_model",
                reason: format!("{model} is not among the models that this policy allows"),
            }),
            _ => Ok(()),
        }
    }
}

impl Patterns {
    fn allow(&self, name: &str) -> bool {
        let matches = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, name));
        !matches(&self.deny) && (self.allow.is_empty() || matches(&self.allow))
    }
}

fn is_pattern(pattern: &str) -> bool {
    let is_plain = |character: char| !character.is_whitespace() && !character.is_control();
    (1..=LONGEST_PATTERN).contains(&pattern.len()) && pattern.chars().all(is_plain)
}

/// Greedy with one step back: after a `*`, the shortest stretch that lets the rest match. Time is at most the
/// product of both lengths.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut p, mut n) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&b'*') {
            back = Some((p + 1, n));
            p += 1;
        } else if pattern.get(p).is_some_and(|letter| letter.eq_ignore_ascii_case(&name[n])) {
            (p, n) = (p + 1, n + 1);
        } else if let Some((after, from)) = back {
            back = Some((after, from + 1));
            (p, n) = (after, from + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|letter| *letter == b'*')
}

#[cfg(test)]
mod tests;
