//! Commands that amend what was done before, and what they answer: refunds, disputes, corrections, moves.
//!
//! They are rare, and need to know what is over ([`crate::Past`]). So the store decides each of them by
//! itself, after everything before it is written.

use serde::{Deserialize, Serialize};
use units::{Amount, CorrectionId, DisputeId, GrantId, HoldId, Instant, MoveId, RefundId, WalletId};

use crate::{DisputeState, Draw};

/// Credits of one grant are set aside while the processor pays their money back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReserveRefund {
    /// The refund's id; the same id with the same content answers as before while the refund is open.
    pub refund: RefundId,
    /// The grant that the payment brought.
    pub grant: GrantId,
    /// How much; at most what is left of the grant and not held.
    pub amount: Amount,
}

/// The processor has paid the refund, or will not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinishRefund {
    /// The refund.
    pub refund: RefundId,
    /// Whether the money is back at the card. If not, the credits are free again, also when it was told so before.
    pub is_paid: bool,
}

/// The bank says something about a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contest {
    /// The dispute's id.
    pub dispute: DisputeId,
    /// The grant that the payment brought.
    pub grant: GrantId,
    /// How far the dispute is. An inquiry is open like a dispute, and won when it is closed.
    pub state: DisputeState,
}

/// A charge was wrong: some of it, or all, is given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correct {
    /// The correction's id; the same id with the same amount answers as before.
    pub correction: CorrectionId,
    /// The charge.
    pub charge: HoldId,
    /// How much; at most what the charge took and was not given back before.
    pub amount: Amount,
}

/// Credits leave for another wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoveOut {
    /// The move's id.
    pub id: MoveId,
    /// The other wallet.
    pub to: WalletId,
    /// How much; taken from what is available, in the order of use.
    pub amount: Amount,
}

/// Credits come from another wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoveIn {
    /// The move's id.
    pub id: MoveId,
    /// What comes: what the other wallet's [`MoveOut`] answered.
    pub parts: Vec<Part>,
}

/// What one grant gives to a move. It stays paid or free, and keeps its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The grant that it becomes.
    pub grant: GrantId,
    /// How much.
    pub amount: Amount,
    /// Whether real money paid for it.
    pub paid: bool,
    /// From when it can be spent.
    pub effective_at: Instant,
    /// From when it can no longer be spent.
    pub expires_at: Option<Instant>,
}

/// Answer to [`ReserveRefund`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundReserved {
    /// What is set aside.
    pub amount: Amount,
    /// What can be spent beside it.
    pub available: Amount,
}

/// Answer to [`FinishRefund`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundFinished {
    /// What went back to the card; nothing when the refund failed.
    pub paid: Amount,
    /// What can be spent after it.
    pub available: Amount,
}

/// Answer to [`Contest`]: how things stand now, so a late event answers like the last one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contested {
    /// How far the dispute is.
    pub state: DisputeState,
    /// What of the grant is frozen.
    pub frozen: Amount,
    /// What the wallet owes in all.
    pub receivable: Amount,
    /// What can be spent.
    pub available: Amount,
}

/// Answer to [`Correct`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrected {
    /// The part of the platform's loss that was undone.
    pub loss_undone: Amount,
    /// What returned to which grant, the last that paid first.
    pub returned: Vec<Draw>,
    /// What can be spent after it.
    pub available: Amount,
}

/// Answer to [`MoveOut`] and [`MoveIn`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// What moved.
    pub parts: Vec<Part>,
    /// What can be spent in this wallet after it.
    pub available: Amount,
}
