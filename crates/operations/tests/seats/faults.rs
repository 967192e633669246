//! T10 for renewals: each fault of the processor at each call. What it charged is what was paid and has an invoice, once;
//! and whoever hears no event at all ends where those end who hear them.

use std::sync::Arc;

use connectors::processor::Processor;
use operations::payment::{self, Order, Way};
use store::{DebtEnd, InvoiceFilter};

use crate::desk::*;
use crate::faulty::{Call, Fault, Faulty};
use crate::world::*;

/// The calls that a renewal makes.
const CALLS: [Call; 4] = [Call::Create, Call::Confirm, Call::Get, Call::Cancel];

/// Beyond each look of the ladder, and the last of the daily tries: a confirmation that never left costs one of them.
const WAITS: [i64; 13] = [61, 301, 1_801, 3_601, 3_601, 3_601, 90_000, 3_601, 3_601, 90_000, 3_601, 90_000, 3_601];

/// One month of an organization that was paid, and the first moments of the next. Hears events, or none.
async fn play(world: &mut World, card: TestCard, faults: &[(Call, Vec<Fault>)], hears_events: bool) {
    let place = format!("{card:?} with {faults:?}, events: {hears_events}");
    let acme = subscribed(world).await;
    world.add_card(acme.wallet, card.number()).await;
    world.run().await;
    let line = Arc::new(Faulty::new(world.sandbox().clone()));
    for node in &mut world.nodes {
        let processor: Arc<dyn Processor> = line.clone();
        node.outside.processor = Some(processor);
    }
    faults.iter().for_each(|(call, faults)| line.hit(*call, faults));
    go_to_renewal(world, acme.organization, 0).await;
    world.look().await;
    for seconds in WAITS {
        world.wait(seconds);
        if !hears_events {
            // Banks finish thinking, and tell nobody.
            let way = Way { order: Order::Never, times: 1 };
            payment::deliver(world.services(), &world.ctx(), world.sandbox(), way).await.unwrap();
            world.look().await;
        } else {
            world.run().await;
        }
    }
    Call::ALL.into_iter().for_each(|call| line.hit(call, &[]));

    let renewals = usize::from(card.is_paid());
    let payments = world.payments(acme.wallet).await;
    let paid = payments.iter().filter(|row| row.paid_at.is_some()).count() - 1;
    let filter = InvoiceFilter { wallet: Some(acme.wallet), ..InvoiceFilter::default() };
    let reader = world.services().store.reader();
    let invoices = reader.list_invoices(filter, None, 10).await.unwrap().len() - 1;
    let charged = line.truth().await.0;
    assert_eq!((charged, paid, invoices), (renewals, renewals, renewals), "{place}: charges, paid payments, invoices");
    assert_eq!(payments.len(), 2, "{place}: however often it is tried, a term is one payment");
    let debts = debts(world, &acme).await;
    assert_eq!(debts.len(), 1, "{place}");
    assert_eq!(matches!(debts[0].closed, Some((_, DebtEnd::Paid))), card.is_paid(), "{place}: {debts:?}");
    assert_eq!(status(world, &acme).await == "active", card.is_paid(), "{place}");
    assert_eq!(subscription(world, acme.organization).await.is_paid, card.is_paid(), "{place}");
    let attempt = reader.find_attempt(payments[1].id).await.unwrap().unwrap();
    assert!(!attempt.is_live, "{place}: an attempt is {}", attempt.state);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_at_every_call_of_a_renewal_is_paid_once() {
    for card in TestCard::ALL {
        for call in CALLS {
            for (at, fault) in Fault::ALL.into_iter().enumerate() {
                // Once with events and three times without; or the other way round.
                for (times, hears_events) in [(1, at % 2 == 0), (3, at % 2 == 1)] {
                    let mut world = World::sqlite().await;
                    play(&mut world, card, &[(call, vec![fault; times])], hears_events).await;
                    world.close().await;
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_two_nodes_an_answer_that_is_lost_is_paid_once() {
    for card in TestCard::ALL {
        for hears_events in [true, false] {
            let mut world = World::postgres().await;
            play(&mut world, card, &[(Call::Confirm, vec![Fault::AnswerLost; 2])], hears_events).await;
            world.close().await;
        }
    }
}
