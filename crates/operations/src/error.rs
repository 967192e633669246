//! Why an operation did not do what was asked.

use ledger::Refusal;
use store::{Fault, PostError};
use thiserror::Error;

/// A refusal is an answer, a fault is the world failing. Only the doors turn them into HTTP.
#[derive(Debug, Error)]
pub enum Error {
    /// The rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No such key, or it may not be used any more. The text says which, and nothing about other keys.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// Nothing of that kind has that name or id for this caller.
    #[error("there is no {what} {name}")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// By which name or id.
        name: String,
    },
    /// The price book has no such model, or no prices for it at that moment.
    #[error("the model {model} is not known here")]
    ModelUnknown {
        /// Its public id.
        model: String,
    },
    /// It is there already.
    #[error("{what} {name} exists already")]
    Exists {
        /// What.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A field that no rule allows.
    #[error("{field}: {reason}")]
    Invalid {
        /// Which field.
        field: &'static str,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// The database or another part of the world failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Error {
    /// The stable code, as listed in `docs/errors.md`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Unauthenticated(_) => "unauthenticated",
            Self::NotFound { .. } => "not_found",
            Self::ModelUnknown { .. } => "model_unknown",
            Self::Exists { .. } => "exists",
            Self::Invalid { .. } => "invalid_field",
            Self::Fault(_) => "unavailable",
        }
    }
}

impl From<PostError> for Error {
    fn from(error: PostError) -> Self {
        match error {
            PostError::Refused(refusal) => Self::Refused(refusal),
            PostError::UnknownWallet(wallet) => Self::NotFound { what: "wallet", name: wallet.to_string() },
            PostError::Fault(fault) => Self::Fault(fault),
        }
    }
}
