//! What a command that looks back must know of the past: the store tells it before the decision.
//!
//! A wallet in memory has only what is live. Refunds, disputes and corrections concern what may be over:
//! grants that are used up, charges of long ago, and what was amended before.

use units::{Amount, CorrectionId, DisputeId, GrantId, HoldId, Instant, RefundId, WalletId};

use crate::{Charge, Draw, Grant};

/// Credits that go back to a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Its id; the key of idempotency.
    pub id: RefundId,
    /// Whose credits.
    pub wallet: WalletId,
    /// The grant that the refunded payment brought.
    pub grant: GrantId,
    /// How much.
    pub amount: Amount,
    /// How far it is.
    pub state: RefundState,
}

/// How far a refund is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// The credits are reserved, the processor works.
    Reserved,
    /// The money is back at the card, the credits are gone. It can still fail.
    Paid,
    /// The processor refused, or the card did; the credits are free again.
    Failed,
}

/// A payment that its payer contests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// Its id; the key of idempotency.
    pub id: DisputeId,
    /// Whose payment.
    pub wallet: WalletId,
    /// The grant that the payment brought.
    pub grant: GrantId,
    /// How far it is.
    pub state: DisputeState,
}

/// How far a dispute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeState {
    /// The bank asks or decides; what is left of the grant is frozen.
    Open,
    /// The payment stands.
    Won,
    /// The bank took the payment back.
    Lost,
}

/// A charge that was taken back in part or in whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Its id; the key of idempotency, together with the charge.
    pub id: CorrectionId,
    /// Whose charge.
    pub wallet: WalletId,
    /// The charge.
    pub charge: HoldId,
    /// When it counts.
    pub at: Instant,
    /// How much was taken back: what returned to grants, and the loss that was undone.
    pub amount: Amount,
    /// The seq of its first transfer; its others follow without gap.
    pub first_seq: u64,
    /// How many transfers it has: one for an undone loss, one for each grant that got something back.
    pub transfers: u32,
}

/// What the store found for one command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// The grants that the command names or that paid for the charge that it names, used up ones too.
    pub grants: Vec<Grant>,
    /// The refund of that id.
    pub refund: Option<Refund>,
    /// The dispute of that id.
    pub dispute: Option<Dispute>,
    /// The charge that is corrected.
    pub charge: Option<Charge>,
    /// Which grants paid for it, in the order in which they did.
    pub draws: Vec<Draw>,
    /// What was corrected of it before, in the order of the journal.
    pub corrections: Vec<Correction>,
}

impl RefundState {
    /// How it ended, for messages.
    pub const fn how(self) -> &'static str {
        match self {
            Self::Reserved => "is reserved",
            Self::Paid => "was paid",
            Self::Failed => "failed",
        }
    }
}

impl DisputeState {
    /// Its name in answers and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }
}
