//! What is said between us and a processor.

use billing::contest::ContestState;
use billing::payment::{Failure, News};
use billing::refund::RefundNews;
use thiserror::Error;
use units::{Cents, Instant};

/// Somebody is asked for a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// The processor's id.
    pub id: String,
    /// Who is asked.
    pub customer: Option<String>,
    /// Where it stands.
    pub status: SetupStatus,
    /// The page on which the person types the card.
    pub page: Option<String>,
    /// The card, once it is there.
    pub method: Option<String>,
    /// Why the last card was refused.
    pub failure: Option<Failure>,
}

/// Where a setup stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupStatus {
    /// No card yet.
    Open,
    /// The bank wants to see the person.
    ActionRequired,
    /// The card can be charged.
    Succeeded,
    /// It ended without a card.
    Failed,
}

/// A card, as much as may be shown of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// The processor's id.
    pub id: String,
    /// The processor's id of whose it is.
    pub customer: String,
    /// Such as `visa`.
    pub brand: String,
    /// The last four digits.
    pub last4: String,
    /// The month in which it expires, from 1.
    pub exp_month: u8,
    /// The year in which it expires.
    pub exp_year: u16,
    /// The same for the same card, whoever adds it.
    pub fingerprint: String,
}

/// What is to be paid.
#[derive(Clone, Debug)]
pub struct NewPayment {
    /// The processor's id of who pays.
    pub customer: String,
    /// The processor's id of the card.
    pub method: String,
    /// How much, in US cents.
    pub amount: Cents,
    /// What stands on receipts.
    pub description: String,
    /// Our id of the payment.
    pub payment: String,
}

/// A payment at the processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The processor's id.
    pub id: String,
    /// Where it stands.
    pub status: PaymentStatus,
    /// What was asked for.
    pub amount: Cents,
    /// What came.
    pub received: Cents,
    /// Whether it is in US dollars.
    pub is_usd: bool,
    /// The processor's id of who pays.
    pub customer: String,
    /// The page on which the bank sees the person.
    pub page: Option<String>,
    /// Why it was declined the last time.
    pub failure: Option<Failure>,
    /// Our id of the payment, as we gave it.
    pub payment: Option<String>,
}

/// Where a payment stands at the processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentStatus {
    /// It waits for a card; after a decline, for another one.
    RequiresMethod,
    /// It waits for us.
    RequiresConfirmation,
    /// It waits for the person.
    RequiresAction,
    /// It waits for the bank.
    Processing,
    /// The money is there.
    Succeeded,
    /// It was called off.
    Canceled,
}

impl Payment {
    /// What its state means to the rules.
    pub fn news(&self) -> News {
        match (self.status, &self.failure) {
            (PaymentStatus::Succeeded, _) if !self.is_usd => News::Succeeded(Cents::ZERO),
            (PaymentStatus::Succeeded, _) => News::Succeeded(self.received),
            (PaymentStatus::Canceled, _) => News::Canceled,
            (PaymentStatus::Processing, _) => News::Processing,
            (PaymentStatus::RequiresAction, _) => News::ActionRequired,
            (PaymentStatus::RequiresMethod, Some(failure)) => News::Declined(failure.clone()),
            (PaymentStatus::RequiresMethod | PaymentStatus::RequiresConfirmation, _) => News::Unconfirmed,
        }
    }
}

/// Whether the person is there to answer their bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Nobody is.
    OffSession,
    /// They are, and come back to this address.
    OnSession {
        /// Our page.
        return_url: String,
    },
}

/// What is to be paid back.
#[derive(Clone, Debug)]
pub struct NewRefund {
    /// The processor's id of the payment.
    pub payment: String,
    /// How much, in US cents.
    pub amount: Cents,
    /// Our id of the refund.
    pub refund: String,
}

/// Money on its way back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The processor's id.
    pub id: String,
    /// The processor's id of the payment.
    pub payment: String,
    /// How much.
    pub amount: Cents,
    /// Where it stands.
    pub news: RefundNews,
    /// Our id of the refund, as we gave it. Without one, somebody else made it.
    pub refund: Option<String>,
}

/// A payment that its payer contests, or about which their bank asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The processor's id.
    pub id: String,
    /// The processor's id of the payment.
    pub payment: String,
    /// How much of it.
    pub amount: Cents,
    /// Why, such as `fraudulent`.
    pub reason: String,
    /// How far it is.
    pub state: ContestState,
}

/// A bank suspects that a payment was not made by the owner of its card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FraudWarning {
    /// The processor's id.
    pub id: String,
    /// The processor's id of the payment.
    pub payment: String,
}

/// Something happened to an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The processor's id; an event that comes twice has the same.
    pub id: String,
    /// What kind of object.
    pub kind: EventKind,
    /// The processor's id of the object.
    pub object: String,
    /// When.
    pub created_at: Instant,
    /// Whether real money moved.
    pub is_live: bool,
}

/// Events that are kept, as many as come at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventPage {
    /// In no order that anybody may rely on. What cannot be read is left out: nobody here waits for it.
    pub events: Vec<Event>,
    /// Behind which the next ones stand; absent at the end.
    pub next: Option<String>,
}

/// What kind of object an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A payment.
    Payment,
    /// A setup of a card.
    Setup,
    /// Money on its way back.
    Refund,
    /// A payment that is contested.
    Dispute,
    /// A warning of fraud.
    FraudWarning,
    /// Something that nobody here waits for.
    Other,
}

/// Why there is no answer that says where a thing stands.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProcessorError {
    /// We asked wrongly.
    #[error("the processor refused the request ({code}): {message}")]
    Rejected {
        /// The processor's code.
        code: String,
        /// What it says.
        message: String,
    },
    /// It knows no such object.
    #[error("the processor knows no {0}")]
    NotFound(String),
    /// The object is in a state in which this cannot be done. Look at it.
    #[error("the processor's object is in another state")]
    WrongState,
    /// The key was used for another wish.
    #[error("a key was used twice for different requests")]
    KeyReused,
    /// Nothing was sent, or it was sent back unread. It can be done again.
    #[error("the processor cannot be reached: {0}")]
    NotSent(String),
    /// It was sent, and nobody knows what became of it. Look, or ask again with the same key.
    #[error("the processor's answer was lost: {0}")]
    Unknown(String),
    /// An event whose signature does not stand.
    #[error("this event is not signed as it must be")]
    BadSignature,
    /// An event that cannot be read.
    #[error("this event cannot be read")]
    BadEvent,
}
