//! What the invoices of subscriptions say.

use billing::Catalog;
use billing::invoice::{Draft, InvoiceKind, LineKind, Party};
use billing::pass::{Command, Effect, Facts, begin, decide, subscribe};
use billing::period::Cadence::{Monthly, Yearly};
use billing::seat::{self, Outcome, Plan, Seating, Wish, quote};
use units::{Amount, Instant, PaymentId};

use crate::read;

fn catalog() -> Catalog {
    Catalog::over_defaults("tax.rates = { DE = 19 }\nseats.teams.monthly = 15").unwrap()
}

fn buyer(country: &str) -> Party {
    Party { name: "Ana".to_owned(), country: country.to_owned(), ..Party::default() }
}

fn shown(draft: &Draft) -> Vec<String> {
    draft
        .lines
        .iter()
        .map(|line| format!("{:?} {} x {}: {}", line.kind, line.quantity, line.text, line.amount))
        .collect()
}

#[test]
fn a_pass_is_billed_by_the_term() {
    let catalog = catalog();
    let now: Instant = read("2026-01-31T23:30:00Z");
    let facts = Facts { now, used: Amount::ZERO, rules: &catalog.pass };
    let offer = subscribe(None, read("19"), Yearly, &catalog.pass).unwrap();
    let draft = offer.draft(&catalog, buyer("")).unwrap();
    assert_eq!(shown(&draft), ["Pass 1 x Kilo Pass 19.00, first year: 228.00"]);
    assert_eq!((draft.kind, draft.total), (InvoiceKind::Pass, offer.price));
    let offer = subscribe(None, read("19"), Monthly, &catalog.pass).unwrap();
    let draft = offer.draft(&catalog, buyer("DE")).unwrap();
    assert_eq!(shown(&draft), ["Pass 1 x Kilo Pass 19.00, first month: 19.00", "Tax 1 x Tax 19 % (DE): 3.61"]);
    let (mut pass, _) = begin(offer, true, &facts);
    let later = Facts { now: read("2026-02-28T23:30:00Z"), ..facts };
    let [Effect::Bill(bill)] = decide(&mut pass, Command::Advance, &later).unwrap()[..] else { panic!() };
    let draft = bill.draft(&catalog, buyer("")).unwrap();
    assert_eq!(shown(&draft), ["Pass 1 x Kilo Pass 19.00, 2026-02-28 to 2026-03-31: 19.00"]);
}

#[test]
fn seats_are_billed_by_the_term_and_by_its_part() {
    let catalog = catalog();
    let at = |now: &str| seat::Facts { now: read(now), used: 2, prices: &catalog.seats };
    let mut seating = Seating::on_trial(5, read("2026-04-24T00:00:00Z"));
    let payment: PaymentId = read("pay_00000000000000000000000000000001");
    let mut say = |wish: Wish, now: &str| {
        let quoted = quote(&seating, wish, &at(now)).unwrap();
        let draft = quoted.line.unwrap().draft(&catalog, buyer("")).unwrap();
        // Without tax the invoice is the quote.
        assert_eq!((draft.kind, draft.total), (InvoiceKind::Seats, quoted.total));
        let order = seat::Command::Order { payment, wish, quoted: quoted.total };
        seat::decide(&mut seating, &order, &at(now)).unwrap();
        let order = seating.order.clone().unwrap();
        seat::decide(&mut seating, &seat::Command::Paid(order), &at(now)).unwrap();
        shown(&draft).join(", ")
    };
    let first = Wish::Subscribe { plan: Plan::Teams, cadence: Monthly, seats: 5 };
    assert_eq!(say(first, "2026-04-10T00:00:00Z"), "Seats 5 x Teams seats, first month: 75.00");
    let added = say(Wish::Add { seats: 5 }, "2026-04-25T00:00:00Z");
    assert_eq!(added, "Proration 5 x Teams seats added, 15 of 30 days, to 2026-05-10: 37.50");
    let upgraded = say(Wish::Plan { plan: Plan::Enterprise }, "2026-05-09T00:00:00Z");
    assert_eq!(upgraded, "Proration 10 x Change to Enterprise, 1 of 30 days, to 2026-05-10: 19.00");

    let renewed = seat::decide(&mut seating, &seat::Command::Advance, &at("2026-05-10T00:00:00Z")).unwrap();
    let Outcome::Bill(bill) = renewed.outcome else { panic!() };
    let draft = bill.line.draft(&catalog, buyer("DE")).unwrap();
    let lines = ["Seats 10 x Enterprise seats, 2026-05-10 to 2026-06-10: 720.00", "Tax 1 x Tax 19 % (DE): 136.80"];
    assert_eq!(shown(&draft), lines);
    assert_eq!(draft.lines[0].kind, LineKind::Seats);
    assert_eq!(draft.net(), bill.line.amount);
}
