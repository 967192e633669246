//! What a processor does for us.

use async_trait::async_trait;
use units::Instant;

use super::{
    Dispute, Event, EventPage, FraudWarning, Method, NewPayment, NewRefund, Payment, Presence, ProcessorError, Refund,
    Setup,
};

/// A processor. `key` names a deed: the same key with the same wish answers as before.
#[async_trait]
pub trait Processor: Send + Sync {
    /// Its name; what one processor knows is nothing to another.
    fn name(&self) -> &'static str;

    /// Whether it moves real money.
    fn is_live(&self) -> bool;

    /// Where its own pages for cards are, as origins: a form of ours may lead there.
    fn page_origins(&self) -> &'static [&'static str] {
        &[]
    }

    /// Makes us known as a customer. `account` is our own id of who pays.
    async fn create_customer(&self, account: &str, key: &str) -> Result<String, ProcessorError>;

    /// Begins to ask somebody for a card.
    async fn begin_setup(&self, customer: &str, return_url: &str, key: &str) -> Result<Setup, ProcessorError>;

    /// Where a setup stands.
    async fn get_setup(&self, id: &str) -> Result<Setup, ProcessorError>;

    /// A card.
    async fn get_method(&self, id: &str) -> Result<Method, ProcessorError>;

    /// Writes down what is to be paid. Nothing is charged yet.
    async fn create_payment(&self, new: &NewPayment, key: &str) -> Result<Payment, ProcessorError>;

    /// Charges.
    async fn confirm_payment(&self, id: &str, presence: &Presence, key: &str) -> Result<Payment, ProcessorError>;

    /// Where a payment stands.
    async fn get_payment(&self, id: &str) -> Result<Payment, ProcessorError>;

    /// Calls a payment off, if it was not charged. The answer may be that it was: look at it.
    async fn cancel_payment(&self, id: &str, key: &str) -> Result<Payment, ProcessorError>;

    /// Pays a part of a payment back, or all of it.
    async fn refund_payment(&self, new: &NewRefund, key: &str) -> Result<Refund, ProcessorError>;

    /// Where a refund stands.
    async fn get_refund(&self, id: &str) -> Result<Refund, ProcessorError>;

    /// The refund of this payment that carries our id, if the processor has ever heard of it.
    async fn find_refund(&self, payment: &str, refund: &str) -> Result<Option<Refund>, ProcessorError>;

    /// How far a dispute is.
    async fn get_dispute(&self, id: &str) -> Result<Dispute, ProcessorError>;

    /// A warning of fraud.
    async fn get_fraud_warning(&self, id: &str) -> Result<FraudWarning, ProcessorError>;

    /// Events that happened since then, for whoever was away when they were told. `after` is what the page before it
    /// answered.
    async fn list_events(&self, since: Instant, after: Option<&str>) -> Result<EventPage, ProcessorError>;

    /// Reads an event from the bytes as they came and the header that signs them. It asks nobody.
    fn parse_event(&self, signature: &str, body: &[u8], now: Instant) -> Result<Event, ProcessorError>;
}
