//! The world failing: the database is away, full, locked, newer than the program, or broken.
//!
//! A fault says what we were doing and whether trying again can help. It never carries the values of a
//! row, which could be secrets.

use thiserror::Error;

/// Why the store could not do what was asked. Nothing was acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// The database cannot be reached, or cannot write.
    #[error("the database failed while {doing}: {cause}. Trying again can help")]
    Unavailable {
        /// What we were doing.
        doing: &'static str,
        /// What the database or the system said.
        cause: String,
    },
    /// More work waits than can be queued.
    #[error("the database is too busy while {doing}. Try again in a moment")]
    Busy {
        /// What we were doing.
        doing: &'static str,
    },
    /// The address of the database makes no sense, or it is not ours to open.
    #[error("{0}")]
    Unusable(String),
    /// There is a database, and nothing of ours in it.
    #[error("the database has no tables of tare yet. Starting `tare serve` makes them")]
    Fresh,
    /// A newer program has migrated the database.
    #[error("the database has version {found}, this program knows versions up to {known}. Use a newer tare")]
    Newer {
        /// The database's version.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// Two processes would write one SQLite file.
    #[error("another tare is using {0}. Stop it, or choose another database")]
    InUse(String),
    /// Something that must be unique exists.
    #[error("{what} exists already. Choose another")]
    Taken {
        /// What exists.
        what: &'static str,
    },
    /// Another request made a change with the caller's key.
    #[error("another request made a change with this key")]
    Claimed,
    /// A constraint of the database refused a row.
    #[error("the database refused a row while {doing}: {cause}. This is a bug in tare")]
    Rejected {
        /// What we were doing.
        doing: &'static str,
        /// What the database said.
        cause: String,
    },
    /// An operation did what no operation may. Its transaction was rolled back.
    #[error("a transaction was rolled back: {what}. This is a bug in tare")]
    Bug {
        /// What it did.
        what: String,
    },
    /// The books disagree with themselves.
    #[error("the books are broken: {what}. Run `tare verify`")]
    Corrupt {
        /// Where.
        what: String,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

impl Fault {
    /// Whether the same call can succeed later without anybody changing anything. Every command carries
    /// ids of its own, so trying again never doubles an effect.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Busy { .. } | Self::Closed)
    }

    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt { what: what.into() }
    }

    pub(crate) fn unavailable(doing: &'static str, cause: impl ToString) -> Self {
        Self::Unavailable { doing, cause: cause.to_string() }
    }
}
