//! A grant as answers show it.

use ledger::Grant;
use serde::Serialize;
use units::{Amount, GrantId, Instant};

/// Whether a grant can be spent at the moment that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantState {
    /// It can.
    Open,
    /// Its time has not come.
    NotStarted,
    /// Its time is over. What is still held pays for what it was held for.
    Expired,
    /// Nothing is left.
    UsedUp,
}

/// Credits that entered at once, and what is left of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GrantAnswer {
    /// Its id.
    pub id: GrantId,
    /// Where it came from.
    pub source: &'static str,
    /// Whether real money paid for it.
    pub paid: bool,
    /// What entered.
    pub amount: Amount,
    /// What is left, what is held included. Of an expired grant only what is held counts.
    pub left: Amount,
    /// What running requests hold of it.
    pub held: Amount,
    /// From when it can be spent.
    pub effective_at: Instant,
    /// From when it cannot; never, when absent.
    pub expires_at: Option<Instant>,
    /// Whether it can be spent.
    pub state: GrantState,
}

impl GrantAnswer {
    /// The grant at a moment. What has expired and is not held is gone at its instant, booked or not.
    pub(super) fn at(grant: &Grant, now: Instant) -> Self {
        let left = if grant.has_expired(now) { grant.held } else { grant.left };
        let state = match () {
            () if grant.left.is_zero() => GrantState::UsedUp,
            () if grant.has_expired(now) => GrantState::Expired,
            () if grant.effective_at > now => GrantState::NotStarted,
            () => GrantState::Open,
        };
        Self {
            id: grant.id,
            source: grant.source.name(),
            paid: grant.paid,
            amount: grant.amount,
            left,
            held: grant.held,
            effective_at: grant.effective_at,
            expires_at: grant.expires_at,
            state,
        }
    }
}

impl GrantState {
    /// Its name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::NotStarted => "not started",
            Self::Expired => "expired",
            Self::UsedUp => "used up",
        }
    }
}
