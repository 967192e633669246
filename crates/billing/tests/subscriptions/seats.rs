//! Seats of an organization, from the trial on.

use billing::period::Cadence::{Monthly, Yearly};
use billing::period::Term;
use billing::seat::{
    Access, Command, Decided, Event, Facts, Order, Outcome, Plan, Quote, Seating, Wish, decide, quote,
};
use billing::{Catalog, Refusal, catalog};
use units::{Cents, Instant, PaymentId};

use crate::read;

/// An organization with two people, and all that happened to its seats.
struct Team {
    seating: Seating,
    prices: catalog::Seats,
    used: u32,
    now: Instant,
    payments: u32,
    history: Vec<Event>,
}

fn payment(number: u32) -> PaymentId {
    read(&format!("pay_{number:032x}"))
}

/// What a new organization has.
fn trial() -> Seating {
    Seating::on_trial(5, read("2026-04-24T00:00:00Z"))
}

impl Team {
    /// Teams seats cost $15 a month, as in the examples.
    fn new() -> Self {
        let catalog = Catalog::over_defaults("seats.teams.monthly = 15").unwrap();
        let now = read("2026-04-10T00:00:00Z");
        Self { seating: trial(), prices: catalog.seats, used: 2, now, payments: 0, history: Vec::new() }
    }

    fn subscribed(plan: Plan, seats: u32, at: &str) -> Self {
        let mut team = Self::new();
        team.at(at).pays(Wish::Subscribe { plan, cadence: Monthly, seats });
        team
    }

    fn at(&mut self, now: &str) -> &mut Self {
        self.now = read(now);
        self
    }

    fn quote(&self, wish: Wish) -> Result<Quote, Refusal> {
        quote(&self.seating, wish, &Facts { now: self.now, used: self.used, prices: &self.prices })
    }

    fn after(&mut self, command: Command) -> Result<Decided, Refusal> {
        let facts = Facts { now: self.now, used: self.used, prices: &self.prices };
        let decided = decide(&mut self.seating, &command, &facts)?;
        self.history.extend(decided.events.iter().cloned());
        // The state is what its history says.
        let mut folded = trial();
        self.history.iter().for_each(|event| folded.apply(event));
        assert_eq!(folded, self.seating);
        Ok(decided)
    }

    fn does(&mut self, command: Command) -> Outcome {
        self.after(command).unwrap().outcome
    }

    fn order(&mut self, wish: Wish) -> Result<Decided, Refusal> {
        let quoted = self.quote(wish)?.total;
        self.payments += 1;
        let payment = payment(self.payments);
        self.after(Command::Order { payment, wish, quoted })
    }

    fn open(&self) -> Order {
        self.seating.order.clone().unwrap()
    }

    /// Orders and pays; answers what was charged.
    fn pays(&mut self, wish: Wish) -> String {
        let Outcome::Pay(quote) = self.order(wish).unwrap().outcome else { return "0.00".to_owned() };
        let before = self.seating.seats;
        assert_eq!(self.seating.seats, before, "seats appear with the payment");
        let order = self.open();
        assert_eq!((order.amount, self.does(Command::Paid(order))), (quote.total, Outcome::Done));
        quote.total.to_string()
    }

    /// Renews and pays; answers the seats and what they cost.
    fn renews(&mut self) -> (u32, String) {
        let Outcome::Bill(bill) = self.does(Command::Advance) else { panic!("nothing is due") };
        assert_eq!(self.does(Command::Advance), Outcome::Done, "once");
        self.does(Command::TermPaid(bill.term));
        (self.seating.seats, bill.line.amount.to_string())
    }
}

fn code<T: std::fmt::Debug>(answer: Result<T, Refusal>) -> &'static str {
    answer.unwrap_err().code()
}

#[test]
fn the_seat_table_of_the_specification() {
    let mut team = Team::subscribed(Plan::Teams, 5, "2026-01-31T00:00:00Z");
    assert_eq!(team.at("2026-02-14T00:00:00Z").pays(Wish::Add { seats: 1 }), "7.50");
    assert_eq!(team.seating.seats, 6);
    assert_eq!(team.at("2026-02-28T00:00:00Z").renews(), (6, "90.00".to_owned()));
    assert_eq!(team.at("2026-03-01T00:00:00Z").pays(Wish::Add { seats: 1 }), "14.52");
    assert_eq!(team.at("2026-03-30T12:00:00Z").pays(Wish::Add { seats: 3 }), "1.45");
    // The renewal instant is in the new period: full price, and the date did not move.
    assert_eq!(team.at("2026-03-31T00:00:00Z").renews(), (10, "150.00".to_owned()));
    assert_eq!(team.pays(Wish::Add { seats: 1 }), "15.00");

    let mut team = Team::subscribed(Plan::Teams, 2, "2026-04-10T00:00:00Z");
    assert_eq!(team.at("2026-04-25T23:59:59.999999Z").pays(Wish::Add { seats: 5 }), "37.50");

    let mut team = Team::new();
    team.at("2027-06-15T00:00:00Z").pays(Wish::Subscribe { plan: Plan::Teams, cadence: Yearly, seats: 2 });
    assert_eq!(team.at("2028-02-29T08:00:00Z").pays(Wish::Add { seats: 1 }), "52.62");
}

#[test]
fn ten_less_five_raised_to_twelve_pays_for_two() {
    let mut team = Team::subscribed(Plan::Teams, 10, "2026-04-10T00:00:00Z");
    team.does(Command::Remove { seats: 5 });
    assert_eq!((team.seating.seats, team.seating.staying()), (10, 5));
    let more = 12 - team.seating.staying();
    assert_eq!(team.at("2026-04-25T00:00:00Z").pays(Wish::Add { seats: more }), "15.00");
    assert_eq!((team.seating.seats, team.seating.staying()), (12, 12));
}

#[test]
fn removals_are_undone_first_for_nothing() {
    let mut team = Team::subscribed(Plan::Teams, 10, "2026-04-10T00:00:00Z");
    team.does(Command::Remove { seats: 5 });
    assert_eq!(team.at("2026-04-25T00:00:00Z").pays(Wish::Add { seats: 2 }), "0.00");
    assert_eq!((team.seating.seats, team.seating.staying()), (10, 7));
    team.does(Command::UndoRemoval { seats: 1 });
    let refusal = team.after(Command::UndoRemoval { seats: 3 }).unwrap_err();
    assert_eq!(refusal.to_string(), "the number of seats to keep is 3; it must be from 1 to 2");
    assert_eq!(team.at("2026-05-10T00:00:00Z").renews(), (8, "120.00".to_owned()));
    let refusal = team.after(Command::UndoRemoval { seats: 1 }).unwrap_err();
    assert_eq!(refusal.to_string(), "the number of seats to keep is 1; it must be 0, as there is none");
}

#[test]
fn seats_that_are_taken_stay() {
    let mut team = Team::subscribed(Plan::Teams, 10, "2026-04-10T00:00:00Z");
    team.used = 7;
    let refusal = team.after(Command::Remove { seats: 4 }).unwrap_err();
    assert_eq!(refusal, Refusal::SeatsInUse { used: 7, wanted: 6 });
    assert_eq!(refusal.code(), "seats_in_use");
    assert_eq!(code(team.after(Command::Remove { seats: 0 })), "amount_out_of_range");
    assert_eq!(code(team.after(Command::Remove { seats: u32::MAX })), "seats_in_use");
    team.does(Command::Remove { seats: 3 });
    assert_eq!(code(team.after(Command::Remove { seats: 1 })), "seats_in_use");
    // What leaves is not free for an invitation: it would be taken when it is gone.
    assert_eq!(code(team.seating.require_free(7)), "no_free_seat");
    assert_eq!(team.seating.require_free(6), Ok(()));
    let counts = team.seating.counts(5, 2);
    assert_eq!((counts.seats, counts.members, counts.invited, counts.leaving, counts.free), (10, 5, 2, 3, 0));
}

#[test]
fn a_trial_is_converted() {
    let mut team = Team::new();
    let access = |team: &Team, now: &str| team.seating.access(3, read(now));
    let ends = read("2026-04-24T00:00:00Z");
    assert_eq!(access(&team, "2026-04-23T23:59:59.999999Z"), Access::Trial { until: ends });
    assert_eq!(access(&team, "2026-04-24T00:00:00Z"), Access::Banner { until: read("2026-04-27T00:00:00Z") });
    assert_eq!(access(&team, "2026-04-27T00:00:00Z"), Access::Required);
    for wish in [Wish::Add { seats: 1 }, Wish::Plan { plan: Plan::Teams }] {
        assert_eq!(code(team.order(wish)), "subscription_required");
    }
    assert_eq!(code(team.after(Command::Cancel)), "subscription_required");
    team.used = 4;
    let few = team.order(Wish::Subscribe { plan: Plan::Teams, cadence: Monthly, seats: 3 }).unwrap_err();
    assert_eq!(few, Refusal::SeatsInUse { used: 4, wanted: 3 });
    let wish = Wish::Subscribe { plan: Plan::Enterprise, cadence: Yearly, seats: 4 };
    assert_eq!(team.at("2026-05-31T10:00:00Z").order(wish).unwrap().events.len(), 1);
    // A plan that is being paid for has no seat for a fifth, though the trial has.
    assert_eq!(code(team.seating.require_free(4)), "no_free_seat");
    let order = team.open();
    team.at("2026-05-31T10:00:07Z").does(Command::Paid(order));
    assert_eq!(access(&team, "2026-05-31T10:00:07Z"), Access::Subscribed);
    let period = team.seating.subscription.as_ref().unwrap().term.period();
    assert_eq!((period.start, period.end), (read("2026-05-31T10:00:07Z"), read("2027-05-31T10:00:07Z")));
    assert_eq!(code(team.quote(wish)), "subscription_exists");
}

#[test]
fn zero_and_too_many_are_refused() {
    let mut team = Team::new();
    for seats in [0, 1_000_001, u32::MAX] {
        let wish = Wish::Subscribe { plan: Plan::Teams, cadence: Monthly, seats };
        assert_eq!(code(team.quote(wish)), "amount_out_of_range");
    }
    team.pays(Wish::Subscribe { plan: Plan::Teams, cadence: Monthly, seats: 2 });
    for seats in [0, 999_999, u32::MAX] {
        assert_eq!(code(team.quote(Wish::Add { seats })), "amount_out_of_range");
    }
    let most = team.quote(Wish::Add { seats: 999_998 }).unwrap();
    assert_eq!(most.total, Cents::from_count(999_998 * 1_500));
}

#[test]
fn another_price_than_was_quoted_is_asked_again() {
    let mut team = Team::subscribed(Plan::Teams, 2, "2026-04-10T00:00:00Z");
    let wish = Wish::Add { seats: 1 };
    let quoted = team.at("2026-04-25T23:59:59Z").quote(wish).unwrap().total;
    let payment = payment(9);
    let stale = team.at("2026-04-26T00:00:00Z").after(Command::Order { payment, wish, quoted }).unwrap_err();
    assert_eq!(stale, Refusal::QuoteStale { quoted: read("7.50"), now: read("7.00") });
    assert_eq!(stale.code(), "quote_stale");
    assert_eq!(team.seating.order, None);
}

#[test]
fn one_change_at_a_time_is_paid_for() {
    let mut team = Team::subscribed(Plan::Teams, 2, "2026-04-10T00:00:00Z");
    team.order(Wish::Add { seats: 1 }).unwrap();
    for command in [Command::Remove { seats: 1 }, Command::Cancel, Command::Cadence(Yearly)] {
        assert_eq!(code(team.after(command)), "change_pending");
    }
    assert_eq!(code(team.order(Wish::Add { seats: 1 })), "change_pending");
    // The renewal waits for it, so that nothing is paid for a term that is over.
    let open = team.open();
    assert_eq!(team.at("2026-05-10T00:00:00Z").does(Command::Advance), Outcome::CallOff(open.payment));
    team.does(Command::Unpaid { payment: open.payment });
    assert_eq!(team.seating.order, None);
    assert_eq!(code(team.quote(Wish::Add { seats: 1 })), "change_pending", "the renewal comes first");
    assert_eq!(team.renews(), (2, "30.00".to_owned()));
    // Money that comes all the same buys nothing in the new term, and goes back.
    assert_eq!(team.does(Command::Paid(open.clone())), Outcome::GiveBack(open.payment));
    assert_eq!(team.seating.seats, 2);
}

#[test]
fn a_late_payment_still_brings_its_seats_within_the_term() {
    let mut team = Team::subscribed(Plan::Teams, 2, "2026-04-10T00:00:00Z");
    team.order(Wish::Add { seats: 1 }).unwrap();
    let open = team.open();
    team.does(Command::Unpaid { payment: open.payment });
    assert_eq!(team.does(Command::Paid(open)), Outcome::Done);
    assert_eq!(team.seating.seats, 3);
}

#[test]
fn two_payments_for_one_subscription_make_one() {
    let mut team = Team::new();
    let wish = Wish::Subscribe { plan: Plan::Teams, cadence: Monthly, seats: 3 };
    team.order(wish).unwrap();
    let first = team.open();
    team.does(Command::Unpaid { payment: first.payment });
    team.pays(wish);
    assert_eq!(team.does(Command::Paid(first.clone())), Outcome::GiveBack(first.payment));
    // Nor does one that comes when more seats are taken than it paid for.
    let mut team = Team::new();
    team.order(wish).unwrap();
    let first = team.open();
    team.does(Command::Unpaid { payment: first.payment });
    team.used = 4;
    assert_eq!(team.does(Command::Paid(first.clone())), Outcome::GiveBack(first.payment));
}

#[test]
fn a_dearer_plan_comes_at_once_and_a_cheaper_one_at_the_renewal() {
    let mut team = Team::subscribed(Plan::Teams, 10, "2026-04-10T00:00:00Z");
    team.does(Command::Remove { seats: 5 });
    // (72 - 15) x 10 x 15/30: the seats that leave are there until the renewal.
    assert_eq!(team.at("2026-04-25T00:00:00Z").pays(Wish::Plan { plan: Plan::Enterprise }), "285.00");
    let subscription = team.seating.subscription.clone().unwrap();
    assert_eq!((subscription.plan, subscription.price), (Plan::Enterprise, read("72")));
    assert_eq!(team.pays(Wish::Add { seats: 6 }), "36.00", "a seat more costs what it costs now");

    assert_eq!(team.pays(Wish::Plan { plan: Plan::Teams }), "0.00");
    assert_eq!(team.seating.subscription.as_ref().unwrap().next_plan, Some(Plan::Teams));
    assert_eq!(team.pays(Wish::Plan { plan: Plan::Enterprise }), "0.00", "taken back");
    assert_eq!(team.seating.subscription.as_ref().unwrap().next_plan, None);
    assert!(team.order(Wish::Plan { plan: Plan::Enterprise }).unwrap().events.is_empty(), "it is that already");
    team.pays(Wish::Plan { plan: Plan::Teams });
    assert_eq!(team.at("2026-05-10T00:00:00Z").renews(), (11, "165.00".to_owned()));
}

#[test]
fn the_cadence_changes_at_the_renewal() {
    let mut team = Team::subscribed(Plan::Teams, 2, "2026-01-31T00:00:00Z");
    team.does(Command::Cadence(Yearly));
    assert!(team.after(Command::Cadence(Yearly)).unwrap().events.is_empty());
    team.does(Command::Cadence(Monthly));
    assert_eq!(team.at("2026-02-28T00:00:00Z").renews(), (2, "30.00".to_owned()));
    team.does(Command::Cadence(Yearly));
    assert_eq!(team.at("2026-03-31T00:00:00Z").renews(), (2, "360.00".to_owned()));
    assert_eq!(team.seating.subscription.as_ref().unwrap().term.end(), read("2027-03-31T00:00:00Z"));
}

#[test]
fn a_cancelled_subscription_ends_with_its_period() {
    let mut team = Team::subscribed(Plan::Teams, 4, "2026-04-10T00:00:00Z");
    team.does(Command::Cancel);
    assert!(team.after(Command::Cancel).unwrap().events.is_empty());
    assert_eq!(code(team.after(Command::Remove { seats: 1 })), "change_pending");
    assert_eq!(code(team.after(Command::Cadence(Yearly))), "change_pending");
    team.does(Command::Resume);
    team.does(Command::Cancel);
    assert_eq!(team.at("2026-05-09T23:59:59.999999Z").does(Command::Advance), Outcome::Done);
    team.at("2026-05-10T00:00:00Z").does(Command::Advance);
    assert_eq!(team.seating.access(3, team.now), Access::Required);
    assert_eq!(team.seating.ended_at, Some(team.now));
    // Coming back is a new subscription with an anchor of its own.
    assert_eq!(
        team.at("2026-06-15T00:00:00Z").pays(Wish::Subscribe { plan: Plan::Teams, cadence: Monthly, seats: 3 }),
        "45.00"
    );
    assert_eq!(team.seating.access(3, team.now), Access::Subscribed);
}

#[test]
fn the_term_that_is_unpaid_comes_first() {
    let mut team = Team::subscribed(Plan::Teams, 2, "2026-04-10T00:00:00Z");
    let Outcome::Bill(bill) = team.at("2026-05-10T00:00:00Z").does(Command::Advance) else { panic!() };
    assert_eq!(code(team.order(Wish::Add { seats: 1 })), "payment_due");
    assert_eq!(team.at("2026-06-10T00:00:00Z").does(Command::Advance), Outcome::Done, "one bill at a time");
    let first = Term::first(bill.term.anchor, Monthly);
    assert!(team.after(Command::TermPaid(first)).unwrap().events.is_empty(), "an old payment");
    team.does(Command::TermPaid(bill.term));
    assert!(team.after(Command::TermPaid(bill.term)).unwrap().events.is_empty());
    assert!(team.after(Command::GiveUp(bill.term)).unwrap().events.is_empty(), "it is paid");
    // What fell due meanwhile follows, without a gap.
    assert_eq!(team.renews(), (2, "30.00".to_owned()));
    assert_eq!(team.seating.subscription.as_ref().unwrap().term.start(), read("2026-06-10T00:00:00Z"));
}

#[test]
fn a_term_that_nobody_pays_ends_the_subscription() {
    let mut team = Team::subscribed(Plan::Teams, 2, "2026-04-10T00:00:00Z");
    let Outcome::Bill(old) = team.at("2026-05-10T00:00:00Z").does(Command::Advance) else { panic!() };
    team.does(Command::Cancel);
    let waits = team.at("2026-06-10T00:00:00Z").after(Command::Advance).unwrap();
    assert!(waits.events.is_empty(), "what is owed keeps it");
    team.at("2026-06-12T00:00:00Z").does(Command::GiveUp(old.term));
    assert_eq!(team.seating.access(3, team.now), Access::Required);
    assert!(team.after(Command::TermPaid(old.term)).unwrap().events.is_empty());
    // A later subscription has a second month, too. News of the old one is none of its.
    team.pays(Wish::Subscribe { plan: Plan::Teams, cadence: Monthly, seats: 2 });
    let Outcome::Bill(new) = team.at("2026-07-12T00:00:00Z").does(Command::Advance) else { panic!() };
    assert_eq!(new.term.month, old.term.month);
    for news in [Command::TermPaid(old.term), Command::GiveUp(old.term)] {
        assert!(team.after(news).unwrap().events.is_empty());
    }
    assert_eq!(team.after(Command::TermPaid(new.term)).unwrap().events.len(), 1);
}

#[test]
fn a_new_catalog_counts_from_the_renewal_on() {
    let mut team = Team::subscribed(Plan::Teams, 2, "2026-04-10T00:00:00Z");
    team.prices = Catalog::over_defaults("seats.teams.monthly = 30").unwrap().seats;
    assert_eq!(team.at("2026-04-25T00:00:00Z").pays(Wish::Add { seats: 1 }), "7.50");
    assert_eq!(team.at("2026-05-10T00:00:00Z").renews(), (3, "90.00".to_owned()));
}

#[test]
fn the_forecast_is_what_will_be_billed() {
    let mut team = Team::subscribed(Plan::Teams, 10, "2026-01-31T00:00:00Z");
    team.does(Command::Remove { seats: 5 });
    let foreseen = team.seating.forecast(&team.prices, team.now, read("2026-04-30T00:00:00Z"));
    let seen: Vec<_> = ["2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z", "2026-04-30T00:00:00Z"]
        .into_iter()
        .map(|at| (read(at), read(&team.at(at).renews().1)))
        .collect();
    assert_eq!(foreseen, seen);
    assert_eq!(seen[0].1, read("75"));
    team.does(Command::Cancel);
    assert!(team.seating.forecast(&team.prices, team.now, read("2030-01-01T00:00:00Z")).is_empty());
}

#[test]
fn what_is_kept_reads_back() {
    let mut team = Team::subscribed(Plan::Teams, 4, "2026-04-10T00:00:00Z");
    team.does(Command::Cadence(Yearly));
    team.pays(Wish::Plan { plan: Plan::Enterprise });
    team.order(Wish::Add { seats: 2 }).unwrap();
    let text = serde_json::to_string(&team.seating).unwrap();
    assert_eq!(serde_json::from_str::<Seating>(&text).unwrap(), team.seating, "{text}");
    let text = serde_json::to_string(&team.history).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Event>>(&text).unwrap(), team.history, "{text}");
}
