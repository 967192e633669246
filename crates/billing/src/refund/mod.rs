//! Payments that go back to their card: how much can, and what becomes of one.
//!
//! A refund is written down and its credits are set aside before the processor is asked. It ends paid or failed, and a
//! paid one can still come back, days later, when the card's bank does not take it.

use serde::{Deserialize, Serialize};
use units::{Amount, Cents, Instant, Seconds};

use crate::payment::wait_before_look;

/// What can be refunded of a payment, in whole cents: what is unused of its credits, and never more than was paid and
/// is not on its way back (`gone`: refunds that are paid or run, and what the bank took).
pub fn refundable(paid: Cents, gone: Cents, unused: Amount) -> Cents {
    let left = Cents::from_count(paid.count().saturating_sub(gone.count()));
    unused.to_cents_floor().min(left).max(Cents::ZERO)
}

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// Written down; the processor has not heard of it.
    Asked,
    /// The processor may have heard of it.
    Sent,
    /// The processor has it, and waits for the bank.
    Pending,
    /// The money is back at the card.
    Paid,
    /// It will not be paid, or came back.
    Failed,
}

impl RefundState {
    /// Every state, for readers of the store.
    pub const ALL: [Self; 5] = [Self::Asked, Self::Sent, Self::Pending, Self::Paid, Self::Failed];

    /// Its name in the store and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Sent => "sent",
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Failed => "failed",
        }
    }

    /// The state of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// What is known of the processor's object now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundNews {
    /// It waits for the bank.
    Pending,
    /// It is paid.
    Paid,
    /// It will not be paid, or came back.
    Failed,
    /// Nobody could tell.
    Silence,
}

/// Where a refund stands, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundStanding {
    /// Where.
    pub state: RefundState,
    /// When it was asked for.
    pub asked_at: Instant,
    /// How often somebody has looked since it last changed.
    pub looks: u32,
}

/// How a refund ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundEnd {
    /// The credits that were set aside are gone.
    Paid,
    /// They are free again.
    Failed,
    /// They were gone, and return.
    CameBack,
}

/// Where a refund stands after the news, and what has to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundNext {
    /// Where.
    pub state: RefundState,
    /// The end that the news brought.
    pub end: Option<RefundEnd>,
    /// When to look again.
    pub look_at: Option<Instant>,
    /// What an operator must see to.
    pub alarm: Option<&'static str>,
}

const DAY: Seconds = Seconds(24 * 3600);
/// A bank that is silent for so long has forgotten.
const LONGEST_PENDING: Seconds = Seconds(30 * 24 * 3600);
/// How long after it was paid somebody looks whether it came back, and again: banks take weeks.
const LATER_LOOKS: [Seconds; 3] = [DAY, Seconds(7 * 24 * 3600), Seconds(30 * 24 * 3600)];

/// Applies the news. The same again, or older news, changes nothing.
pub fn advance(standing: RefundStanding, news: RefundNews, now: Instant) -> RefundNext {
    let RefundStanding { state, asked_at, looks } = standing;
    let still = RefundNext { state, end: None, look_at: None, alarm: None };
    let is_over = |span: Seconds| now >= asked_at.plus(span);
    let again = now.plus(if is_over(DAY) { DAY } else { wait_before_look(looks) });
    match (state, news) {
        (RefundState::Failed, RefundNews::Paid) => {
            RefundNext { alarm: Some("the processor has paid a refund that it had called failed"), ..still }
        }
        (RefundState::Failed, _) => still,
        (RefundState::Paid, RefundNews::Failed) => RefundNext {
            state: RefundState::Failed,
            end: Some(RefundEnd::CameBack),
            alarm: Some("a refund came back: its card does not take it; its credits are there again"),
            ..still
        },
        (RefundState::Paid, _) => {
            RefundNext { look_at: LATER_LOOKS.get(looks as usize).map(|wait| now.plus(*wait)), ..still }
        }
        (_, RefundNews::Paid) => RefundNext {
            state: RefundState::Paid,
            end: Some(RefundEnd::Paid),
            look_at: Some(now.plus(LATER_LOOKS[0])),
            alarm: None,
        },
        (_, RefundNews::Failed) => RefundNext {
            state: RefundState::Failed,
            end: Some(RefundEnd::Failed),
            alarm: Some("the processor does not pay a refund; its credits are free again"),
            ..still
        },
        (_, RefundNews::Pending) => RefundNext {
            state: RefundState::Pending,
            look_at: Some(again),
            alarm: is_over(LONGEST_PENDING).then_some("a refund has been pending for a month"),
            ..still
        },
        (_, RefundNews::Silence) => RefundNext {
            look_at: Some(again),
            alarm: is_over(DAY).then_some("the fate of a refund has been unknown for a day"),
            ..still
        },
    }
}

#[cfg(test)]
mod tests;
