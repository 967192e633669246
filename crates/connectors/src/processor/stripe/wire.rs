//! What Stripe's answers look like, as far as we read them.

use billing::contest::ContestState;
use billing::payment::Failure;
use billing::refund::RefundNews;
use serde::Deserialize;
use serde_json::Value;
use units::Cents;

use crate::processor::{Dispute, FraudWarning, Method, Payment, PaymentStatus, Refund, Setup, SetupStatus};

#[derive(Deserialize)]
pub(super) struct Customer {
    pub id: String,
}

#[derive(Deserialize)]
pub(super) struct PaymentIntent {
    id: String,
    status: String,
    amount: Option<i64>,
    amount_received: Option<i64>,
    currency: Option<String>,
    customer: Option<String>,
    next_action: Option<Value>,
    last_payment_error: Option<WireFailure>,
    #[serde(default)]
    metadata: Option<Value>,
}

#[derive(Clone, Deserialize)]
pub(super) struct WireFailure {
    pub code: Option<String>,
    pub decline_code: Option<String>,
    pub message: Option<String>,
    pub payment_intent: Option<Value>,
}

#[derive(Deserialize)]
pub(super) struct Refusal {
    pub error: WireFailure,
}

#[derive(Deserialize)]
pub(super) struct CheckoutSession {
    id: String,
    status: Option<String>,
    url: Option<String>,
    setup_intent: Option<Value>,
    customer: Option<Value>,
}

#[derive(Deserialize)]
pub(super) struct WireRefund {
    id: String,
    status: Option<String>,
    amount: Option<i64>,
    payment_intent: Option<Value>,
    #[serde(default)]
    metadata: Value,
}

#[derive(Deserialize)]
pub(super) struct Page<T> {
    pub data: Vec<T>,
    /// Whether there are more behind them.
    #[serde(default)]
    pub has_more: bool,
}

#[derive(Deserialize)]
pub(super) struct WireDispute {
    id: String,
    status: String,
    amount: Option<i64>,
    reason: Option<String>,
    payment_intent: Option<Value>,
}

#[derive(Deserialize)]
pub(super) struct WireWarning {
    id: String,
    payment_intent: Option<Value>,
}

#[derive(Deserialize)]
pub(super) struct PaymentMethod {
    id: String,
    customer: Option<String>,
    card: Option<Card>,
}

#[derive(Deserialize)]
struct Card {
    brand: Option<String>,
    last4: Option<String>,
    exp_month: Option<u8>,
    exp_year: Option<u16>,
    fingerprint: Option<String>,
}

impl WireFailure {
    pub fn to_failure(&self) -> Failure {
        let code = self.code.clone().unwrap_or_else(|| "card_declined".to_owned());
        Failure { code, decline_code: self.decline_code.clone() }
    }
}

impl PaymentIntent {
    /// `None` for a status that nobody knew when this was written: then nothing is known.
    pub fn told(self) -> Option<Payment> {
        let status = match self.status.as_str() {
            "requires_payment_method" => PaymentStatus::RequiresMethod,
            "requires_confirmation" => PaymentStatus::RequiresConfirmation,
            "requires_action" => PaymentStatus::RequiresAction,
            "processing" => PaymentStatus::Processing,
            "succeeded" => PaymentStatus::Succeeded,
            "canceled" => PaymentStatus::Canceled,
            _ => return None,
        };
        let amount = Cents::from_count(self.amount.unwrap_or_default());
        let page = self.next_action.as_ref().and_then(|action| action["redirect_to_url"]["url"].as_str());
        Some(Payment {
            page: page.map(str::to_owned),
            // An older answer has no `amount_received`; what succeeded, was received.
            received: match status {
                PaymentStatus::Succeeded => self.amount_received.map_or(amount, Cents::from_count),
                _ => Cents::ZERO,
            },
            is_usd: self.currency.as_deref() == Some("usd"),
            customer: self.customer.unwrap_or_default(),
            failure: self.last_payment_error.as_ref().map(WireFailure::to_failure),
            payment: self.metadata.and_then(|all| all["tare_payment"].as_str().map(str::to_owned)),
            id: self.id,
            status,
            amount,
        })
    }
}

impl WireRefund {
    /// `None` for a state that nobody knew when this was written: then nothing is known.
    pub fn told(self) -> Option<Refund> {
        let news = match self.status.as_deref() {
            Some("pending" | "requires_action") => RefundNews::Pending,
            Some("succeeded") => RefundNews::Paid,
            Some("failed" | "canceled") => RefundNews::Failed,
            _ => return None,
        };
        Some(Refund {
            id: self.id,
            payment: id_of(self.payment_intent),
            amount: Cents::from_count(self.amount.unwrap_or_default()),
            news,
            refund: self.metadata["tare_refund"].as_str().map(str::to_owned),
        })
    }
}

impl WireDispute {
    /// `None` for a state that nobody knew when this was written: then nothing is known. One that was prevented ended
    /// with the money back at the card, as one that was lost.
    pub fn told(self) -> Option<Dispute> {
        let state = match self.status.as_str() {
            "warning_needs_response" | "warning_under_review" => ContestState::Inquiry,
            "needs_response" | "under_review" => ContestState::Open,
            "won" | "warning_closed" => ContestState::Won,
            "lost" | "prevented" => ContestState::Lost,
            _ => return None,
        };
        Some(Dispute {
            id: self.id,
            payment: id_of(self.payment_intent),
            amount: Cents::from_count(self.amount.unwrap_or_default()),
            reason: self.reason.unwrap_or_default(),
            state,
        })
    }
}

impl WireWarning {
    pub fn told(self) -> FraudWarning {
        FraudWarning { id: self.id, payment: id_of(self.payment_intent) }
    }
}

/// An object is told by its id, or whole.
fn id_of(object: Option<Value>) -> String {
    match object {
        Some(Value::String(id)) => id,
        Some(whole) => whole["id"].as_str().unwrap_or_default().to_owned(),
        None => String::new(),
    }
}

impl CheckoutSession {
    pub fn told(self) -> Setup {
        let intent = self.setup_intent.unwrap_or_default();
        let method = intent["payment_method"].as_str().map(str::to_owned);
        let status = match (self.status.as_deref(), &method) {
            (Some("complete"), Some(_)) => SetupStatus::Succeeded,
            (Some("expired"), _) => SetupStatus::Failed,
            _ => SetupStatus::Open,
        };
        let customer = self.customer.map(|customer| id_of(Some(customer)));
        Setup { id: self.id, customer, status, page: self.url, method, failure: None }
    }
}

impl PaymentMethod {
    pub fn told(self) -> Option<Method> {
        let card = self.card?;
        Some(Method {
            id: self.id,
            customer: self.customer.unwrap_or_default(),
            brand: card.brand.unwrap_or_else(|| "card".to_owned()),
            last4: card.last4?,
            exp_month: card.exp_month?,
            exp_year: card.exp_year?,
            fingerprint: card.fingerprint.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    #[test]
    fn a_payment_is_read_whatever_else_is_told_or_left_out() {
        let told = |object: Value| from_value::<PaymentIntent>(object).unwrap().told();
        let whole = json!({
            "id": "pi_1", "status": "succeeded", "amount": 2000, "amount_received": 2000, "currency": "usd",
            "customer": "cus_1", "metadata": {"tare_payment": "pay_1"}, "latest_charge": {"id": "ch_1"}, "news": [1],
        });
        let payment = told(whole).unwrap();
        assert_eq!((payment.received, payment.is_usd), (Cents::from_count(2000), true));
        assert_eq!(payment.payment.as_deref(), Some("pay_1"));
        let short = told(json!({"id": "pi_1", "status": "processing"})).unwrap();
        assert_eq!((short.status, short.received), (PaymentStatus::Processing, Cents::ZERO));
        assert!(told(json!({"id": "pi_1", "status": "a_new_one"})).is_none());
        let euros = told(json!({"id": "pi_1", "status": "succeeded", "amount": 1, "currency": "eur"})).unwrap();
        assert!(!euros.is_usd);
        let asks = json!({"id": "pi_1", "status": "requires_action", "next_action": {"redirect_to_url": {"url": "https://x"}}});
        assert_eq!(told(asks).unwrap().page.as_deref(), Some("https://x"));
    }

    #[test]
    fn refunds_and_disputes_are_told_by_their_states() {
        let refund = |status: &str| {
            let object = json!({"id": "re_1", "status": status, "amount": 5, "payment_intent": "pi_1"});
            from_value::<WireRefund>(object).unwrap().told().map(|refund| refund.news)
        };
        assert_eq!(refund("requires_action"), Some(RefundNews::Pending));
        assert_eq!(refund("succeeded"), Some(RefundNews::Paid));
        assert_eq!([refund("failed"), refund("canceled")], [Some(RefundNews::Failed); 2]);
        assert_eq!(refund("a_new_one"), None);
        let dispute = |status: &str| {
            let object = json!({"id": "dp_1", "status": status, "payment_intent": {"id": "pi_1"}});
            from_value::<WireDispute>(object).unwrap().told()
        };
        assert_eq!(dispute("needs_response").unwrap().payment, "pi_1");
        for (status, state) in [
            ("warning_needs_response", ContestState::Inquiry),
            ("warning_under_review", ContestState::Inquiry),
            ("under_review", ContestState::Open),
            ("warning_closed", ContestState::Won),
            ("won", ContestState::Won),
            ("lost", ContestState::Lost),
            ("prevented", ContestState::Lost),
        ] {
            assert_eq!(dispute(status).unwrap().state, state, "{status}");
        }
        assert!(dispute("a_new_one").is_none());
    }
}
