//! What a holder allows.

use ledger::Refusal;
use serde::{Deserialize, Serialize};
use units::{Amount, Cents};

use crate::catalog::{TopUp, TopUpChoice};

/// Which text of [`consent`] somebody agreed to. It changes with the text.
pub const CONSENT_VERSION: &str = "2026-11-26";

/// What a holder allows: when, how much, and how much in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// It fires when available falls below this.
    pub threshold: Amount,
    /// How much is bought at once.
    pub amount: Cents,
    /// The most that cards pay in a UTC month, with fee and tax.
    pub monthly_cap: Cents,
}

/// What a holder wishes; what is absent is the catalog's default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// When.
    pub threshold: Option<Amount>,
    /// How much.
    pub amount: Option<Cents>,
    /// How much in a month.
    pub monthly_cap: Option<Cents>,
}

impl Settings {
    /// The wish with the defaults of the catalog, if it may be.
    ///
    /// # Errors
    /// `amount_out_of_range` with what is allowed: an amount that the catalog does not list, a threshold that is
    /// not above zero or that the amount does not reach, a cap below the amount.
    pub fn choose(rules: &TopUp, choice: &TopUpChoice, wish: &Wish) -> Result<Self, Refusal> {
        let amount = wish.amount.unwrap_or(choice.default);
        if !choice.amounts.contains(&amount) {
            let allowed: Vec<String> = choice.amounts.iter().map(Cents::to_string).collect();
            return refuse("the amount of the automatic top-up", amount.to_string(), allowed.join(", "));
        }
        let threshold = wish.threshold.unwrap_or(choice.threshold);
        let reached = Amount::from_cents(amount).is_ok_and(|credits| threshold <= credits);
        if !(threshold.is_positive() && reached) {
            // A smaller amount would leave the wallet below the threshold, and fire again at once.
            let allowed = format!("more than 0 and at most the amount, {amount}");
            return refuse("the threshold of the automatic top-up", threshold.to_string(), allowed);
        }
        let default = Cents::from_count(amount.count().saturating_mul(i64::from(rules.monthly_cap_factor)));
        let monthly_cap = wish.monthly_cap.unwrap_or(default);
        if monthly_cap < amount {
            let allowed = format!("at least the amount, {amount}");
            return refuse("the monthly cap of the automatic top-up", monthly_cap.to_string(), allowed);
        }
        Ok(Self { threshold, amount, monthly_cap })
    }

    /// Where a top-up that fires at the threshold brings the wallet: the number to show beside it.
    pub fn target(&self) -> Amount {
        let credits = Amount::from_cents(self.amount);
        credits.and_then(|credits| self.threshold.checked_add(credits)).unwrap_or(self.threshold)
    }
}

fn refuse<T>(what: &'static str, given: String, allowed: String) -> Result<T, Refusal> {
    Err(Refusal::AmountOutOfRange { what, given, allowed })
}

/// What a person agrees to when they turn it on. Change [`CONSENT_VERSION`] with it.
pub fn consent(brand: &str, rules: &TopUp, settings: &Settings) -> String {
    let Settings { threshold, amount, monthly_cap } = settings;
    let per_day = rules.per_day;
    format!(
        "I allow {brand} to charge the saved card for ${amount} of credits without asking again, each time the available \
         credits fall below ${threshold}: at most {per_day} times a day and ${monthly_cap} in a calendar month (both in \
         UTC). Fees and taxes are charged with it, named on each invoice, and counted in these limits. I can turn this \
         off at any time."
    )
}
