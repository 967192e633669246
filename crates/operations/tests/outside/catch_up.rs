//! A server that was away hears of what happened meanwhile: nothing is skipped, and nothing happens twice.

use std::sync::Arc;

use connectors::processor::Processor;
use operations::payment::{self, catch_up};
use units::{Amount, WalletId};

use crate::faulty::{Call, Fault, Faulty};
use crate::payments::{buy, deliver, later, person};
use crate::world::World;

const EVERY: i64 = 300;
/// What nobody paid for, and what is there with the purchase.
const WELCOME: Amount = Amount::from_dollars(5);
const ALL: Amount = Amount::from_dollars(25);

async fn ask(world: &World) -> u64 {
    let missed = catch_up(&world.services, &world.context()).await.unwrap();
    world.run().await;
    missed
}

async fn available(world: &World, wallet: WalletId) -> Amount {
    let books = world.services.store.reader().load_wallet(wallet).await.unwrap().unwrap();
    books.available(world.context().now)
}

/// Somebody takes all that the sandbox tells, and loses it.
async fn lose_events(world: &World) -> Vec<connectors::processor::sandbox::Delivery> {
    let told = world.sandbox.collect().await.unwrap();
    for event in &told {
        world.sandbox.delivered(&event.id, true).await.unwrap();
    }
    told
}

/// A person with the welcome grant and 20 that were bought, and the processor's name of that payment.
async fn bought(world: &World) -> (WalletId, String) {
    let wallet = person(world, "4242424242424242").await;
    let payment = buy(world, wallet, 20, "k").await.unwrap().payment;
    later(world).await;
    ask(world).await;
    let attempt = world.services.store.reader().find_attempt(payment).await.unwrap().unwrap();
    (wallet, attempt.foreign_id.unwrap())
}

#[tokio::test]
async fn a_dispute_whose_event_was_lost_is_found() {
    let world = World::new().await;
    let (wallet, object) = bought(&world).await;
    world.sandbox.open_dispute(&object, false).await.unwrap();
    let lost = lose_events(&world).await;
    assert_eq!(lost.len(), 1);
    later(&world).await;
    assert_eq!(available(&world, wallet).await, ALL, "nobody looks at disputes by themselves");

    // `later` took days, and so long the server was away.
    assert_eq!(ask(&world).await, 1);
    assert_eq!(available(&world, wallet).await, WELCOME);
    // It comes after all, and is asked for again.
    let again = payment::receive_event(&world.services, &world.context(), &lost[0].signature, &lost[0].body).await;
    assert!(again.is_err() || !again.unwrap(), "too old, or known");
    world.clock.wait(EVERY);
    assert_eq!(ask(&world).await, 0);
    assert_eq!(deliver(&world).await, 0);
    assert_eq!(available(&world, wallet).await, WELCOME);
}

#[tokio::test]
async fn what_came_already_is_not_missed_and_the_processor_is_not_asked_all_the_time() {
    let mut world = World::new().await;
    let (wallet, object) = bought(&world).await;
    let line = Arc::new(Faulty::new(world.sandbox.clone()));
    let processor: Arc<dyn Processor> = line.clone();
    world.services.outside.processor = Some(processor);
    world.sandbox.open_dispute(&object, false).await.unwrap();
    deliver(&world).await;
    // It is not asked yet, so the bad line is not met.
    line.hit(Call::ListEvents, &[Fault::NotSent, Fault::AnswerLost]);
    assert_eq!(ask(&world).await, 0);
    world.clock.wait(EVERY);
    world.sandbox.close_dispute(&object, true).await.unwrap();
    lose_events(&world).await;
    for _ in 0..2 {
        let away = catch_up(&world.services, &world.context()).await.unwrap_err();
        assert_eq!(away.code(), "processor_unavailable");
    }
    assert_eq!(ask(&world).await, 1, "the opening came, the end did not");
    assert_eq!(available(&world, wallet).await, ALL);
}

/// More than stand on one page, and each is found once.
#[tokio::test]
async fn all_pages_are_read() {
    let world = World::new().await;
    let wallet = person(&world, "4242424242424242").await;
    lose_events(&world).await;
    ask(&world).await;
    for number in 0..110 {
        buy(&world, wallet, 5, &number.to_string()).await.unwrap();
    }
    let mut lost = 0;
    loop {
        match lose_events(&world).await.len() {
            0 => break,
            count => lost += u64::try_from(count).unwrap(),
        }
    }
    assert!(lost >= 110, "{lost}");
    world.clock.wait(EVERY);
    assert_eq!(ask(&world).await, lost);
    world.clock.wait(EVERY);
    assert_eq!(ask(&world).await, 0);
}
