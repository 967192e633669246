//! The cards that the sandbox knows.

use billing::payment::Failure;

/// A card and what it does.
#[derive(Clone, Copy, Debug)]
pub struct Card {
    /// What is typed.
    pub number: &'static str,
    /// Its name as a payment method.
    pub name: &'static str,
    /// Whose network.
    pub brand: &'static str,
    /// What happens when it is added.
    pub(super) added: Outcome,
    /// When its bank wants to see the person.
    pub(super) asks: Asks,
    /// What happens when it is charged.
    pub(super) charged: Outcome,
    /// What happens after it was charged.
    pub(super) after: After,
}

/// What a bank does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome {
    /// It agrees.
    Yes,
    /// It declines: the code, and the bank's own.
    No(&'static str, Option<&'static str>),
    /// It declines twice, then agrees.
    TwiceNo(&'static str, Option<&'static str>),
    /// It agrees a minute later.
    Later,
    /// It agrees, and its answer is lost on the way.
    Lost,
}

/// What comes of a payment later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// Nothing.
    Nothing,
    /// Its refunds take a minute.
    SlowRefunds,
    /// Its refunds are paid, and come back two minutes later.
    LostRefunds,
    /// It is disputed a minute later, for this reason, so often.
    Disputes(&'static str, usize),
    /// The bank asks about it a minute later.
    Inquiry(&'static str),
    /// A minute later the bank suspects a fraud.
    Warning,
}

/// When a bank wants to see the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    /// Never.
    Never,
    /// At every payment.
    Always,
    /// While the person is there; and when they are not, unless they were asked when the card was added.
    UnlessAdded,
    /// Only while the person is there.
    OnSession,
}

const fn card(number: &'static str, name: &'static str, added: Outcome, asks: Asks, charged: Outcome) -> Card {
    Card { number, name, brand: "visa", added, asks, charged, after: After::Nothing }
}

/// A card that is charged, and of which something comes later.
const fn later(number: &'static str, name: &'static str, after: After) -> Card {
    Card { after, ..card(number, name, Outcome::Yes, Asks::Never, Outcome::Yes) }
}

/// A card that cannot be added, and would not be charged either.
const fn declined(
    number: &'static str,
    name: &'static str,
    code: &'static str,
    decline_code: Option<&'static str>,
) -> Card {
    card(number, name, Outcome::No(code, decline_code), Asks::Never, Outcome::No(code, decline_code))
}

const DECLINED: &str = "card_declined";

/// All of them. The last three are Tare's own.
const CARDS: [Card; 29] = [
    card("4242424242424242", "pm_card_visa", Outcome::Yes, Asks::Never, Outcome::Yes),
    Card {
        brand: "mastercard",
        ..card("5555555555554444", "pm_card_mastercard", Outcome::Yes, Asks::Never, Outcome::Yes)
    },
    Card { brand: "amex", ..card("378282246310005", "pm_card_amex", Outcome::Yes, Asks::Never, Outcome::Yes) },
    declined("4000000000000002", "pm_card_visa_chargeDeclined", DECLINED, Some("generic_decline")),
    declined("4000000000009995", "pm_card_visa_chargeDeclinedInsufficientFunds", DECLINED, Some("insufficient_funds")),
    declined("4000000000009987", "pm_card_visa_chargeDeclinedLostCard", DECLINED, Some("lost_card")),
    declined("4000000000009979", "pm_card_visa_chargeDeclinedStolenCard", DECLINED, Some("stolen_card")),
    declined("4000000000000069", "pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    declined("4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
    declined("4000000000000119", "pm_card_chargeDeclinedProcessingError", "processing_error", None),
    declined(
        "4000000000006975",
        "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
        DECLINED,
        Some("card_velocity_exceeded"),
    ),
    declined("4100000000000019", "pm_card_radarBlock", DECLINED, Some("fraudulent")),
    card(
        "4000000000000341",
        "pm_card_chargeCustomerFail",
        Outcome::Yes,
        Asks::Never,
        Outcome::No(DECLINED, Some("generic_decline")),
    ),
    card("4000002500003155", "pm_card_authenticationRequiredOnSetup", Outcome::Yes, Asks::UnlessAdded, Outcome::Yes),
    card("4000002760003184", "pm_card_authenticationRequired", Outcome::Yes, Asks::Always, Outcome::Yes),
    card(
        "4000003800000446",
        "pm_card_authenticationRequiredSetupForOffSession",
        Outcome::Yes,
        Asks::OnSession,
        Outcome::Yes,
    ),
    card(
        "4000008260003178",
        "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        Outcome::Yes,
        Asks::Always,
        Outcome::No(DECLINED, Some("insufficient_funds")),
    ),
    card("4000000000003220", "pm_card_threeDSecure2Required", Outcome::Yes, Asks::Always, Outcome::Yes),
    card(
        "4000008400001629",
        "pm_card_threeDSecureRequiredChargeDeclined",
        Outcome::Yes,
        Asks::Always,
        Outcome::No(DECLINED, Some("generic_decline")),
    ),
    later("4000000000007726", "pm_card_pendingRefund", After::SlowRefunds),
    later("4000000000005126", "pm_card_refundFail", After::LostRefunds),
    later("4000000000000259", "pm_card_createDispute", After::Disputes("fraudulent", 1)),
    later("4000000000002685", "pm_card_createDisputeProductNotReceived", After::Disputes("product_not_received", 1)),
    later("4000000000001976", "pm_card_createDisputeInquiry", After::Inquiry("fraudulent")),
    later("4000000000005423", "pm_card_createIssuerFraudRecord", After::Warning),
    later("4000000404000079", "pm_card_createMultipleDisputes", After::Disputes("fraudulent", 2)),
    card(
        "4000009999000022",
        "pm_card_tare_thirdTime",
        Outcome::Yes,
        Asks::Never,
        Outcome::TwiceNo(DECLINED, Some("insufficient_funds")),
    ),
    card("4000009999000105", "pm_card_tare_later", Outcome::Yes, Asks::Never, Outcome::Later),
    card("4000009999000204", "pm_card_tare_lostAnswer", Outcome::Yes, Asks::Never, Outcome::Lost),
];

/// The card of a number as somebody types it, or of its name.
///
/// # Errors
/// `incorrect_number` for everything that is not listed.
pub fn find(text: &str) -> Result<&'static Card, Failure> {
    let number: String = text.chars().filter(|letter| !matches!(letter, ' ' | '-')).collect();
    let found = CARDS.iter().find(|card| card.number == number || card.name == text);
    found.ok_or_else(|| Failure { code: "incorrect_number".to_owned(), decline_code: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_passes_the_check_of_its_digits() {
        for card in &CARDS {
            let sum: u32 = card
                .number
                .bytes()
                .rev()
                .enumerate()
                .map(|(at, digit)| {
                    let digit = u32::from(digit - b'0') * if at % 2 == 1 { 2 } else { 1 };
                    digit / 10 + digit % 10
                })
                .sum();
            assert_eq!(sum % 10, 0, "{}", card.number);
            assert_eq!(find(card.name).unwrap().number, card.number);
        }
    }

    #[test]
    fn no_other_number_is_taken() {
        assert_eq!(find("4242 4242 4242 4242").unwrap().name, "pm_card_visa");
        for text in ["4242424242424241", "4012888888881881", "", "pm_card_none"] {
            assert_eq!(find(text).unwrap_err().code, "incorrect_number", "{text}");
        }
    }
}
