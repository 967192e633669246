//! What happened to an organization's seats: their history, and how each event changes their state.

use serde::{Deserialize, Serialize};
use units::{Cents, Instant, PaymentId};

use super::{Plan, Seating, Subscription};
use crate::period::{Cadence, Term};

/// Something that happened. The fold of all of them is the state, so the history can neither miss nor add anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A change was asked for; its payment is under way.
    Ordered(Order),
    /// The payment of a change ended, well or not.
    OrderClosed {
        /// Which.
        payment: PaymentId,
    },
    /// A plan was subscribed to; the trial is over.
    Subscribed {
        /// Which plan.
        plan: Plan,
        /// What was paid for.
        term: Term,
        /// How many seats.
        seats: u32,
        /// What each costs.
        price: Cents,
    },
    /// Seats were added.
    Added {
        /// Seats that would have left, and stay. They were paid for.
        undone: u32,
        /// New ones.
        added: u32,
    },
    /// The plan changed at once.
    PlanChanged {
        /// To this one.
        plan: Plan,
        /// What a seat costs from now on.
        price: Cents,
    },
    /// The plan changes at the renewal; or not, after all.
    PlanScheduled {
        /// To this one.
        plan: Option<Plan>,
    },
    /// The cadence changes at the renewal; or not, after all.
    CadenceScheduled {
        /// To this one.
        cadence: Option<Cadence>,
    },
    /// Seats go at the renewal.
    RemovalPlanned {
        /// How many more.
        seats: u32,
    },
    /// Seats stay that would have gone.
    RemovalUndone {
        /// How many of them.
        seats: u32,
    },
    /// The subscription ends at the renewal.
    Cancelled,
    /// It does not, after all.
    Resumed,
    /// A new term began and has to be paid.
    Renewed {
        /// Which plan.
        plan: Plan,
        /// Which term.
        term: Term,
        /// How many seats.
        seats: u32,
        /// What each costs.
        price: Cents,
    },
    /// The money for a term is there.
    TermPaid {
        /// Months from the anchor to its start.
        month: u32,
    },
    /// The subscription is over.
    Ended {
        /// When.
        at: Instant,
        /// Why.
        why: EndedBy,
    },
}

/// A change whose payment is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// What is being paid.
    pub payment: PaymentId,
    /// How much.
    pub amount: Cents,
    /// What happens when it is paid.
    pub change: Change,
}

/// What a quote would change, and a payment changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// A subscription that begins with the payment.
    Subscribe {
        /// To which plan.
        plan: Plan,
        /// By the month or year.
        cadence: Cadence,
        /// How many seats.
        seats: u32,
        /// What each costs.
        price: Cents,
    },
    /// More seats.
    Add {
        /// In which term. It is worth nothing in another.
        term: Term,
        /// Seats that would have left, and stay.
        undone: u32,
        /// New ones.
        added: u32,
    },
    /// A dearer plan, at once.
    Upgrade {
        /// In which term. It is worth nothing in another.
        term: Term,
        /// Of how many seats.
        seats: u32,
        /// Which.
        plan: Plan,
        /// What a seat costs from then on.
        price: Cents,
    },
    /// A cheaper plan at the renewal, or the same plan after all.
    Schedule {
        /// Which.
        plan: Option<Plan>,
    },
}

/// Why a subscription ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// Somebody of the organization wanted it.
    Cancellation,
    /// Nobody paid until the end of retention.
    Unpaid,
}

impl Seating {
    /// Makes the event part of the state.
    ///
    /// # Panics
    /// When the event cannot follow what happened before: the history would be disagreeing with itself.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Ordered(order) => self.order = Some(order.clone()),
            Event::OrderClosed { payment } => {
                self.order.take_if(|order| order.payment == *payment);
            }
            Event::Subscribed { plan, term, seats, price } => {
                self.seats = *seats;
                self.ended_at = None;
                self.subscription = Some(Subscription {
                    plan: *plan,
                    term: *term,
                    price: *price,
                    is_paid: true,
                    leaving: 0,
                    next_plan: None,
                    next_cadence: None,
                    is_cancelled: false,
                });
            }
            Event::Added { undone, added } => {
                self.seats += added;
                self.subscribed(|it| it.leaving -= undone);
            }
            Event::PlanChanged { plan, price } => {
                self.subscribed(|it| (it.plan, it.price, it.next_plan) = (*plan, *price, None));
            }
            Event::PlanScheduled { plan } => self.subscribed(|it| it.next_plan = *plan),
            Event::CadenceScheduled { cadence } => self.subscribed(|it| it.next_cadence = *cadence),
            Event::RemovalPlanned { seats } => self.subscribed(|it| it.leaving += seats),
            Event::RemovalUndone { seats } => self.subscribed(|it| it.leaving -= seats),
            Event::Cancelled => self.subscribed(|it| it.is_cancelled = true),
            Event::Resumed => self.subscribed(|it| it.is_cancelled = false),
            Event::Renewed { plan, term, seats, price } => {
                self.seats = *seats;
                self.subscribed(|it| {
                    (it.plan, it.term, it.price, it.is_paid) = (*plan, *term, *price, false);
                    (it.leaving, it.next_plan, it.next_cadence) = (0, None, None);
                });
            }
            Event::TermPaid { .. } => self.subscribed(|it| it.is_paid = true),
            Event::Ended { at, .. } => {
                self.subscription = None;
                self.ended_at = Some(*at);
            }
        }
    }

    fn subscribed(&mut self, change: impl FnOnce(&mut Subscription)) {
        change(self.subscription.as_mut().expect("only what was subscribed to can change"));
    }
}
