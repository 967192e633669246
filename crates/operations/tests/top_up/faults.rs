//! T10 for automatic top-up: each fault of the processor at each call. What it charged is what was paid, has an invoice
//! and brought its credits, once; and whoever hears no event at all ends where those end who hear them.
//!
//! `TARE_TEST_SIZE=release` plays every cell in every way and draws two hundred mixtures for each card, else eight.

use billing::top_up::{Pause, State};
use store::{InvoiceFilter, WatchKind};
use units::{Amount, WalletId};

use crate::faulty::Fault;
use crate::line::{CALLS, Faults, Line, cells, mixture, mixtures, ways};
use crate::on_both;
use crate::world::*;

/// How the top-up of a card ends in spite of every fault: what was charged, where it stands, and how many letters went.
fn end(card: TestCard) -> (usize, State, usize) {
    match card {
        card if card.is_paid() => (1, State::On, 0),
        TestCard::Asks => (0, State::Paused(Pause::AuthenticationRequired), 1),
        _ => (0, State::Paused(Pause::Declined), 1),
    }
}

/// At once, beyond each look of the ladder, an authentication's time, and the pause after what was called off, of which
/// many faults in a row make several.
const WAITS: [i64; 17] =
    [0, 61, 301, 601, 1_801, 3_601, 3_601, 3_601, 90_000, 3_601, 3_601, 3_601, 3_601, 3_601, 3_601, 90_000, 3_601];

/// A wallet of its own crosses its line while these faults wait.
async fn play(world: &mut World, line: &mut Line, name: &str, card: TestCard, faults: &Faults, hears_events: bool) {
    let place = format!("{name}: {card:?} with {faults:?}, events: {hears_events}");
    let wallet = world.topped_up(name, 20, card.number()).await;
    world.look().await;
    line.hit(faults);
    world.charge(wallet, "19").await;
    line.wait(world, &WAITS, hears_events).await;
    line.mend();
    check(world, line, wallet, card, &place).await;
}

async fn check(world: &World, line: &mut Line, wallet: WalletId, card: TestCard, place: &str) {
    let charged = line.charged(world).await;
    let (paid, state, letters) = end(card);
    let payments = world.payments(wallet).await;
    let reader = world.services().store.reader();
    for row in &payments {
        assert_eq!(row.paid_at.is_some(), row.credited_at.is_some(), "{place}");
        for attempt in world.attempts(row.id).await {
            assert!(!attempt.is_live, "{place}: an attempt is {}", attempt.state);
        }
    }
    let filter = InvoiceFilter { wallet: Some(wallet), ..InvoiceFilter::default() };
    let invoices = reader.list_invoices(filter, None, 10).await.unwrap().len();
    let credited = world.paid(wallet).await.1;
    assert_eq!((charged, credited, invoices), (paid, paid, paid), "{place}: charges, paid payments, invoices");
    assert_eq!(world.available(wallet).await, Amount::from_dollars(if paid == 1 { 51 } else { 1 }), "{place}");
    let seen = world.see(wallet).await;
    assert_eq!((seen.state, seen.is_buying, seen.waits_for), (state, false, None), "{place}");
    assert_eq!(world.mails().len(), letters, "{place}: letters");
    let watch = reader.find_watch(wallet, WatchKind::TopUp).await.unwrap().unwrap();
    assert_eq!((watch.is_armed, watch.look_at), (state == State::On, None), "{place}: the next crossing");
}

on_both! {
    async fn an_answer_that_is_lost_is_paid_once(world: World) {
        let mut line = Line::before(world);
        for card in TestCard::ALL {
            for call in CALLS {
                for hears_events in [true, false] {
                    let name = format!("{card:?}-{call:?}-{hears_events}").to_lowercase();
                    let faults = [(call, vec![Fault::AnswerLost])];
                    play(world, &mut line, &name, card, &faults, hears_events).await;
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_at_every_call_is_paid_once() {
    let mut world = World::sqlite().await;
    let mut line = Line::before(&mut world);
    for (at, (card, call, fault)) in cells().enumerate() {
        for (times, hears_events) in ways(at) {
            let name = format!("{card:?}-{call:?}-{fault:?}-{times}-{hears_events}").to_lowercase();
            play(&mut world, &mut line, &name, card, &[(call, vec![fault; times])], hears_events).await;
        }
    }
    world.close().await;
}

/// The program dies at each call, before it was done or behind it, and comes again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_dies_at_a_call_is_paid_once() {
    let mut world = World::sqlite().await;
    let mut line = Line::before(&mut world);
    for card in TestCard::ALL {
        for call in CALLS {
            for (death, hears_events) in Fault::DEATHS.into_iter().zip([true, false]) {
                let name = format!("{card:?}-{call:?}-{hears_events}").to_lowercase();
                play(&mut world, &mut line, &name, card, &[(call, vec![death])], hears_events).await;
            }
        }
    }
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mixed_faults_are_paid_once() {
    let mut world = World::sqlite().await;
    let mut line = Line::before(&mut world);
    for card in TestCard::ALL {
        for seed in 0..mixtures() {
            let name = format!("{card:?}-{seed}").to_lowercase();
            play(&mut world, &mut line, &name, card, &mixture(seed), seed % 2 == 0).await;
        }
    }
    world.close().await;
}
