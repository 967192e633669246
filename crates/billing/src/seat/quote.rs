//! What a change would cost now. The page shows it, and the charge is this very function once more.

use serde::{Deserialize, Serialize};
use units::{Cents, Instant};

use super::{Change, Facts, Plan, Seating, Subscription};
use crate::period::{Cadence, Period, Term};
use crate::proration::{MOST_SEATS, left, whole};
use crate::refusal::Refusal;

/// A change that may cost something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Subscribe: the whole first term of all seats.
    Subscribe {
        /// To which plan.
        plan: Plan,
        /// By the month or year.
        cadence: Cadence,
        /// How many seats in all.
        seats: u32,
    },
    /// More seats than would stay: those that leave stay first, for nothing; new ones for the days left.
    Add {
        /// How many more.
        seats: u32,
    },
    /// Another plan. A dearer one comes at once, for the difference and the days left; a cheaper one at the renewal.
    Plan {
        /// Which.
        plan: Plan,
    },
}

/// What a change costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// What stands on the invoice; nothing when the change is free.
    pub line: Option<Line>,
    /// What is charged.
    pub total: Cents,
    /// What happens when it is paid, or at once when it is free.
    pub change: Change,
}

/// A line of an invoice: `price` for each of `quantity` seats, for `days_left` of the days of the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it is for.
    pub what: LineFor,
    /// In which plan.
    pub plan: Plan,
    /// How many seats.
    pub quantity: u32,
    /// What each costs for the whole period; for another plan, what it costs more.
    pub price: Cents,
    /// For which period.
    pub period: Period,
    /// UTC days that are paid for, the first included.
    pub days_left: u32,
    /// The line, in cents, half up.
    pub amount: Cents,
}

/// What a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "for", content = "cadence", rename_all = "snake_case")]
pub enum LineFor {
    /// The first term of a subscription, which begins with the payment.
    First(Cadence),
    /// A further term.
    Term,
    /// Seats that were added.
    Added,
    /// What a dearer plan costs more.
    Upgrade,
}

/// What the wish costs now and would change, or why it cannot be.
pub fn quote(seating: &Seating, wish: Wish, facts: &Facts<'_>) -> Result<Quote, Refusal> {
    match (wish, &seating.subscription) {
        (Wish::Subscribe { .. }, Some(_)) => Err(Refusal::SubscriptionExists { what: "a subscription" }),
        (Wish::Subscribe { plan, cadence, seats }, None) => subscribe(plan, cadence, seats, facts),
        (_, None) => Err(Refusal::SubscriptionRequired { what: "subscription" }),
        (Wish::Add { seats }, Some(it)) => add(seating, it, seats, facts),
        (Wish::Plan { plan }, Some(it)) => change_plan(seating, it, plan, facts),
    }
}

fn subscribe(plan: Plan, cadence: Cadence, seats: u32, facts: &Facts<'_>) -> Result<Quote, Refusal> {
    within("the number of seats", seats, MOST_SEATS)?;
    if seats < facts.used {
        return Err(Refusal::SeatsInUse { used: facts.used, wanted: seats });
    }
    let price = plan.price(cadence, facts.prices);
    let period = Term::first(facts.now, cadence).period();
    let line = Line::new(LineFor::First(cadence), plan, seats, price, period, facts.now);
    Ok(Quote { line: Some(line), total: line.amount, change: Change::Subscribe { plan, cadence, seats, price } })
}

fn add(seating: &Seating, it: &Subscription, seats: u32, facts: &Facts<'_>) -> Result<Quote, Refusal> {
    within("the number of seats to add", seats, MOST_SEATS - seating.staying().min(MOST_SEATS - 1))?;
    it.require_running(facts.now)?;
    let undone = seats.min(it.leaving);
    let added = seats - undone;
    let line = (added > 0).then(|| Line::new(LineFor::Added, it.plan, added, it.price, it.term.period(), facts.now));
    Ok(Quote { line, total: total(line), change: Change::Add { term: it.term, undone, added } })
}

fn change_plan(seating: &Seating, it: &Subscription, plan: Plan, facts: &Facts<'_>) -> Result<Quote, Refusal> {
    let price = plan.price(it.term.cadence, facts.prices);
    if plan == it.plan || price <= it.price {
        let plan = (plan != it.plan).then_some(plan);
        return Ok(Quote { line: None, total: Cents::ZERO, change: Change::Schedule { plan } });
    }
    it.require_running(facts.now)?;
    let more = Cents::from_count(price.count() - it.price.count());
    let line = Line::new(LineFor::Upgrade, plan, seating.seats, more, it.term.period(), facts.now);
    let change = Change::Upgrade { term: it.term, seats: seating.seats, plan, price };
    Ok(Quote { line: Some(line), total: line.amount, change })
}

impl Line {
    /// The line for what is left of a period at this moment.
    pub(super) fn new(what: LineFor, plan: Plan, quantity: u32, price: Cents, period: Period, at: Instant) -> Self {
        let amount = left(whole(price, quantity), period, at);
        Self { what, plan, quantity, price, period, days_left: period.days_left(at), amount }
    }
}

impl Subscription {
    /// Refuses while this term is unpaid, or over and not yet renewed: what is left of it is nothing to price by.
    fn require_running(&self, now: Instant) -> Result<(), Refusal> {
        if !self.is_paid {
            return Err(Refusal::PaymentDue { since: self.term.start() });
        }
        if self.term.end() <= now {
            let (pending, instead) = ("the renewal is under way", "Try again in a moment");
            return Err(Refusal::ChangePending { pending, instead });
        }
        Ok(())
    }
}

fn total(line: Option<Line>) -> Cents {
    line.map_or(Cents::ZERO, |line| line.amount)
}

/// Refuses zero, and more than `most`.
pub(super) fn within(what: &'static str, given: u32, most: u32) -> Result<(), Refusal> {
    match (1..=most).contains(&given) {
        true => Ok(()),
        false if most == 0 => Err(Refusal::CountOutOfRange { what, given, allowed: "0, as there is none".to_owned() }),
        false => Err(Refusal::CountOutOfRange { what, given, allowed: format!("from 1 to {most}") }),
    }
}
