//! T10 for automatic top-up: each fault of the processor at each call. What it charged is what was paid, has an invoice
//! and brought its credits, once; and whoever hears no event at all ends where those end who hear them.
//!
//! `TARE_TEST_SIZE=release` draws two hundred mixtures for each card, else eight.

use std::sync::Arc;

use billing::top_up::{Pause, State};
use connectors::processor::Processor;
use operations::payment::{self, Order, Way};
use store::{InvoiceFilter, WatchKind};
use units::{Amount, WalletId};

use crate::dice::Dice;
use crate::faulty::{Call, Fault, Faulty};
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

/// The calls that a payment makes.
const CALLS: [Call; 4] = [Call::Create, Call::Confirm, Call::Get, Call::Cancel];

/// Beyond each look of the ladder, an authentication's time, and the pause after what was called off.
const WAITS: [i64; 10] = [61, 301, 601, 1_801, 3_601, 3_601, 3_601, 90_000, 3_601, 3_601];

struct Line {
    faulty: Arc<Faulty>,
    charged: usize,
    count: usize,
}

impl Line {
    /// Between all nodes and the sandbox.
    fn before(world: &mut World) -> Self {
        let faulty = Arc::new(Faulty::new(world.sandbox().clone()));
        for node in &mut world.nodes {
            let processor: Arc<dyn Processor> = faulty.clone();
            node.outside.processor = Some(processor);
        }
        Self { faulty, charged: 0, count: 0 }
    }

    /// A wallet of its own crosses its line while these faults wait.
    async fn play(&mut self, world: &World, card: TestCard, faults: &[(Call, Vec<Fault>)], hears_events: bool) {
        let place = format!("{card:?} with {faults:?}, events: {hears_events}");
        self.count += 1;
        let wallet = world.topped_up(&format!("p{}", self.count), 20, card.number()).await;
        world.look().await;
        faults.iter().for_each(|(call, faults)| self.faulty.hit(*call, faults));
        world.charge(wallet, "19").await;
        world.look().await;
        for seconds in WAITS {
            world.wait(seconds);
            match hears_events {
                true => world.run().await,
                false => self.hear_nothing(world).await,
            }
        }
        Call::ALL.into_iter().for_each(|call| self.faulty.hit(call, &[]));
        self.check(world, wallet, card, &place).await;
    }

    /// Banks finish thinking, and tell nobody.
    async fn hear_nothing(&self, world: &World) {
        let way = Way { order: Order::Never, times: 1 };
        payment::deliver(world.services(), &world.ctx(), world.sandbox(), way).await.unwrap();
        world.look().await;
    }

    async fn check(&mut self, world: &World, wallet: WalletId, card: TestCard, place: &str) {
        let charges = self.faulty.truth().await.0;
        let charged = charges - std::mem::replace(&mut self.charged, charges);
        let (paid, state, letters) = end(card);
        let payments = world.payments(wallet).await;
        let reader = world.services().store.reader();
        for row in &payments {
            assert_eq!(row.paid_at.is_some(), row.credited_at.is_some(), "{place}");
            let attempt = reader.find_attempt(row.id).await.unwrap().unwrap();
            assert!(!attempt.is_live, "{place}: an attempt is {}", attempt.state);
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
}

on_both! {
    async fn an_answer_that_is_lost_is_paid_once(world: World) {
        let mut line = Line::before(world);
        for card in TestCard::ALL {
            for call in CALLS {
                for hears_events in [true, false] {
                    line.play(world, card, &[(call, vec![Fault::AnswerLost])], hears_events).await;
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_at_every_call_is_paid_once() {
    let mut world = World::sqlite().await;
    let mut line = Line::before(&mut world);
    for card in TestCard::ALL {
        for call in CALLS {
            for fault in Fault::ALL {
                for (times, hears_events) in [(1, true), (1, false), (3, true), (3, false)] {
                    line.play(&world, card, &[(call, vec![fault; times])], hears_events).await;
                }
            }
        }
    }
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mixed_faults_are_paid_once() {
    let seeds = match std::env::var("TARE_TEST_SIZE").as_deref() {
        Ok("release") => 200,
        _ => 8,
    };
    let mut world = World::sqlite().await;
    let mut line = Line::before(&mut world);
    for card in TestCard::ALL {
        for seed in 0..seeds {
            let mut dice = Dice(seed + 1);
            let mut calls = CALLS;
            dice.shuffle(&mut calls);
            let hit = calls[dice.below(CALLS.len())..].iter();
            let drawn: Vec<(Call, Vec<Fault>)> =
                hit.map(|call| (*call, (0..=dice.below(3)).map(|_| Fault::ALL[dice.below(4)]).collect())).collect();
            line.play(&world, card, &drawn, seed % 2 == 0).await;
        }
    }
    world.close().await;
}
