//! The rules say no: a stable code, the numbers that explain it, and what to do next.

use std::fmt;

use thiserror::Error;
use units::{Amount, DisputeId, GrantId, HoldId, RefundId};

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
    #[error("{key} was used before with other content{contents}. Use a new one for a new request")]
    IdempotencyConflict {
        /// The id or key.
        key: String,
        /// What tells the two contents apart.
        contents: Contents,
    },
    /// No grant of this wallet has that id, or none that a payment brought.
    #[error("no payment of this wallet brought grant {grant}; only purchased credits can be refunded or disputed")]
    GrantUnknown {
        /// The grant.
        grant: GrantId,
    },
    /// The payment behind the grant is disputed, or was taken back by the bank.
    #[error("the payment of grant {grant} is disputed at the bank; it cannot be refunded as well")]
    GrantDisputed {
        /// The grant.
        grant: GrantId,
    },
    /// More than is left of the purchase.
    #[error("{asked} is more than the {refundable} that is left of the purchase and not held. Refund at most that")]
    RefundTooLarge {
        /// What was asked for.
        asked: Amount,
        /// The most that can be refunded now.
        refundable: Amount,
    },
    /// No refund of this wallet has that id.
    #[error("refund {refund} is not known in this wallet. Reserve it first")]
    RefundUnknown {
        /// The refund.
        refund: RefundId,
    },
    /// The refund ended before. One that failed is over; one that was paid can still fail.
    #[error("refund {refund} {how} already; it cannot be changed any more")]
    RefundClosed {
        /// The refund.
        refund: RefundId,
        /// `was paid` or `failed`.
        how: &'static str,
    },
    /// The dispute ended the other way before.
    #[error("dispute {dispute} was {how} already; it cannot end twice")]
    DisputeClosed {
        /// The dispute.
        dispute: DisputeId,
        /// `won` or `lost`.
        how: &'static str,
    },
    /// No charge of this wallet has that id.
    #[error("charge {charge} is not known in this wallet")]
    ChargeUnknown {
        /// The charge; it has the id of the hold that it ended.
        charge: HoldId,
    },
    /// More than the charge took.
    #[error("{asked} is more than the {correctable} that the charge took and was not given back before")]
    CorrectionTooLarge {
        /// What was asked for.
        asked: Amount,
        /// The most that can be given back.
        correctable: Amount,
    },
}

/// The hashes of two contents that came under one key: enough to find both requests, nothing of what they said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contents(
    /// The first content and the one at hand; none where an id itself was taken.
    pub Option<([u8; 32], [u8; 32])>,
);

impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, now)) = &self.0 else { return Ok(()) };
        let short = |hash: &[u8; 32]| hash[..8].iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        write!(f, " (content {} then, {} now)", short(first), short(now))
    }
}

impl Refusal {
    /// An id that is taken by something with other content.
    pub(crate) fn id_taken(id: impl fmt::Display) -> Self {
        Self::IdempotencyConflict { key: id.to_string(), contents: Contents::default() }
    }

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
            Self::GrantUnknown { .. } => "grant_unknown",
            Self::GrantDisputed { .. } => "grant_disputed",
            Self::RefundTooLarge { .. } => "refund_too_large",
            Self::RefundUnknown { .. } => "refund_unknown",
            Self::RefundClosed { .. } => "refund_closed",
            Self::DisputeClosed { .. } => "dispute_closed",
            Self::ChargeUnknown { .. } => "charge_unknown",
            Self::CorrectionTooLarge { .. } => "correction_too_large",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_tells_two_contents_apart_and_says_nothing_of_them() {
        let conflict = |contents| Refusal::IdempotencyConflict { key: "k".to_owned(), contents: Contents(contents) };
        assert_eq!(
            conflict(Some(([0xab; 32], [1; 32]))).to_string(),
            "k was used before with other content (content abababababababab then, 0101010101010101 now). \
             Use a new one for a new request"
        );
        let bare = "k was used before with other content. Use a new one for a new request";
        assert_eq!(conflict(None).to_string(), bare);
    }
}
