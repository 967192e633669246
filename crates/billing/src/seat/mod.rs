//! Seats of organizations: the trial, the subscription, and how many there are.
//!
//! Kept true: what is taken never exceeds what is there, nor what stays after the next renewal; seats appear with
//! their payment and not before; what is asked for at the renewal can be taken back until then; the billing date
//! does not move. A quote and the charge are one function. All that happens is an [`Event`], and the state is the
//! fold of them.
//!
//! ```
//! use billing::{Catalog, period::Cadence, seat::*};
//!
//! let catalog = Catalog::embedded();
//! let now = "2026-01-31T09:00:00Z".parse()?;
//! let facts = Facts { now, used: 2, prices: &catalog.seats };
//! let mut seating = Seating::on_trial(5, now);
//!
//! // The page shows what a wish costs; the button orders it at that price or not at all.
//! let wish = Wish::Subscribe { plan: Plan::Teams, cadence: Cadence::Monthly, seats: 3 };
//! let quoted = quote(&seating, wish, &facts)?.total;
//! let payment = "pay_00000000000000000000000000000001".parse()?;
//! let decided = decide(&mut seating, &Command::Order { payment, wish, quoted }, &facts)?;
//! assert!(matches!(decided.outcome, Outcome::Pay(_)));
//!
//! // Once the payment is paid, the seats are there; in the end a renewal is due, and billed once.
//! let order = seating.order.clone().expect("it is open");
//! decide(&mut seating, &Command::Paid(order), &facts)?;
//! let later = Facts { now: "2026-02-28T09:00:00Z".parse()?, ..facts };
//! let Outcome::Bill(bill) = decide(&mut seating, &Command::Advance, &later)?.outcome else { unreachable!() };
//! assert_eq!(bill.line.amount.to_string(), "54.00");
//! assert_eq!(decide(&mut seating, &Command::Advance, &later)?.outcome, Outcome::Done);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod plan;
pub use plan::Plan;

mod event;
pub use event::{Change, EndedBy, Event, Order};

mod access;
pub use access::{Access, Counts};

mod quote;
pub use quote::{Line, LineFor, Quote, Wish, quote};

mod decide;
pub use decide::{Bill, Command, Decided, Facts, Outcome, decide};

mod draft;

mod standing_orders;

mod forecast;

use serde::{Deserialize, Serialize};
use units::{Cents, Instant};

use crate::period::{Cadence, Term};

/// An organization's seats, as they are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seating {
    /// How many there are.
    pub seats: u32,
    /// When the trial ends, or ended.
    pub trial_ends_at: Instant,
    /// What is paid for them; none on trial, nor when it has ended.
    pub subscription: Option<Subscription>,
    /// A change whose payment is under way: one at a time.
    pub order: Option<Order>,
    /// When the last subscription ended.
    pub ended_at: Option<Instant>,
}

/// What is paid for seats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Which plan.
    pub plan: Plan,
    /// What was paid last, or has to be paid.
    pub term: Term,
    /// What a seat costs in this term, whatever the catalog says meanwhile.
    pub price: Cents,
    /// Whether the term is paid.
    pub is_paid: bool,
    /// How many seats go at the renewal.
    pub leaving: u32,
    /// The plan from the renewal on.
    pub next_plan: Option<Plan>,
    /// The cadence from the renewal on.
    pub next_cadence: Option<Cadence>,
    /// Whether it ends at the renewal.
    pub is_cancelled: bool,
}

impl Seating {
    /// A new organization, on trial.
    pub const fn on_trial(seats: u32, ends_at: Instant) -> Self {
        Self { seats, trial_ends_at: ends_at, subscription: None, order: None, ended_at: None }
    }

    /// How many seats stay after the next renewal.
    pub fn staying(&self) -> u32 {
        let leaving = self.subscription.as_ref().map_or(0, |subscription| subscription.leaving);
        self.seats.checked_sub(leaving).expect("only seats that are there can leave")
    }
}
