//! An organization: people come and go, seats and plans are bought and given up, bills are paid or not.

use std::collections::BTreeSet;

use billing::dunning::{Cause, Debt, Due, State, state};
use billing::period::{Cadence, Term};
use billing::seat::{Bill, Command, Event, Facts, Order, Outcome, Plan, Seating, Wish, decide, quote};
use billing::{Catalog, Refusal};
use sim::Random;
use units::{Instant, PaymentId, Seconds};

use super::till::{Till, Told};
use super::{Life, Tally, pass_days};
use crate::read;

struct Team {
    random: Random,
    catalog: Catalog,
    now: Instant,
    seating: Seating,
    used: u32,
    till: Till,
    /// What each payment is for.
    purposes: Vec<Purpose>,
    /// The bill that is not paid.
    unpaid: Option<Unpaid>,
    card_since: Instant,
    history: Vec<Event>,
    billed: BTreeSet<(Instant, u32)>,
    term: Option<Term>,
    /// What was paid and brought something, and what was paid and is to be given back.
    earned: i64,
    given_back: i64,
    tally: Tally,
}

enum Purpose {
    Order(Order),
    Term(Term),
}

struct Unpaid {
    payment: usize,
    debt: Debt,
    bill: Bill,
    was_asked_for: bool,
}

const TRIAL_SEATS: u32 = 5;

/// One life of some years.
pub fn live(mut random: Random) -> Tally {
    let start: Instant = read("2027-01-01T00:00:00Z");
    let now = start.plus(Seconds(random.below(800 * 86_400) as i64));
    let mut team = Team {
        till: Till::new(Random::new(random.next())),
        catalog: Catalog::embedded(),
        now,
        seating: trial(now),
        used: 1,
        purposes: Vec::new(),
        unpaid: None,
        card_since: now,
        history: Vec::new(),
        billed: BTreeSet::new(),
        term: None,
        earned: 0,
        given_back: 0,
        tally: Tally::default(),
        random,
    };
    pass_days(&mut team);
    let mut folded = trial(now);
    team.history.iter().for_each(|event| folded.apply(event));
    assert_eq!(folded, team.seating, "the history is the state");
    team.tally
}

fn trial(now: Instant) -> Seating {
    Seating::on_trial(TRIAL_SEATS, now.plus_days(14))
}

impl Life for Team {
    fn now(&mut self) -> &mut Instant {
        &mut self.now
    }

    fn random(&mut self) -> &mut Random {
        &mut self.random
    }

    fn next_moment(&self) -> Option<Instant> {
        let debt = self.unpaid.as_ref().and_then(|unpaid| unpaid.debt.next_due(&self.catalog.dunning));
        let term = self.seating.subscription.as_ref().map(|it| it.term.end());
        [debt, term.filter(|at| *at > self.now), self.till.next_arrival()].into_iter().flatten().min()
    }

    /// Everything that is due, twice: whoever repeats it repeats nothing.
    fn work(&mut self) {
        loop {
            while let Some(told) = self.till.arrives(self.now) {
                self.hears(told);
            }
            if self.dun() {
                continue;
            }
            match self.decide(&Command::Advance).unwrap() {
                Outcome::Bill(bill) => self.owe(bill),
                Outcome::CallOff(payment) => {
                    let told = self.till.call_off(index(payment), self.now);
                    self.hears(told);
                }
                _ => {
                    let ended = self.decide(&Command::Advance).unwrap();
                    assert_eq!(ended, Outcome::Done);
                    break;
                }
            }
        }
    }

    fn act(&mut self) {
        if self.random.percent(10) {
            self.card_since = self.now;
            if let Some(unpaid) = &mut self.unpaid {
                unpaid.debt.card_since = Some(self.now);
            }
        }
        if !self.state().is_served() {
            return self.pay_by_hand();
        }
        let seats = [0, 1, 2, 5, 20][self.random.weighted(&[2, 40, 30, 20, 8])];
        let plan = Plan::ALL[self.random.below(2) as usize];
        let cadence = Cadence::ALL[self.random.weighted(&[80, 20])];
        match self.random.below(12) {
            0 | 1 if self.seating.subscription.is_none() => {
                self.order(Wish::Subscribe { plan, cadence, seats: 1 + seats })
            }
            0..=2 => self.order(Wish::Add { seats }),
            3 => self.order(Wish::Plan { plan }),
            4 => self.ask(&Command::Remove { seats }),
            5 => self.ask(&Command::UndoRemoval { seats }),
            6 => self.ask(&Command::Cadence(cadence)),
            7 if self.random.percent(20) => self.ask(&Command::Cancel),
            8 => self.ask(&Command::Resume),
            9 => self.used = (self.used - 1).max(1),
            10 => self.pay_by_hand(),
            _ => self.used += u32::from(self.seating.require_free(self.used).is_ok()),
        }
    }

    fn check(&mut self) {
        // I27.
        assert!(self.used <= self.seating.staying(), "{} people, {:?}", self.used, self.seating);
        // I28, with the ladder counted in hours.
        let failed_at = self.unpaid.as_ref().and_then(|unpaid| unpaid.debt.failed_at);
        let hours = failed_at.map(|at| (self.now.micros() - at.micros()) / 3_600_000_000);
        let wanted = match hours {
            None => "active",
            Some(..72) => "grace",
            Some(72..792) => "suspended",
            Some(_) => "purged",
        };
        let found = self.state();
        assert_eq!(found.name(), wanted);
        self.tally.suspended += u64::from(wanted == "suspended");
        let is_purged = wanted == "purged";
        assert!(!is_purged || self.unpaid.as_ref().is_some_and(|unpaid| unpaid.debt.is_trying), "purged, and kept");
        let failures = self.unpaid.as_ref().map_or(0, |unpaid| unpaid.debt.failures);
        assert!(failures <= 4, "{failures} attempts that nobody asked for");
        let is_paid = self.seating.subscription.as_ref().is_none_or(|it| it.is_paid);
        assert!(is_paid || self.unpaid.is_some(), "an unpaid term has its bill");
        // I24: every charge is accounted for, once it is heard of.
        assert!(self.earned + self.given_back <= self.till.charged());
    }
}

impl Team {
    fn decide(&mut self, command: &Command) -> Result<Outcome, Refusal> {
        let (now, used) = (self.now, self.used);
        let before = self.seating.clone();
        let answer = decide(&mut self.seating, command, &Facts { now, used, prices: &self.catalog.seats });
        let decided = answer.inspect_err(|_| assert_eq!(before, self.seating, "a refusal changes nothing"))?;
        for event in &decided.events {
            self.follow(event);
        }
        self.history.extend(decided.events);
        Ok(decided.outcome)
    }

    /// I25: terms are contiguous, and each begins its months after the anchor.
    fn follow(&mut self, event: &Event) {
        match event {
            Event::Subscribed { term, .. } => {
                assert_eq!((term.month, term.anchor), (0, self.now));
                self.term = Some(*term);
            }
            Event::Renewed { term, .. } => {
                let before = self.term.expect("a renewal follows a term");
                assert_eq!((term.start(), term.anchor), (before.end(), before.anchor));
                assert_eq!(term.start(), term.anchor.plus_months(term.month));
                assert!(term.start() <= self.now);
                self.term = Some(*term);
                self.tally.terms += 1;
            }
            Event::Ended { .. } => self.tally.ended += 1,
            _ => {}
        }
    }

    fn hears(&mut self, told: Option<Told>) {
        match told {
            None => {}
            Some(Told::Paid(payment)) => self.is_paid(payment),
            Some(Told::Failed(payment, class)) => match &self.purposes[payment] {
                Purpose::Order(order) => {
                    let payment = order.payment;
                    self.decide(&Command::Unpaid { payment }).unwrap();
                }
                Purpose::Term(_) => {
                    let now = self.now;
                    if let Some(unpaid) = self.unpaid.as_mut().filter(|unpaid| unpaid.payment == payment) {
                        unpaid.debt.fails(class, unpaid.was_asked_for, now);
                        self.tally.failures += 1;
                    }
                }
            },
        }
    }

    fn is_paid(&mut self, payment: usize) {
        match &self.purposes[payment] {
            Purpose::Order(order) => {
                let order = order.clone();
                match self.decide(&Command::Paid(order.clone())).unwrap() {
                    Outcome::GiveBack(_) => {
                        self.given_back += order.amount.count();
                        self.tally.given_back += 1;
                    }
                    _ => self.earned += order.amount.count(),
                }
            }
            Purpose::Term(term) => {
                let term = *term;
                self.decide(&Command::TermPaid(term)).unwrap();
                if let Some(unpaid) = self.unpaid.take_if(|unpaid| unpaid.payment == payment) {
                    self.earned += unpaid.bill.line.amount.count();
                    self.tally.recovered += u64::from(unpaid.debt.failed_at.is_some());
                }
            }
        }
    }

    /// I26: one bill for each term.
    fn owe(&mut self, bill: Bill) {
        assert!(self.billed.insert((bill.term.anchor, bill.term.month)), "billed twice");
        assert!(self.unpaid.is_none(), "one unpaid term at a time");
        let payment = self.till.owe(bill.line.amount, self.now);
        self.purposes.push(Purpose::Term(bill.term));
        let debt = Debt::new(Cause::Seats, self.now, Some(self.card_since));
        self.unpaid = Some(Unpaid { payment, debt, bill, was_asked_for: false });
    }

    /// Does what is due about the unpaid bill. Answers whether anything was.
    fn dun(&mut self) -> bool {
        let now = self.now;
        let Some(unpaid) = &mut self.unpaid else { return false };
        match unpaid.debt.due(&self.catalog.dunning, now) {
            Some(Due::Try) => {
                unpaid.was_asked_for =
                    unpaid.debt.tried_at.zip(unpaid.debt.card_since).is_some_and(|(at, card)| card > at);
                unpaid.debt.tries(now);
                self.till.attempt(unpaid.payment, now);
                true
            }
            Some(Due::Purge) => {
                assert!(now >= unpaid.debt.failed_at.unwrap().plus_days(33), "purged too early");
                let term = unpaid.bill.term;
                self.unpaid = None;
                self.decide(&Command::GiveUp(term)).unwrap();
                true
            }
            Some(Due::Lapse) => panic!("seats do not lapse"),
            None => false,
        }
    }

    fn ask(&mut self, command: &Command) {
        match self.decide(command) {
            Ok(outcome) => assert_eq!(outcome, Outcome::Done),
            Err(refusal) => assert!(!refusal.code().is_empty()),
        }
    }

    fn order(&mut self, wish: Wish) {
        let facts = Facts { now: self.now, used: self.used, prices: &self.catalog.seats };
        let Ok(quoted) = quote(&self.seating, wish, &facts) else { return };
        if let Some(line) = quoted.line {
            // The same by hand: twice the price of the days left, and one of the period's days, by twice the days.
            let (days, left) = (i128::from(line.period.days()), i128::from(line.days_left));
            let whole = i128::from(line.price.count()) * i128::from(line.quantity);
            assert_eq!(i128::from(line.amount.count()), (2 * whole * left + days) / (2 * days));
            self.tally.quotes += 1;
        }
        let payment = self.purposes.len();
        let command = Command::Order { payment: id(payment), wish, quoted: quoted.total };
        if let Ok(Outcome::Pay(paying)) = self.decide(&command) {
            assert_eq!(paying, quoted, "the charge is the quote");
            self.tally.charges += 1;
            self.till.owe(paying.total, self.now);
            self.purposes.push(Purpose::Order(self.seating.order.clone().unwrap()));
            self.till.attempt(payment, self.now);
            if self.random.percent(15) {
                let told = self.till.forget(payment, self.now);
                self.hears(told);
            }
        }
    }

    fn pay_by_hand(&mut self) {
        let now = self.now;
        if let Some(unpaid) = self.unpaid.as_mut().filter(|unpaid| !unpaid.debt.is_trying) {
            unpaid.was_asked_for = true;
            unpaid.debt.tries(now);
            self.till.attempt(unpaid.payment, now);
        }
    }

    fn state(&self) -> State {
        let debts: Vec<_> = self.unpaid.iter().map(|unpaid| unpaid.debt).collect();
        state(&debts, &self.catalog.dunning, self.now)
    }
}

fn id(payment: usize) -> PaymentId {
    read(&format!("pay_{payment:032x}"))
}

fn index(payment: PaymentId) -> usize {
    payment.uuid().as_u128() as usize
}
