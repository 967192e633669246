//! The rules say no: a stable code, the numbers that explain it, and what to do next.

use thiserror::Error;
use units::{Amount, GrantId, HoldId};

/// Why a command was refused. It changed nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Not even the least amount is available.
    #[error("this needs {needed}; {available} is available. Buy credits or ask for less")]
    InsufficientCredits {
        /// The least that would have been taken.
        needed: Amount,
        /// What a new hold could have.
        available: Amount,
    },
    /// The person has spent what they may spend of this wallet in a day.
    #[error(
        "this needs {needed}; of a daily limit of {limit}, {spent} is spent and {held} is held by requests that run. Wait for the next day (UTC), or ask an owner of the organization to raise the limit"
    )]
    DailyLimitReached {
        /// The limit.
        limit: Amount,
        /// What was spent of it.
        spent: Amount,
        /// What is held for requests that run.
        held: Amount,
        /// The least that would have been taken.
        needed: Amount,
    },
    /// The API key has spent what it may spend.
    #[error(
        "this needs {needed}; of this key's limit of {limit}, {spent} is spent and {held} is held by requests that run. Raise the limit of the key, or use another one"
    )]
    KeyLimitReached {
        /// The limit.
        limit: Amount,
        /// What was spent of it.
        spent: Amount,
        /// What is held for requests that run.
        held: Amount,
        /// The least that would have been taken.
        needed: Amount,
    },
    /// The hold ended before. A hold is settled or released exactly once.
    #[error("hold {hold} was {how} already; it cannot be changed any more")]
    HoldClosed {
        /// The hold.
        hold: HoldId,
        /// `settled`, `released` or `lapsed`.
        how: &'static str,
    },
    /// No hold of this wallet has that id.
    #[error("hold {hold} is not known in this wallet. Place it first")]
    HoldUnknown {
        /// The hold.
        hold: HoldId,
    },
    /// An amount that no rule allows here.
    #[error("{what} is {given}; it must be {allowed}")]
    AmountOutOfRange {
        /// Which amount.
        what: &'static str,
        /// What was given.
        given: String,
        /// What would be right.
        allowed: String,
    },
    /// A grant that would end before it starts.
    #[error("grant {grant} would expire before it can be spent; its expiry must be later than its start and than now")]
    ExpiryBeforeStart {
        /// The grant.
        grant: GrantId,
    },
    /// The same id or key came with other content.
    #[error("{key} was used before with other content. Use a new one for a new request")]
    IdempotencyConflict {
        /// The id or key.
        key: String,
    },
}

impl Refusal {
    /// The stable code, as listed in `docs/errors.md`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InsufficientCredits { .. } => "insufficient_credits",
            Self::DailyLimitReached { .. } => "daily_limit_reached",
            Self::KeyLimitReached { .. } => "key_limit_reached",
            Self::HoldClosed { .. } => "hold_closed",
            Self::HoldUnknown { .. } => "hold_unknown",
            Self::AmountOutOfRange { .. } => "amount_out_of_range",
            Self::ExpiryBeforeStart { .. } => "expiry_before_start",
            Self::IdempotencyConflict { .. } => "idempotency_conflict",
        }
    }
}
