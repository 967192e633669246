//! News comes in any order and more than once, and leaves everything where any other order would.

use billing::Catalog;
use billing::dunning::{Cause, Debt, state};
use billing::payment::FailureClass;
use billing::period::Cadence::Monthly;
use billing::seat::{Command, Facts, Order, Outcome, Plan, Seating, Wish, decide, quote};
use proptest::prelude::*;
use units::PaymentId;

use crate::read;

/// Ten Teams seats whose renewal is not paid yet.
fn renewed(facts: &Facts<'_>) -> (Seating, Command) {
    let mut seating = Seating::on_trial(5, facts.now);
    let then = Facts { now: read("2026-01-31T00:00:00Z"), ..*facts };
    let order = order(&mut seating, Wish::Subscribe { plan: Plan::Teams, cadence: Monthly, seats: 10 }, 1, &then);
    decide(&mut seating, &Command::Paid(order), &then).unwrap();
    let Outcome::Bill(bill) = decide(&mut seating, &Command::Advance, facts).unwrap().outcome else { panic!() };
    (seating, Command::TermPaid(bill.term))
}

fn order(seating: &mut Seating, wish: Wish, number: u32, facts: &Facts<'_>) -> Order {
    let payment: PaymentId = read(&format!("pay_{number:032x}"));
    let quoted = quote(seating, wish, facts).unwrap().total;
    decide(seating, &Command::Order { payment, wish, quoted }, facts).unwrap();
    seating.order.clone().unwrap()
}

proptest! {
    #[test]
    fn of_a_term_that_is_paid(times in prop::collection::vec(0_usize..3, 1..12)) {
        let prices = Catalog::embedded().seats;
        let facts = Facts { now: read("2026-02-28T00:00:00Z"), used: 2, prices: &prices };
        let (mut seating, paid) = renewed(&facts);
        let stale = Command::TermPaid(billing::period::Term::first(read("2026-01-31T00:00:00Z"), Monthly));
        let mut settled = seating.clone();
        decide(&mut settled, &paid, &facts).unwrap();
        for which in &times {
            let command = [&paid, &stale, &Command::Advance][*which];
            prop_assert_eq!(decide(&mut seating, command, &facts).unwrap().outcome, Outcome::Done);
        }
        prop_assert_eq!(seating == settled, times.contains(&0));
    }

    #[test]
    fn of_an_order_that_is_paid(before in prop::collection::vec(0_usize..2, 0..6), after in prop::collection::vec(0_usize..2, 0..6)) {
        let prices = Catalog::embedded().seats;
        let facts = Facts { now: read("2026-03-01T00:00:00Z"), used: 2, prices: &prices };
        let (mut seating, paid) = renewed(&facts);
        decide(&mut seating, &paid, &facts).unwrap();
        let order = order(&mut seating, Wish::Add { seats: 3 }, 2, &facts);
        let unpaid = Command::Unpaid { payment: order.payment };
        let others = [unpaid, Command::Advance];
        before.iter().for_each(|which| { decide(&mut seating, &others[*which], &facts).unwrap(); });
        prop_assert_eq!(seating.seats, 10);
        // Paid is told once, whatever was told before or is told later.
        prop_assert_eq!(decide(&mut seating, &Command::Paid(order), &facts).unwrap().outcome, Outcome::Done);
        after.iter().for_each(|which| { decide(&mut seating, &others[*which], &facts).unwrap(); });
        prop_assert_eq!((seating.seats, seating.order), (13, None));
    }

    #[test]
    fn of_debts(order in Just(Vec::from_iter(0..6_u32)).prop_shuffle(), hours in 0_u32..1_000) {
        let rules = Catalog::embedded().dunning;
        let now = read::<units::Instant>("2026-01-31T00:00:00Z").plus(units::Seconds(i64::from(hours) * 3_600));
        let debts: Vec<_> = order.iter().map(|n| {
            let billed_at = read::<units::Instant>("2026-01-31T00:00:00Z").plus_days(*n);
            let mut debt = Debt::new(if n % 2 == 0 { Cause::Seats } else { Cause::Pass }, billed_at, None);
            debt.tries(billed_at);
            debt.fails(FailureClass::Soft, false, billed_at);
            debt
        }).collect();
        let mut sorted = debts.clone();
        sorted.sort_by_key(|debt| debt.billed_at);
        prop_assert_eq!(state(&debts, &rules, now), state(&sorted, &rules, now));
        // The one that failed first decides, from when on its day has come.
        let wanted = match hours { ..72 => "grace", 72..792 => "suspended", _ => "purged" };
        prop_assert_eq!(state(&sorted, &rules, now).name(), wanted);
    }
}
