//! The sandbox as a processor, and what its pages do.

use std::sync::Arc;

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use units::Instant;

use super::desk::{change, once};
use super::objects::Object;
use super::{Shelf, contests, payments, refunds, setups};
use crate::processor::{
    Dispute, Event, EventPage, FraudWarning, Method, NewPayment, NewRefund, Payment, Presence, Processor,
    ProcessorError, Refund, Setup, parse_event,
};

/// The built-in processor.
pub struct Sandbox {
    pub(super) shelf: Arc<dyn Shelf>,
    clock: Box<dyn Fn() -> Instant + Send + Sync>,
    /// Where its pages are.
    base: String,
    pub(super) secret: String,
}

impl Sandbox {
    /// Opens it. `base` is where people reach this server; its events are signed with the secret.
    pub fn new(
        shelf: Arc<dyn Shelf>,
        clock: impl Fn() -> Instant + Send + Sync + 'static,
        base: &str,
        secret: String,
    ) -> Self {
        Self { shelf, clock: Box::new(clock), base: base.to_owned(), secret }
    }

    pub(super) fn now(&self) -> Instant {
        (self.clock)()
    }

    /// The page of a setup: somebody typed a number.
    pub async fn submit_card(&self, setup: &str, number: &str) -> Result<Setup, ProcessorError> {
        let ids = [setup.to_owned(), setups::method_id(setup)];
        change(&*self.shelf, self.now(), &ids, |desk| setups::submit(desk, setup, number)).await?;
        self.get_setup(setup).await
    }

    /// The page of a bank that wants to see the person who adds a card.
    pub async fn answer_setup(&self, setup: &str, approves: bool) -> Result<Setup, ProcessorError> {
        let ids = [setup.to_owned(), setups::method_id(setup)];
        change(&*self.shelf, self.now(), &ids, |desk| setups::answer(desk, setup, approves)).await?;
        self.get_setup(setup).await
    }

    /// The page of a bank that wants to see the person who pays.
    pub async fn answer_payment(&self, payment: &str, approves: bool) -> Result<Payment, ProcessorError> {
        let ids = self.with_method(payment).await?;
        change(&*self.shelf, self.now(), &ids, |desk| payments::answer(desk, payment, approves)).await?;
        self.get_payment(payment).await
    }

    /// The payer of this payment contests it, or their bank asks about it. Answers the dispute.
    pub async fn open_dispute(&self, payment: &str, is_inquiry: bool) -> Result<Dispute, ProcessorError> {
        let id = contests::dispute_id(payment, 0);
        let ids = [payment.to_owned(), id.clone()];
        change(&*self.shelf, self.now(), &ids, |desk| contests::open(desk, &id, payment, is_inquiry)).await?;
        self.get_dispute(&id).await
    }

    /// The bank has decided about the first dispute of this payment.
    pub async fn close_dispute(&self, payment: &str, is_won: bool) -> Result<Dispute, ProcessorError> {
        let id = contests::dispute_id(payment, 0);
        let ids = [payment.to_owned(), id.clone()];
        change(&*self.shelf, self.now(), &ids, |desk| contests::close(desk, &id, is_won)).await?;
        self.get_dispute(&id).await
    }

    /// A payment and its card, whose id stands in the payment and never changes.
    pub(super) async fn with_method(&self, payment: &str) -> Result<[String; 2], ProcessorError> {
        let ids = [payment.to_owned()];
        let method = change(&*self.shelf, self.now(), &ids, |desk| Ok(desk.payment(payment)?.method)).await?;
        Ok([payment.to_owned(), method])
    }
}

/// An id that is the same for the same key.
fn id(prefix: &str, key: &str) -> String {
    let hash = Sha256::digest(key.as_bytes());
    let hex: String = hash[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{prefix}_{hex}")
}

#[async_trait]
impl Processor for Sandbox {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn is_live(&self) -> bool {
        false
    }

    async fn create_customer(&self, account: &str, key: &str) -> Result<String, ProcessorError> {
        let id = id("cus", key);
        let ids = [id.clone()];
        once(&*self.shelf, self.now(), (key, account), &ids, |desk| {
            desk.put(&id, Object::Customer { account: account.to_owned() }, None);
            Ok(id.clone())
        })
        .await
    }

    async fn begin_setup(&self, customer: &str, return_url: &str, key: &str) -> Result<Setup, ProcessorError> {
        let id = id("seti", key);
        let (ids, wish) = ([id.clone(), customer.to_owned()], format!("setup {customer} {return_url}"));
        once(&*self.shelf, self.now(), (key, &wish), &ids, |desk| setups::begin(desk, &id, customer, return_url))
            .await?;
        self.get_setup(&id).await
    }

    async fn get_setup(&self, id: &str) -> Result<Setup, ProcessorError> {
        let ids = [id.to_owned()];
        change(&*self.shelf, self.now(), &ids, |desk| Ok(setups::told(id, &desk.setup(id)?, &self.base))).await
    }

    async fn get_method(&self, id: &str) -> Result<Method, ProcessorError> {
        let ids = [id.to_owned()];
        change(&*self.shelf, self.now(), &ids, |desk| setups::told_method(id, &desk.method(id)?)).await
    }

    async fn create_payment(&self, new: &NewPayment, key: &str) -> Result<Payment, ProcessorError> {
        let id = id("pi", key);
        let ids = [id.clone(), new.customer.clone(), new.method.clone()];
        let wish = format!("pay {} {} {} {}", new.customer, new.method, new.amount, new.payment);
        once(&*self.shelf, self.now(), (key, &wish), &ids, |desk| payments::create(desk, &id, new)).await?;
        self.get_payment(&id).await
    }

    async fn confirm_payment(&self, id: &str, presence: &Presence, key: &str) -> Result<Payment, ProcessorError> {
        let ids = self.with_method(id).await?;
        let wish = format!("confirm {id} {presence:?}");
        once(&*self.shelf, self.now(), (key, &wish), &ids, |desk| payments::confirm(desk, id, presence)).await?;
        let loses = change(&*self.shelf, self.now(), &ids, |desk| {
            Ok(payments::loses_answers(&desk.method(&desk.payment(id)?.method)?))
        });
        let loses = loses.await?;
        match loses {
            true => Err(ProcessorError::Unknown("the sandbox lost its answer, as this card asks for".to_owned())),
            false => self.get_payment(id).await,
        }
    }

    async fn get_payment(&self, id: &str) -> Result<Payment, ProcessorError> {
        let (now, ids) = (self.now(), [id.to_owned()]);
        change(&*self.shelf, now, &ids, |desk| Ok(payments::told(id, &desk.payment(id)?, &self.base))).await
    }

    async fn cancel_payment(&self, id: &str, key: &str) -> Result<Payment, ProcessorError> {
        let (ids, wish) = ([id.to_owned()], format!("cancel {id}"));
        once(&*self.shelf, self.now(), (key, &wish), &ids, |desk| payments::cancel(desk, id)).await?;
        self.get_payment(id).await
    }

    async fn refund_payment(&self, new: &NewRefund, key: &str) -> Result<Refund, ProcessorError> {
        let id = id("re", key);
        let [payment, method] = self.with_method(&new.payment).await?;
        let (ids, wish) =
            ([id.clone(), payment, method], format!("refund {} {} {}", new.payment, new.amount, new.refund));
        once(&*self.shelf, self.now(), (key, &wish), &ids, |desk| refunds::create(desk, &id, new)).await?;
        let ids = self.with_method(&new.payment).await?;
        let method = change(&*self.shelf, self.now(), &ids, |desk| desk.method(&ids[1])).await?;
        match payments::loses_answers(&method) {
            true => Err(ProcessorError::Unknown("the sandbox lost its answer, as this card asks for".to_owned())),
            false => self.get_refund(&id).await,
        }
    }

    async fn get_refund(&self, id: &str) -> Result<Refund, ProcessorError> {
        let ids = [id.to_owned()];
        change(&*self.shelf, self.now(), &ids, |desk| Ok(refunds::told(id, &desk.refund(id)?))).await
    }

    async fn find_refund(&self, payment: &str, refund: &str) -> Result<Option<Refund>, ProcessorError> {
        let ids = [payment.to_owned()];
        for id in change(&*self.shelf, self.now(), &ids, |desk| Ok(desk.payment(payment)?.refunds)).await? {
            let found = self.get_refund(&id).await?;
            if found.refund.as_deref() == Some(refund) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    async fn get_dispute(&self, id: &str) -> Result<Dispute, ProcessorError> {
        let ids = [id.to_owned()];
        change(&*self.shelf, self.now(), &ids, |desk| contests::told(id, desk.dispute(id)?)).await
    }

    async fn get_fraud_warning(&self, id: &str) -> Result<FraudWarning, ProcessorError> {
        let ids = [id.to_owned()];
        let payment = change(&*self.shelf, self.now(), &ids, |desk| Ok(desk.warning(id)?.payment)).await?;
        Ok(FraudWarning { id: id.to_owned(), payment })
    }

    async fn list_events(&self, since: Instant, after: Option<&str>) -> Result<EventPage, ProcessorError> {
        self.list(since, after).await
    }

    fn parse_event(&self, signature: &str, body: &[u8], now: Instant) -> Result<Event, ProcessorError> {
        parse_event(&self.secret, signature, body, now)
    }
}
