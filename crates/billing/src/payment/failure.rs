//! Why a card was not charged.

use serde::{Deserialize, Serialize};

/// A decline. It is an outcome, not an error: the processor was asked and said no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The processor's code, such as `card_declined`.
    pub code: String,
    /// The bank's code, such as `insufficient_funds`. Not for the customer: it can tell a thief something.
    pub decline_code: Option<String>,
}

/// What a decline means for the next try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// The bank wants to see the person.
    AuthenticationRequired,
    /// It may work another time.
    Soft,
    /// It will not work with this card.
    Hard,
    /// Somebody suspects a theft.
    Fraud,
}

/// Declines after which the same card is not tried again.
const HARD: [&str; 9] = [
    "incorrect_number",
    "invalid_number",
    "expired_card",
    "incorrect_cvc",
    "lost_card",
    "stolen_card",
    "pickup_card",
    "revocation_of_authorization",
    "transaction_not_allowed",
];
/// Declines that look like a theft.
const FRAUD: [&str; 3] = ["fraudulent", "highest_risk_level", "merchant_blacklist"];

impl Failure {
    /// What it means for the next try. The bank's code says more than the processor's.
    pub fn class(&self) -> FailureClass {
        let codes = [self.decline_code.as_deref().unwrap_or_default(), self.code.as_str()];
        let is_one_of = |known: &[&str]| codes.iter().any(|code| known.contains(code));
        if is_one_of(&["authentication_required"]) {
            return FailureClass::AuthenticationRequired;
        }
        match (is_one_of(&FRAUD), is_one_of(&HARD)) {
            (true, _) => FailureClass::Fraud,
            (false, true) => FailureClass::Hard,
            (false, false) => FailureClass::Soft,
        }
    }

    /// What the customer reads. It never says that a card was reported stolen.
    pub fn customer_text(&self) -> &'static str {
        match (self.class(), self.decline_code.as_deref(), self.code.as_str()) {
            (FailureClass::AuthenticationRequired, ..) => "your bank asks you to confirm this payment",
            (_, Some("insufficient_funds"), _) => "your bank says that the card has not enough funds",
            (.., "expired_card") => "the card has expired",
            (.., "incorrect_cvc") => "the security code of the card is wrong",
            (.., "incorrect_number" | "invalid_number") => "the number of the card is wrong",
            (.., "processing_error") => "the bank could not process the card; try again in a moment",
            _ => "your bank has declined the card; try another one, or ask your bank",
        }
    }
}
