//! What the sandbox knows, as it lies on the shelf. Card numbers are not among it.

use billing::contest::ContestState;
use billing::payment::Failure;
use billing::refund::RefundNews;
use serde::{Deserialize, Serialize};
use units::{Cents, Instant};

/// An object of the sandbox.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "object", rename_all = "snake_case")]
pub(super) enum Object {
    Customer { account: String },
    Method(MethodObject),
    Setup(SetupObject),
    Payment(PaymentObject),
    Refund(RefundObject),
    Dispute(DisputeObject),
    Warning(WarningObject),
    Event(EventObject),
    Deed(Deed),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct MethodObject {
    pub customer: String,
    /// The card's name, as `pm_card_visa`.
    pub card: String,
    /// Whether its bank saw the person when it was added.
    pub was_seen: bool,
    /// How often it was charged, in vain or not.
    pub charges: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SetupObject {
    pub customer: String,
    pub return_url: String,
    pub state: SetupState,
    pub method: Option<String>,
    pub failure: Option<Failure>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SetupState {
    Open,
    Asking,
    Succeeded,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PaymentObject {
    pub customer: String,
    pub method: String,
    pub amount: Cents,
    pub description: String,
    pub payment: String,
    pub state: PaymentState,
    pub failure: Option<Failure>,
    pub return_url: Option<String>,
    /// The refunds that were made of it, oldest first.
    pub refunds: Vec<String>,
    /// What is on its way back or there.
    pub refunded: Cents,
    /// The disputes of it, oldest first.
    pub disputes: Vec<String>,
    /// Whether one of them is open, or was lost: then nothing can be refunded.
    pub is_contested: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct RefundObject {
    pub payment: String,
    pub amount: Cents,
    pub refund: String,
    pub news: RefundNews,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct DisputeObject {
    pub payment: String,
    pub amount: Cents,
    pub reason: String,
    /// Not yet, while the payer has not looked at the bill.
    pub state: Option<ContestState>,
    /// How it begins.
    pub begins: ContestState,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct WarningObject {
    pub payment: String,
    pub is_told: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PaymentState {
    Unconfirmed,
    Asking,
    Processing,
    Declined,
    Succeeded,
    Canceled,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct EventObject {
    /// Such as `payment_intent.succeeded`.
    pub about: String,
    /// The object's id.
    pub of: String,
    /// The kind of the object, such as `payment_intent`.
    pub kind: String,
    pub created_at: Instant,
    /// How often it was sent.
    pub sent: u32,
}

/// A deed that was done under a key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Deed {
    /// What was wished for.
    pub wish: String,
    /// The object that it made or changed.
    pub of: String,
    pub done_at: Instant,
}
