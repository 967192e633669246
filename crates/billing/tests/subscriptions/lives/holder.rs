//! A holder of a pass: subscribes, uses much or little, changes their mind, pays or not.

use std::collections::BTreeMap;

use billing::Catalog;
use billing::dunning::{Cause, Debt, Due};
use billing::pass::{Bill, Command, Effect, EndedBy, Facts, Offer, Pass, begin, decide, subscribe};
use billing::period::{Cadence, Term};
use ledger::Source;
use sim::Random;
use units::{Amount, Cents, Instant, Seconds};

use super::till::{Till, Told};
use super::{Life, Tally, pass_days};
use crate::read;

struct Holder {
    random: Random,
    catalog: Catalog,
    now: Instant,
    pass: Option<Pass>,
    had_one: bool,
    till: Till,
    purposes: Vec<Purpose>,
    unpaid: Option<Unpaid>,
    /// Used since the last grant of a base, at which moments.
    uses: Vec<(Instant, Amount)>,
    /// What each month of each pass brought, by the anchor.
    granted: BTreeMap<(Instant, u32, &'static str), Amount>,
    /// What was paid for passes, and what of the credits counts as paid, in cents.
    paid: i64,
    brought: i64,
    /// Months in a row, by another count.
    streak: u32,
    term: Option<Term>,
    tally: Tally,
}

#[derive(Clone, Copy)]
enum Purpose {
    First(Offer),
    Term(Instant, u32),
}

struct Unpaid {
    payment: usize,
    debt: Debt,
    bill: Bill,
}

/// One life of some years.
pub fn live(mut random: Random) -> Tally {
    let start: Instant = read("2027-01-01T00:00:00Z");
    let mut holder = Holder {
        now: start.plus(Seconds(random.below(800 * 86_400) as i64)),
        till: Till::new(Random::new(random.next())),
        catalog: Catalog::over_defaults(if random.percent(50) { "" } else { "pass.yearly_factor = 10" }).unwrap(),
        pass: None,
        had_one: false,
        purposes: Vec::new(),
        unpaid: None,
        uses: Vec::new(),
        granted: BTreeMap::new(),
        paid: 0,
        brought: 0,
        streak: 0,
        term: None,
        tally: Tally::default(),
        random,
    };
    pass_days(&mut holder);
    holder.tally
}

impl Life for Holder {
    fn now(&mut self) -> &mut Instant {
        &mut self.now
    }

    fn random(&mut self) -> &mut Random {
        &mut self.random
    }

    fn next_moment(&self) -> Option<Instant> {
        let debt = self.unpaid.as_ref().and_then(|unpaid| unpaid.debt.next_due(&self.catalog.dunning));
        let pass = self.pass.as_ref().filter(|pass| pass.ended.is_none());
        let month = pass.and_then(|pass| pass.month()).map(|month| month.end);
        [debt, month.filter(|at| *at > self.now), self.till.next_arrival()].into_iter().flatten().min()
    }

    fn work(&mut self) {
        loop {
            while let Some(told) = self.till.arrives(self.now) {
                self.hears(told);
            }
            if !self.dun() && !self.decide(Command::Advance) {
                break;
            }
        }
        assert!(!self.decide(Command::Advance), "whoever repeats it repeats nothing");
    }

    fn act(&mut self) {
        let tier = *self.random.pick(&self.catalog.pass.tiers).unwrap();
        let cadence = Cadence::ALL[self.random.weighted(&[75, 25])];
        match self.random.below(10) {
            0..=3 => {
                let used = Amount::from_dollars(self.random.below(25) as i64);
                self.uses.push((self.now, used));
            }
            4 => {
                self.decide(Command::Change { tier, cadence });
            }
            5 if self.random.percent(20) => self.cancels(),
            6 => {
                self.decide(Command::Resume);
            }
            _ => self.subscribes(tier, cadence),
        }
    }

    fn check(&mut self) {
        self.till.charged();
        let Some(pass) = &self.pass else { return };
        assert!(pass.ended.is_some() || pass.streak == self.streak, "{pass:?}");
        assert_eq!(self.paid, self.brought + pass.prepaid().count(), "what was paid is granted, or will be");
        let failures = self.unpaid.as_ref().map_or(0, |unpaid| unpaid.debt.failures);
        assert!(failures <= 4, "{failures} attempts");
        // Every month that is paid and has begun was granted, and none that has not.
        let months: Vec<_> = self
            .granted
            .keys()
            .filter(|(anchor, _, kind)| *anchor == pass.term.anchor && *kind == "pass_base")
            .map(|key| key.1)
            .collect();
        assert!(months.iter().enumerate().all(|(at, month)| at == *month as usize), "a gap in {months:?}");
        if pass.ended.is_none() {
            let term = pass.term;
            let begun =
                if pass.is_paid { term.months().filter(|(_, month)| month.start <= self.now).count() } else { 0 };
            assert_eq!(months.len(), term.month as usize + begun);
        }
        // A bonus is at most half of its base.
        for ((anchor, month, kind), amount) in &self.granted {
            let base = self.granted[&(*anchor, *month, "pass_base")];
            assert!(*kind == "pass_base" || amount.nanos() * 2 <= base.nanos(), "{amount} on {base}");
        }
    }
}

impl Holder {
    fn used(&self) -> Amount {
        let Some(window) = self.pass.as_ref().and_then(|pass| pass.counts(self.now)) else { return Amount::ZERO };
        self.uses.iter().filter(|(at, _)| window.start <= *at && *at < window.end).map(|(_, used)| *used).sum()
    }

    fn decide(&mut self, command: Command) -> bool {
        let facts = Facts { now: self.now, used: self.used(), rules: &self.catalog.pass };
        let Some(pass) = &mut self.pass else { return false };
        let before = pass.clone();
        match decide(pass, command, &facts) {
            Ok(effects) => {
                let has_effects = !effects.is_empty();
                effects.iter().for_each(|effect| self.follow(effect));
                has_effects
            }
            Err(refusal) => {
                assert_eq!(Some(before), self.pass, "a refusal changes nothing: {refusal}");
                false
            }
        }
    }

    fn follow(&mut self, effect: &Effect) {
        let anchor = self.pass.as_ref().unwrap().term.anchor;
        match effect {
            // I26: once for each month and kind.
            Effect::Grant(grant) => {
                let again = self.granted.insert((anchor, grant.month, grant.source.name()), grant.amount);
                assert_eq!(again, None, "granted twice");
                self.brought += if grant.paid { grant.amount.to_cents_floor().count() } else { 0 };
                if grant.source == Source::PassBase {
                    self.streak += 1;
                    self.uses.clear();
                } else {
                    self.tally.bonuses += 1;
                }
            }
            // I25: contiguous, from the anchor.
            Effect::Bill(bill) => {
                let before = self.term.expect("a renewal follows a term");
                assert_eq!((bill.term.start(), bill.term.anchor), (before.end(), before.anchor));
                assert_eq!(bill.term.start(), bill.term.anchor.plus_months(bill.term.month));
                assert!(bill.term.start() <= self.now && self.unpaid.is_none());
                self.term = Some(bill.term);
                self.tally.terms += 1;
                let payment = self.till.owe(bill.amount, self.now);
                self.purposes.push(Purpose::Term(bill.term.anchor, bill.term.month));
                let debt = Debt::new(Cause::Pass, self.now, None);
                self.unpaid = Some(Unpaid { payment, debt, bill: *bill });
            }
            Effect::End(ended) => {
                self.streak = 0;
                self.tally.lapsed += u64::from(ended.why == EndedBy::Lapse);
                self.tally.ended += u64::from(ended.why == EndedBy::Cancellation);
            }
        }
    }

    fn hears(&mut self, told: Option<Told>) {
        match told {
            None => {}
            Some(Told::Paid(payment)) => match self.purposes[payment] {
                Purpose::First(offer) => self.begins(offer),
                Purpose::Term(anchor, month) => {
                    let unpaid = self.unpaid.take_if(|unpaid| unpaid.payment == payment);
                    assert!(unpaid.is_some(), "money of an unpaid bill that was closed");
                    assert_eq!(self.pass.as_ref().unwrap().term.anchor, anchor);
                    let unpaid = unpaid.unwrap();
                    self.paid += unpaid.bill.amount.count();
                    self.tally.recovered += u64::from(unpaid.debt.failed_at.is_some());
                    self.decide(Command::Paid { month });
                }
            },
            Some(Told::Failed(payment, class)) => {
                let now = self.now;
                if let Some(unpaid) = self.unpaid.as_mut().filter(|unpaid| unpaid.payment == payment) {
                    unpaid.debt.fails(class, false, now);
                    self.tally.failures += 1;
                }
            }
        }
    }

    fn begins(&mut self, offer: Offer) {
        let facts = Facts { now: self.now, used: Amount::ZERO, rules: &self.catalog.pass };
        let (pass, effects) = begin(offer, !self.had_one, &facts);
        self.paid += pass.price.count();
        (self.term, self.pass, self.had_one, self.streak) = (Some(pass.term), Some(pass), true, 0);
        effects.iter().for_each(|effect| self.follow(effect));
    }

    fn dun(&mut self) -> bool {
        let now = self.now;
        let Some(unpaid) = &mut self.unpaid else { return false };
        match unpaid.debt.due(&self.catalog.dunning, now) {
            Some(Due::Try) => {
                unpaid.debt.tries(now);
                self.till.attempt(unpaid.payment, now);
            }
            Some(Due::Lapse) => {
                assert!(now >= unpaid.debt.failed_at.unwrap().plus_days(3), "lapsed too early");
                let month = unpaid.bill.term.month;
                self.unpaid = None;
                self.decide(Command::Lapse { month });
            }
            Some(Due::Purge) => panic!("a pass purges nothing"),
            None => return false,
        }
        true
    }

    /// An unpaid term is given up with its open attempt called off first; what had succeeded all the same counts.
    fn cancels(&mut self) {
        if let Some(payment) = self.unpaid.as_ref().map(|unpaid| unpaid.payment) {
            let told = self.till.call_off(payment, self.now);
            self.hears(told);
        }
        if self.decide(Command::Cancel) {
            self.unpaid = None;
        }
    }

    fn subscribes(&mut self, tier: Cents, cadence: Cadence) {
        let Ok(offer) = subscribe(self.pass.as_ref(), tier, cadence, &self.catalog.pass) else { return };
        let payment = self.till.owe(offer.price, self.now);
        self.purposes.push(Purpose::First(offer));
        self.till.attempt(payment, self.now);
        // The page waits for the answer; where none comes the payment is called off.
        while let Some(told) = self.till.arrives(self.now) {
            self.hears(told);
        }
        let told = self.till.call_off(payment, self.now);
        self.hears(told);
    }
}
