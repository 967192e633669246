//! One command in, its events and what has to follow out.

use serde::{Deserialize, Serialize};
use units::{Cents, Instant, PaymentId};

use super::{Change, EndedBy, Event, Line, LineFor, Order, Quote, Seating, Wish, quote};
use crate::catalog;
use crate::period::{Cadence, Term};
use crate::refusal::Refusal;

/// What is wanted of an organization's seats, or has happened to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A change that may cost something. It is refused when it costs anything else than was quoted.
    Order {
        /// The payment that would be made.
        payment: PaymentId,
        /// The change.
        wish: Wish,
        /// What its quote said.
        quoted: Cents,
    },
    /// The payment of an order is there: told once, when the payment becomes paid, however late.
    Paid(Order),
    /// The payment of an order was declined or called off.
    Unpaid {
        /// Which.
        payment: PaymentId,
    },
    /// Fewer seats from the renewal on.
    Remove {
        /// How many fewer.
        seats: u32,
    },
    /// Seats stay that would have gone.
    UndoRemoval {
        /// How many of them.
        seats: u32,
    },
    /// Another cadence from the renewal on; the present one takes that back.
    Cadence(Cadence),
    /// The end, at the renewal.
    Cancel,
    /// No end at the renewal.
    Resume,
    /// Whatever is due.
    Advance,
    /// The money for this term is there. News of another term, or the same again, changes nothing.
    TermPaid(Term),
    /// Nobody paid for this term until the end of retention.
    GiveUp(Term),
}

/// What the rules have to know beside the seats.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The moment.
    pub now: Instant,
    /// How many seats members and pending invitations take.
    pub used: u32,
    /// What seats cost.
    pub prices: &'a catalog::Seats,
}

/// What happened, and what has to follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// What happened, in order: to be written behind the history. They are part of the state already.
    pub events: Vec<Event>,
    /// What has to follow.
    pub outcome: Outcome,
}

/// What has to follow a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing.
    Done,
    /// A payment has to be made; what was asked for happens when it is paid.
    Pay(Quote),
    /// A term has to be paid: once for each (organization, term).
    Bill(Bill),
    /// Something is due, and waits for the payment of an order: call it off, or let it end.
    CallOff(PaymentId),
    /// A payment came too late to be of use: give it back.
    GiveBack(PaymentId),
}

/// What has to be paid for a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// For which term.
    pub term: Term,
    /// What stands on the invoice.
    pub line: Line,
}

/// Decides one command. On refusal the seats are untouched.
pub fn decide(seating: &mut Seating, command: &Command, facts: &Facts<'_>) -> Result<Decided, Refusal> {
    let decided = match command {
        Command::Order { payment, wish, quoted } => order(seating, *payment, *wish, *quoted, facts)?,
        Command::Paid(order) => paid(seating, order, facts),
        Command::Unpaid { payment } => Decided::done(seating.closing(*payment)),
        Command::Remove { seats } => Decided::done(seating.remove(*seats, facts.used)?),
        Command::UndoRemoval { seats } => Decided::done(seating.undo_removal(*seats)?),
        Command::Cadence(cadence) => Decided::done(seating.schedule_cadence(*cadence)?),
        Command::Cancel => Decided::done(seating.cancel()?),
        Command::Resume => Decided::done(seating.resume()?),
        Command::Advance => advance(seating, facts),
        Command::TermPaid(term) => {
            Decided::done(seating.is_unpaid(*term).then_some(Event::TermPaid { month: term.month }))
        }
        Command::GiveUp(term) => {
            let ended = Event::Ended { at: facts.now, why: EndedBy::Unpaid };
            Decided::done(seating.is_unpaid(*term).then_some(ended))
        }
    };
    decided.events.iter().for_each(|event| seating.apply(event));
    Ok(decided)
}

fn order(
    seating: &Seating,
    payment: PaymentId,
    wish: Wish,
    quoted: Cents,
    facts: &Facts<'_>,
) -> Result<Decided, Refusal> {
    seating.require_no_order()?;
    let quote = quote(seating, wish, facts)?;
    if quote.total != quoted {
        return Err(Refusal::QuoteStale { quoted, now: quote.total });
    }
    if quote.total == Cents::ZERO {
        return Ok(Decided::done(seating.becomes(&quote.change, facts)));
    }
    let order = Order { payment, amount: quote.total, change: quote.change.clone() };
    Ok(Decided { events: vec![Event::Ordered(order)], outcome: Outcome::Pay(quote) })
}

fn paid(seating: &Seating, order: &Order, facts: &Facts<'_>) -> Decided {
    let mut events: Vec<_> = seating.closing(order.payment).into_iter().collect();
    let change = seating.becomes(&order.change, facts);
    let outcome = if change.is_some() { Outcome::Done } else { Outcome::GiveBack(order.payment) };
    events.extend(change);
    Decided { events, outcome }
}

fn advance(seating: &Seating, facts: &Facts<'_>) -> Decided {
    let due = seating.subscription.as_ref().filter(|it| it.term.end() <= facts.now);
    // An unpaid term is paid or given up first, also where it is the last: what is owed needs whom it is owed by.
    let Some(it) = due.filter(|it| it.is_paid) else { return Decided::done(None) };
    if let Some(order) = &seating.order {
        return Decided { events: Vec::new(), outcome: Outcome::CallOff(order.payment) };
    }
    if it.is_cancelled {
        return Decided::done(Some(Event::Ended { at: it.term.end(), why: EndedBy::Cancellation }));
    }
    let plan = it.next_plan.unwrap_or(it.plan);
    let cadence = it.next_cadence.unwrap_or(it.term.cadence);
    let (term, price, seats) = (it.term.next(cadence), plan.price(cadence, facts.prices), seating.staying());
    let line = Line::new(LineFor::Term, plan, seats, price, term.period(), term.start());
    Decided { events: vec![Event::Renewed { plan, term, seats, price }], outcome: Outcome::Bill(Bill { term, line }) }
}

impl Decided {
    fn done(events: impl IntoIterator<Item = Event>) -> Self {
        Self { events: events.into_iter().collect(), outcome: Outcome::Done }
    }
}

impl Seating {
    /// That the order of this payment is over.
    fn closing(&self, payment: PaymentId) -> Option<Event> {
        let is_open = self.order.as_ref().is_some_and(|order| order.payment == payment);
        is_open.then_some(Event::OrderClosed { payment })
    }

    /// Whether this very term is the one in force, and unpaid.
    fn is_unpaid(&self, term: Term) -> bool {
        self.subscription.as_ref().is_some_and(|it| it.term.is(term) && !it.is_paid)
    }

    /// What the change is now. Nothing, when it makes no sense any more: another subscription or term than it was
    /// priced for, or fewer seats than are taken by now.
    fn becomes(&self, change: &Change, facts: &Facts<'_>) -> Option<Event> {
        let is_in = |term: Term| self.subscription.as_ref().is_some_and(|it| it.term.is(term));
        let event = match (change.clone(), &self.subscription) {
            (Change::Subscribe { plan, cadence, seats, price }, None) if facts.used <= seats => {
                Event::Subscribed { plan, term: Term::first(facts.now, cadence), seats, price }
            }
            (Change::Add { term, undone, added }, Some(it)) if is_in(term) => {
                Event::Added { undone: undone.min(it.leaving), added }
            }
            (Change::Upgrade { term, seats, plan, price }, Some(it))
                if is_in(term) && seats == self.seats && it.plan != plan =>
            {
                Event::PlanChanged { plan, price }
            }
            (Change::Schedule { plan }, Some(it)) if it.next_plan != plan => Event::PlanScheduled { plan },
            _ => return None,
        };
        Some(event)
    }
}
