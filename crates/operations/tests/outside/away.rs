//! A processor that cannot be reached.

use async_trait::async_trait;
use connectors::processor::{
    Dispute, Event, EventPage, FraudWarning, Method, NewPayment, NewRefund, Payment, Presence, Processor,
    ProcessorError, Refund, Setup,
};
use units::Instant;

/// Nothing that is sent to it leaves.
pub struct Away;

fn away<T>() -> Result<T, ProcessorError> {
    Err(ProcessorError::NotSent("no connection".to_owned()))
}

#[async_trait]
impl Processor for Away {
    /// It stands in for the sandbox.
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn is_live(&self) -> bool {
        false
    }

    async fn create_customer(&self, _: &str, _: &str) -> Result<String, ProcessorError> {
        away()
    }

    async fn begin_setup(&self, _: &str, _: &str, _: &str) -> Result<Setup, ProcessorError> {
        away()
    }

    async fn get_setup(&self, _: &str) -> Result<Setup, ProcessorError> {
        away()
    }

    async fn get_method(&self, _: &str) -> Result<Method, ProcessorError> {
        away()
    }

    async fn create_payment(&self, _: &NewPayment, _: &str) -> Result<Payment, ProcessorError> {
        away()
    }

    async fn confirm_payment(&self, _: &str, _: &Presence, _: &str) -> Result<Payment, ProcessorError> {
        away()
    }

    async fn get_payment(&self, _: &str) -> Result<Payment, ProcessorError> {
        away()
    }

    async fn cancel_payment(&self, _: &str, _: &str) -> Result<Payment, ProcessorError> {
        away()
    }

    async fn refund_payment(&self, _: &NewRefund, _: &str) -> Result<Refund, ProcessorError> {
        away()
    }

    async fn get_refund(&self, _: &str) -> Result<Refund, ProcessorError> {
        away()
    }

    async fn find_refund(&self, _: &str, _: &str) -> Result<Option<Refund>, ProcessorError> {
        away()
    }

    async fn get_dispute(&self, _: &str) -> Result<Dispute, ProcessorError> {
        away()
    }

    async fn get_fraud_warning(&self, _: &str) -> Result<FraudWarning, ProcessorError> {
        away()
    }

    async fn list_events(&self, _: Instant, _: Option<&str>) -> Result<EventPage, ProcessorError> {
        away()
    }

    fn parse_event(&self, _: &str, _: &[u8], _: Instant) -> Result<Event, ProcessorError> {
        away()
    }
}
