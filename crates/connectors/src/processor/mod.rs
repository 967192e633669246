//! Whoever moves real money.
//!
//! A decline is an outcome; an error means only that we do not know, or that we asked wrongly. Every write takes
//! a key: the same key with the same wish is the same deed. Events are hints: they are verified and say which
//! object to look at, and nothing of what they tell is believed.

mod types;
pub use types::{
    Dispute, Event, EventKind, EventPage, FraudWarning, Method, NewPayment, NewRefund, Payment, PaymentStatus,
    Presence, ProcessorError, Refund, Setup, SetupStatus,
};

mod contract;
pub use contract::Processor;

mod signature;
pub use signature::{sign, verify};

mod event;
pub use event::parse_event;

pub mod sandbox;

pub mod stripe;
