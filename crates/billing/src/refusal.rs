//! The rules of what recurs say no: a stable code, the numbers that explain it, and what to do next.

use thiserror::Error;
use units::{Cents, Instant};

/// Why a change of the pass or of seats was refused. It changed nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The catalog has no such tier.
    #[error("there is no tier {given}; the tiers are {tiers}")]
    TierUnknown {
        /// What was asked for.
        given: Cents,
        /// Those that there are.
        tiers: String,
    },
    /// A number that no rule allows here.
    #[error("{what} is {given}; it must be {allowed}")]
    CountOutOfRange {
        /// Which number.
        what: &'static str,
        /// What was given.
        given: u32,
        /// What would be right.
        allowed: String,
    },
    /// An organization cannot have fewer seats than are taken.
    #[error("{used} seats are taken, so there cannot be {wanted}. Remove members or invitations first")]
    SeatsInUse {
        /// How many are taken.
        used: u32,
        /// How many there would be.
        wanted: u32,
    },
    /// Every seat is taken, or will be gone at the renewal.
    #[error(
        "all {seats} seats are taken by members and pending invitations. Add seats, keep those that leave, or remove a member or an invitation"
    )]
    NoFreeSeat {
        /// How many there are after the next renewal.
        seats: u32,
    },
    /// What was quoted is not what it costs now.
    #[error("this costs {now} now, not {quoted}. Look at the new quote and confirm it")]
    QuoteStale {
        /// What was agreed to.
        quoted: Cents,
        /// What it costs now.
        now: Cents,
    },
    /// Something else has to end first.
    #[error("not now: {pending}. {instead}")]
    ChangePending {
        /// What is on its way.
        pending: &'static str,
        /// What to do.
        instead: &'static str,
    },
    /// There is one already.
    #[error("there is {what} already. Change it instead")]
    SubscriptionExists {
        /// What there is.
        what: &'static str,
    },
    /// There is none.
    #[error("there is no {what} in force. Subscribe first")]
    SubscriptionRequired {
        /// What is missing.
        what: &'static str,
    },
    /// What was served and not paid comes first.
    #[error("the term that began at {since} is not paid. Pay it first")]
    PaymentDue {
        /// When it began.
        since: Instant,
    },
}

impl Refusal {
    /// The stable code, as listed in `docs/errors.md`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TierUnknown { .. } => "tier_unknown",
            Self::CountOutOfRange { .. } => "amount_out_of_range",
            Self::SeatsInUse { .. } => "seats_in_use",
            Self::NoFreeSeat { .. } => "no_free_seat",
            Self::QuoteStale { .. } => "quote_stale",
            Self::ChangePending { .. } => "change_pending",
            Self::SubscriptionExists { .. } => "subscription_exists",
            Self::SubscriptionRequired { .. } => "subscription_required",
            Self::PaymentDue { .. } => "payment_due",
        }
    }
}
