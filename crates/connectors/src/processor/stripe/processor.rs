//! Stripe as a processor.

use async_trait::async_trait;
use serde_json::Value;
use units::Instant;

use super::client::{Answer, Client};
use super::wire::{
    CheckoutSession, Customer, Page, PaymentIntent, PaymentMethod, WireDispute, WireFailure, WireRefund, WireWarning,
};
use super::{StripeSecrets, StripeSettings};
use crate::outgoing::Outgoing;
use crate::processor::event::Wire;
use crate::processor::{
    Dispute, Event, EventPage, FraudWarning, Method, NewPayment, NewRefund, Payment, PaymentStatus, Presence,
    Processor, ProcessorError, Refund, Setup, parse_event,
};
use crate::secret::Secret;

/// An account at Stripe.
pub struct Stripe {
    client: Client,
    is_live: bool,
    webhook_secret: Secret,
}

impl Stripe {
    /// Prepares; nothing is asked yet.
    ///
    /// # Errors
    /// What is wrong in the settings.
    pub fn new(settings: &StripeSettings, secrets: StripeSecrets) -> Result<Self, String> {
        let StripeSecrets { api_key: key, webhook_secret } = secrets;
        let is_live = ["sk_live_", "rk_live_"].iter().any(|start| key.expose().starts_with(start));
        let is_test = ["sk_test_", "rk_test_"].iter().any(|start| key.expose().starts_with(start));
        if !is_live && !is_test {
            let name = &settings.api_key_env;
            return Err(format!(
                "stripe: {name} must hold a secret key (sk_live_ or sk_test_), better a restricted one (rk_live_ or rk_test_)"
            ));
        }
        let http = Outgoing::to(&settings.base_url, false).map_err(|why| format!("stripe.base_url: {why}"))?;
        Ok(Self { client: Client { http, key }, is_live, webhook_secret })
    }

    /// The payment that an answer tells of. A declined one tells why, and shows how the payment stands now.
    async fn told(&self, id: &str, answer: Answer<PaymentIntent>) -> Result<Payment, ProcessorError> {
        match answer {
            Answer::Done(intent) => read(intent),
            Answer::Declined(failure) => self.declined(id, &failure).await,
        }
    }

    async fn declined(&self, id: &str, failure: &WireFailure) -> Result<Payment, ProcessorError> {
        let shown = failure.payment_intent.clone().filter(Value::is_object);
        let mut payment = match shown.and_then(|intent| serde_json::from_value::<PaymentIntent>(intent).ok()) {
            Some(intent) => read(intent)?,
            None => self.get_payment(id).await?,
        };
        if payment.status == PaymentStatus::RequiresMethod {
            payment.failure = Some(failure.to_failure());
        }
        Ok(payment)
    }
}

fn read(intent: PaymentIntent) -> Result<Payment, ProcessorError> {
    known(intent.told())
}

fn known<T>(told: Option<T>) -> Result<T, ProcessorError> {
    told.ok_or_else(|| ProcessorError::Unknown("it is in a state that is not known here".to_owned()))
}

fn done<T>(answer: Answer<T>) -> Result<T, ProcessorError> {
    match answer {
        Answer::Done(done) => Ok(done),
        Answer::Declined(failure) => Err(ProcessorError::Rejected {
            code: failure.code.unwrap_or_default(),
            message: failure.message.unwrap_or_default(),
        }),
    }
}

#[async_trait]
impl Processor for Stripe {
    fn name(&self) -> &'static str {
        if self.is_live { "stripe" } else { "stripe_test" }
    }

    fn is_live(&self) -> bool {
        self.is_live
    }

    fn page_origins(&self) -> &'static [&'static str] {
        &["https://checkout.stripe.com"]
    }

    async fn create_customer(&self, account: &str, key: &str) -> Result<String, ProcessorError> {
        let form = [("metadata[tare_wallet]", account)];
        Ok(done(self.client.post::<Customer>("/v1/customers", &form, key).await?)?.id)
    }

    /// On Stripe's own page, so that no card number comes near this server.
    async fn begin_setup(&self, customer: &str, return_url: &str, key: &str) -> Result<Setup, ProcessorError> {
        // Theirs to fill in: whoever comes back is asked which setup it was.
        let sign = if return_url.contains('?') { '&' } else { '?' };
        let success_url = format!("{return_url}{sign}setup={{CHECKOUT_SESSION_ID}}");
        let form = [
            ("mode", "setup"),
            ("currency", "usd"),
            ("customer", customer),
            ("payment_method_types[]", "card"),
            ("success_url", success_url.as_str()),
            ("cancel_url", return_url),
        ];
        Ok(done(self.client.post::<CheckoutSession>("/v1/checkout/sessions", &form, key).await?)?.told())
    }

    async fn get_setup(&self, id: &str) -> Result<Setup, ProcessorError> {
        let path = format!("/v1/checkout/sessions/{id}?expand[]=setup_intent");
        Ok(self.client.get::<CheckoutSession>(&path).await?.told())
    }

    async fn get_method(&self, id: &str) -> Result<Method, ProcessorError> {
        let method = self.client.get::<PaymentMethod>(&format!("/v1/payment_methods/{id}")).await?;
        method.told().ok_or_else(|| ProcessorError::NotFound(format!("card {id}")))
    }

    async fn create_payment(&self, new: &NewPayment, key: &str) -> Result<Payment, ProcessorError> {
        let amount = new.amount.count().to_string();
        let form = [
            ("amount", amount.as_str()),
            ("currency", "usd"),
            ("customer", new.customer.as_str()),
            ("payment_method", new.method.as_str()),
            ("payment_method_types[]", "card"),
            ("description", new.description.as_str()),
            ("statement_descriptor_suffix", "CREDITS"),
            ("metadata[tare_payment]", new.payment.as_str()),
        ];
        read(done(self.client.post::<PaymentIntent>("/v1/payment_intents", &form, key).await?)?)
    }

    async fn confirm_payment(&self, id: &str, presence: &Presence, key: &str) -> Result<Payment, ProcessorError> {
        let form = match presence {
            Presence::OffSession => [("off_session", "true")],
            Presence::OnSession { return_url } => [("return_url", return_url.as_str())],
        };
        let answer = self.client.post(&format!("/v1/payment_intents/{id}/confirm"), &form, key).await?;
        self.told(id, answer).await
    }

    async fn get_payment(&self, id: &str) -> Result<Payment, ProcessorError> {
        read(self.client.get(&format!("/v1/payment_intents/{id}")).await?)
    }

    async fn cancel_payment(&self, id: &str, key: &str) -> Result<Payment, ProcessorError> {
        let answer = self.client.post(&format!("/v1/payment_intents/{id}/cancel"), &[], key).await?;
        self.told(id, answer).await
    }

    async fn refund_payment(&self, new: &NewRefund, key: &str) -> Result<Refund, ProcessorError> {
        let amount = new.amount.count().to_string();
        let form = [
            ("payment_intent", new.payment.as_str()),
            ("amount", amount.as_str()),
            ("metadata[tare_refund]", new.refund.as_str()),
        ];
        known(done(self.client.post::<WireRefund>("/v1/refunds", &form, key).await?)?.told())
    }

    async fn get_refund(&self, id: &str) -> Result<Refund, ProcessorError> {
        known(self.client.get::<WireRefund>(&format!("/v1/refunds/{id}")).await?.told())
    }

    /// A payment has few refunds: all of them stand on one page.
    async fn find_refund(&self, payment: &str, refund: &str) -> Result<Option<Refund>, ProcessorError> {
        let path = format!("/v1/refunds?payment_intent={payment}&limit=100");
        for told in self.client.get::<Page<WireRefund>>(&path).await?.data {
            let told = known(told.told())?;
            if told.refund.as_deref() == Some(refund) {
                return Ok(Some(told));
            }
        }
        Ok(None)
    }

    async fn get_dispute(&self, id: &str) -> Result<Dispute, ProcessorError> {
        known(self.client.get::<WireDispute>(&format!("/v1/disputes/{id}")).await?.told())
    }

    async fn get_fraud_warning(&self, id: &str) -> Result<FraudWarning, ProcessorError> {
        Ok(self.client.get::<WireWarning>(&format!("/v1/radar/early_fraud_warnings/{id}")).await?.told())
    }

    /// Stripe keeps events for thirty days and answers the newest first. One that cannot be read, such as one about an
    /// object without an id, must not hide the others.
    async fn list_events(&self, since: Instant, after: Option<&str>) -> Result<EventPage, ProcessorError> {
        let since = since.micros().div_euclid(1_000_000);
        let after = after.map(|id| format!("&starting_after={id}")).unwrap_or_default();
        let path = format!("/v1/events?created[gte]={since}&limit=100{after}");
        let Page { data, has_more } = self.client.get::<Page<Value>>(&path).await?;
        let last = data.last().and_then(|event| event["id"].as_str()).map(str::to_owned);
        let events = data.into_iter().filter_map(|event| serde_json::from_value::<Wire>(event).ok()?.told()).collect();
        Ok(EventPage { events, next: last.filter(|_| has_more) })
    }

    fn parse_event(&self, signature: &str, body: &[u8], now: Instant) -> Result<Event, ProcessorError> {
        parse_event(self.webhook_secret.expose(), signature, body, now)
    }
}
