//! What can be asked of a wallet, and what it answers.

use serde::{Deserialize, Serialize};
use units::{Amount, Cost, GrantId, HoldId, Instant};

use crate::amend::{
    Contest, Contested, Correct, Corrected, FinishRefund, MoveIn, MoveOut, Moved, RefundFinished, RefundReserved,
    ReserveRefund,
};
use crate::{Draw, Source, Spender};

/// A wish to change one wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Credits enter.
    Issue(Issue),
    /// Credits are reserved for a request.
    Place(Place),
    /// A request is charged and its hold ends.
    Settle(Settle),
    /// A hold ends without a charge.
    Release(HoldId),
    /// A running request keeps its hold.
    Renew(Lease),
    /// The sweeper closes the hold if its lease ran out.
    Lapse(HoldId),
    /// The expiry job books what has expired.
    Expire,
    /// An operator adds or takes away credits.
    Adjust(Adjust),
    /// Credits of a purchase are set aside for a refund.
    ReserveRefund(ReserveRefund),
    /// A refund was paid or failed.
    FinishRefund(FinishRefund),
    /// A dispute of a payment is opened, won or lost.
    Contest(Contest),
    /// A charge is given back.
    Correct(Correct),
    /// Credits leave for another wallet.
    MoveOut(MoveOut),
    /// Credits come from another wallet. The store alone asks for this, in one transaction with the other side.
    MoveIn(MoveIn),
}

/// Credits that enter a wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The new grant's id.
    pub grant: GrantId,
    /// Where it comes from.
    pub source: Source,
    /// How much; more than zero.
    pub amount: Amount,
    /// Whether real money paid for it.
    pub paid: bool,
    /// From when it can be spent.
    pub effective_at: Instant,
    /// From when it can no longer be spent.
    pub expires_at: Option<Instant>,
}

/// A reservation: up to `wanted`, at least `least`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The hold's id; the same id with the same amounts answers as before.
    pub hold: HoldId,
    /// What the request may cost.
    pub wanted: Amount,
    /// The least that is of use; at most `wanted`.
    pub least: Amount,
    /// From when the sweeper may close it.
    pub lease_until: Instant,
    /// Whether the id was made for this very call, so that nobody can have used it before.
    pub is_fresh: bool,
    /// For whom, and within which bounds. A repeated call is answered as before whatever they say by then.
    pub spender: Spender,
}

/// The exact cost of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settle {
    /// The hold that it ends.
    pub hold: HoldId,
    /// What the provider charges.
    pub cost: Cost,
    /// What to do when the hold is gone.
    pub late: LateSettle,
}

/// What a settlement does when its hold is not open and was not settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LateSettle {
    /// Refuse: the caller must have placed the hold first.
    Refuse,
    /// Charge what is available, once, by the hold's id, and book the rest as loss. For a request that
    /// was served and must be accounted for, though its hold was lost in a crash or lapsed.
    Charge,
}

/// A new end for a hold's lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The hold.
    pub hold: HoldId,
    /// From when the sweeper may close it.
    pub until: Instant,
}

/// A signed correction by an operator. What is added becomes a free grant; what is taken comes from
/// what is available, in the order of use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjust {
    /// The adjustment's id: the new grant's when credits are added, the reference of the transfers when taken.
    pub grant: GrantId,
    /// How much, not zero. Below zero takes away.
    pub amount: Amount,
}

/// What a command answers. The same command again answers the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Credits entered.
    Granted(Granted),
    /// Credits are reserved.
    Placed(Placed),
    /// The request is charged.
    Settled(Settled),
    /// The hold ended without a charge.
    Released(Freed),
    /// The lease was moved on.
    Renewed,
    /// The hold was closed by the sweeper, or there was nothing to close.
    Lapsed(Freed),
    /// What had expired is booked.
    Expired(Freed),
    /// The correction is booked.
    Adjusted(Adjusted),
    /// Credits are set aside for a refund.
    RefundReserved(RefundReserved),
    /// The refund was paid, or failed.
    RefundFinished(RefundFinished),
    /// How the dispute and the wallet stand.
    Contested(Contested),
    /// The charge is given back.
    Corrected(Corrected),
    /// Credits moved.
    Moved(Moved),
}

/// Answer to [`Command::Issue`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// The grant.
    pub grant: GrantId,
    /// What can be spent after it.
    pub available: Amount,
}

/// Answer to [`Command::Place`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// What was reserved: `least` to `wanted`.
    pub amount: Amount,
    /// What can be spent beside it.
    pub available: Amount,
}

/// Answer to [`Command::Settle`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// What was taken from grants.
    pub debited: Amount,
    /// What no credits covered and the platform bears.
    pub lost: Amount,
    /// Which grant paid which part.
    pub draws: Vec<Draw>,
    /// What can be spent after it.
    pub available: Amount,
    /// What is available and what is held after it: the number that pages show.
    pub balance: Amount,
}

/// Answer to [`Command::Release`], [`Command::Lapse`] and [`Command::Expire`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freed {
    /// What was freed from a hold, or what was booked as expired.
    pub amount: Amount,
    /// What can be spent after it.
    pub available: Amount,
}

/// Answer to [`Command::Adjust`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjusted {
    /// By how much, signed.
    pub amount: Amount,
    /// What can be spent after it.
    pub available: Amount,
}
