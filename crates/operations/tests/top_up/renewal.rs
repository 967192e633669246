//! T10 for renewals, of whatever is renewed: each fault of the processor at each call. What it charged is what was paid and
//! has an invoice, once; and whoever hears no event at all ends where those end who hear them.

use store::{DebtEnd, InvoiceFilter};
use units::{Instant, WalletId};

use crate::faulty::{Call, Fault};
use crate::line::{CALLS, Faults, Line, cells, mixture, mixtures, ways};
use crate::world::*;

/// At once, beyond each look of the ladder, the last of the daily tries, and the end of the grace. A confirmation that never
/// left costs one of the tries, and three that are not answered for a day put the first failure off by as long: hence the
/// days at the end.
const WAITS: [i64; 22] = [
    0, 61, 301, 1_801, 3_601, 3_601, 3_601, 90_000, 3_601, 3_601, 90_000, 3_601, 90_000, 3_601, 43_200, 43_200, 3_601,
    90_000, 3_601, 90_000, 3_601, 90_000,
];

/// Something that is paid by the term, and whose next term is to be paid with another card than the first.
pub trait Renewed: Sized {
    /// Its first term is paid, and the card is added.
    async fn begin(world: &World, name: &str, card: TestCard) -> Self;

    fn wallet(&self) -> WalletId;

    /// When its next term is due.
    async fn renews_at(&self, world: &World) -> Instant;

    /// What must be so behind a renewal that was paid, or was not.
    async fn check(&self, world: &World, is_paid: bool, place: &str);

    /// It is not renewed again.
    async fn leave(&self, world: &World);
}

/// One term that was paid, and the days behind it. Hears events, or none.
async fn play<R: Renewed>(
    world: &mut World,
    line: &mut Line,
    name: &str,
    card: TestCard,
    faults: &Faults,
    hears_events: bool,
) {
    let place = format!("{name}: {card:?} with {faults:?}, events: {hears_events}");
    let it = R::begin(world, name, card).await;
    world.run().await;
    assert_eq!(line.charged(world).await, 1, "{place}: the first term");
    let due = it.renews_at(world).await;
    world.wait((due.micros() - world.ctx().now.micros()) / 1_000_000);
    line.hit(faults);
    line.wait(world, &WAITS, hears_events).await;
    line.mend();

    let renewals = usize::from(card.is_paid());
    let payments = world.payments(it.wallet()).await;
    let paid = payments.iter().filter(|row| row.paid_at.is_some()).count() - 1;
    let filter = InvoiceFilter { wallet: Some(it.wallet()), ..InvoiceFilter::default() };
    let reader = world.services().store.reader();
    let invoices = reader.list_invoices(filter, None, 10).await.unwrap().len() - 1;
    let charged = line.charged(world).await;
    assert_eq!((charged, paid, invoices), (renewals, renewals, renewals), "{place}: charges, paid payments, invoices");
    assert_eq!(payments.len(), 2, "{place}: however often it is tried, a term is one payment");
    let debts = reader.list_all_debts(it.wallet()).await.unwrap();
    assert_eq!(debts.len(), 1, "{place}");
    assert_eq!(matches!(debts[0].closed, Some((_, DebtEnd::Paid))), card.is_paid(), "{place}: {debts:?}");
    let attempt = reader.find_attempt(payments[1].id).await.unwrap().unwrap();
    assert!(!attempt.is_live, "{place}: an attempt is {}", attempt.state);
    it.check(world, card.is_paid(), &place).await;
    it.leave(world).await;
}

/// Each fault at each call with each card, once or three times, with events or without. At the size of a release all of it.
pub async fn every_fault_at_every_call<R: Renewed>() {
    let mut world = World::sqlite().await;
    let mut line = Line::before(&mut world);
    for (at, (card, call, fault)) in cells().enumerate() {
        for (times, hears_events) in ways(at) {
            let name = format!("{card:?}-{call:?}-{fault:?}-{times}-{hears_events}").to_lowercase();
            play::<R>(&mut world, &mut line, &name, card, &[(call, vec![fault; times])], hears_events).await;
        }
    }
    world.close().await;
}

/// The program dies at each call, before it was done or behind it, and comes again.
pub async fn deaths<R: Renewed>() {
    let mut world = World::sqlite().await;
    let mut line = Line::before(&mut world);
    for card in TestCard::ALL {
        for call in CALLS {
            for (death, hears_events) in Fault::DEATHS.into_iter().zip([true, false]) {
                let name = format!("{card:?}-{call:?}-{hears_events}").to_lowercase();
                play::<R>(&mut world, &mut line, &name, card, &[(call, vec![death])], hears_events).await;
            }
        }
    }
    world.close().await;
}

/// Drawn faults at drawn calls, with each card in turns.
pub async fn mixed_faults<R: Renewed>() {
    let mut world = World::sqlite().await;
    let mut line = Line::before(&mut world);
    for (seed, card) in (0..mixtures()).zip(TestCard::ALL.into_iter().cycle()) {
        play::<R>(&mut world, &mut line, &format!("seed-{seed}"), card, &mixture(seed), seed / 4 % 2 == 0).await;
    }
    world.close().await;
}

/// The answer to the confirmation is lost twice, with each card, with events and without.
pub async fn lost_answers<R: Renewed>(world: &mut World) {
    let mut line = Line::before(world);
    for card in TestCard::ALL {
        for hears_events in [true, false] {
            let faults = [(Call::Confirm, vec![Fault::AnswerLost; 2])];
            let name = format!("{card:?}-{hears_events}").to_lowercase();
            play::<R>(world, &mut line, &name, card, &faults, hears_events).await;
        }
    }
}
