//! One call while it runs: whoever drops it without an end has left.

use std::sync::Arc;

use units::Cost;

use super::{
    prices::Prices,
    settings::BillOnLeave,
    tokens::Tokens,
    truth::{Outcome, Truth},
};

/// What is billed when the answer was played to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bill {
    Nothing,
    Sent,
    Whole,
}

/// A call that was admitted.
pub(super) struct OpenCall {
    pub truth: Arc<Truth>,
    pub n: u64,
    pub status: u16,
    pub bill: Bill,
    pub on_leave: BillOnLeave,
    pub prices: &'static Prices,
    /// A cost that the script names instead of the prices.
    pub cost: Option<Cost>,
    /// The whole call.
    pub tokens: Tokens,
    /// Completion tokens that were written so far.
    pub sent: u64,
    pub ended: bool,
}

impl OpenCall {
    /// The answer was written to its end.
    pub(super) fn finish(&mut self) {
        self.end(Outcome::Finished, self.bill);
    }

    /// The demo broke the connection.
    pub(super) fn broken(&mut self) {
        self.end(Outcome::Broken, self.bill);
    }

    /// Answered with an error status.
    pub(super) fn refuse(&mut self, status: u16) {
        self.status = status;
        self.end(Outcome::Refused, Bill::Nothing);
    }

    /// What the whole call costs.
    pub(super) fn whole_cost(&self) -> Cost {
        self.cost_of(&self.tokens)
    }

    fn end(&mut self, outcome: Outcome, bill: Bill) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let (tokens, billed) = match bill {
            Bill::Nothing => (Tokens::default(), Cost::ZERO),
            Bill::Whole => (self.tokens, self.whole_cost()),
            Bill::Sent => {
                let tokens =
                    Tokens { completion: self.sent, reasoning: self.tokens.reasoning.min(self.sent), ..self.tokens };
                (tokens, self.cost_of(&tokens))
            }
        };
        self.truth.end(self.n, self.status, outcome, tokens, billed);
    }

    pub(super) fn cost_of(&self, tokens: &Tokens) -> Cost {
        self.cost.unwrap_or_else(|| self.prices.cost(tokens).expect("token counts of a request stay below 2^40"))
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        let bill = match (self.bill, self.on_leave) {
            (Bill::Nothing, _) => Bill::Nothing,
            (_, BillOnLeave::Whole) => Bill::Whole,
            (_, BillOnLeave::Sent) => Bill::Sent,
        };
        self.end(Outcome::Left, bill);
    }
}
