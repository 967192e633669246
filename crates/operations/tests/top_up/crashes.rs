//! Between the crossing and the money anybody may die.

use billing::top_up::{Limit, State};
use store::{WatchKind, WatchRow};
use units::Amount;

use crate::on_both;
use crate::world::*;

on_both! {
    /// The charge is acknowledged, and the program dies before it has looked, or written its tables.
    async fn a_crossing_survives_the_program(world: World) {
        let wallet = world.topped_up("ana", 20, GOOD).await;
        world.charges(wallet, "0.10", 200).await;
        world.crash().await;
        world.run().await;
        assert_eq!((world.paid(wallet).await, world.available(wallet).await), ((1, 1), Amount::from_dollars(50)));
    }

    /// The attempt is written down, and nobody outside hears of it: it is called off, and the next one is not at once.
    async fn an_attempt_that_nobody_heard_of_is_made_again_later(world: World) {
        let wallet = world.topped_up("ana", 20, GOOD).await;
        let outside: Vec<_> = world.nodes.iter_mut().map(|node| node.outside.processor.replace(away())).collect();
        world.charge(wallet, "19").await;
        world.look().await;
        let seen = world.see(wallet).await;
        assert_eq!((world.paid(wallet).await, seen.state, seen.is_buying), ((1, 0), State::On, true));
        world.charge(wallet, "0.5").await;
        world.look().await;
        assert_eq!(world.paid(wallet).await, (1, 0), "while the fate of one is open there is no other");

        for (node, processor) in world.nodes.iter_mut().zip(outside) {
            node.outside.processor = processor;
        }
        world.wait(120);
        world.run().await;
        let seen = world.see(wallet).await;
        assert_eq!((world.paid(wallet).await, seen.is_buying), ((1, 0), false));
        assert_eq!(seen.waits_for.map(|(limit, _)| limit), Some(Limit::Retry));
        assert_eq!(seen.spent_this_month, units::Cents::ZERO, "what was called off counts for no cap");
        world.wait(600);
        world.run().await;
        assert_eq!((world.paid(wallet).await, world.available(wallet).await), ((2, 1), "50.50".parse().unwrap()));
        assert!(world.mails().is_empty());
    }

    /// Should a crossing ever be noted by nobody, the sweep notes it.
    async fn a_crossing_that_nobody_noted_is_found(world: World) {
        let wallet = world.topped_up("ana", 20, GOOD).await;
        world.run().await;
        let reader = world.services().store.reader();
        let armed = reader.find_watch(wallet, WatchKind::TopUp).await.unwrap().unwrap();
        assert_eq!((armed.is_armed, armed.look_at), (true, None));
        assert_eq!(operations::jobs::find_missed(world.services(), &world.ctx()).await.unwrap(), 0);
        let asleep = WatchRow { is_armed: false, ..armed.clone() };
        save(world, asleep).await;
        world.charge(wallet, "19").await;
        world.run().await;
        save(world, armed).await;
        world.run().await;
        assert_eq!(world.paid(wallet).await, (0, 0), "nobody noted it");
        assert_eq!(operations::jobs::find_missed(world.services(), &world.ctx()).await.unwrap(), 1);
        assert_eq!(operations::jobs::find_missed(world.services(), &world.ctx()).await.unwrap(), 0);
        world.run().await;
        assert_eq!(world.paid(wallet).await, (1, 1));
    }
}

async fn save(world: &crate::world::World, row: WatchRow) {
    world.services().store.write(async move |tx| tx.save_watch(&row).await).await.unwrap();
}

#[path = "../outside/away.rs"]
mod unreachable;

fn away() -> std::sync::Arc<dyn connectors::processor::Processor> {
    std::sync::Arc::new(unreachable::Away)
}
