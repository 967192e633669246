//! The bonus comes right behind the use that unlocked it, once, and before anything is bought.

use billing::period::Cadence;
use billing::top_up::Wish;
use units::Amount;

use crate::on_both;
use crate::world::*;

on_both! {
    /// 200 charges that are settled on all nodes at once reach the line of the bonus and fall below that of the top-up;
    /// then all nodes look at once.
    async fn the_bonus_is_enough(world: World) {
        let wallet = world.subscriber("ana", GOOD).await;
        world.subscribe(wallet, 49, Cadence::Monthly).await.unwrap();
        world.turn_on(wallet, Wish { threshold: Some(Amount::from_dollars(1)), amount: Some(dollars(20)), monthly_cap: None }).await.unwrap();
        world.charge(wallet, "47.50").await;
        world.run().await;
        world.charges(wallet, "0.005", 200).await;
        world.run().await;
        // 49 less 48.50, and half of 49.
        assert_eq!(world.available(wallet).await, Amount::from_dollars(25));
        assert_eq!(world.pass_grants(wallet).await.len(), 2);
        let bought = world.payments(wallet).await.into_iter().filter(|row| row.purpose != "pass").count();
        assert_eq!(bought, 0, "the bonus came first");
    }

    /// What was charged in the moment of the subscription, but before it, is no use of it.
    async fn use_counts_from_the_grant_in_the_journal(world: World) {
        let wallet = world.subscriber("ana", GOOD).await;
        world.grant(wallet, 100).await;
        world.charge(wallet, "50").await;
        world.subscribe(wallet, 19, Cadence::Monthly).await.unwrap();
        world.charge(wallet, "17").await;
        world.run().await;
        let figures = world.figures(wallet).await;
        assert_eq!((figures.used, figures.is_bonus_granted), (Amount::from_dollars(17), false));
        world.charge(wallet, "1").await;
        world.run().await;
        assert!(world.figures(wallet).await.is_bonus_granted);
    }

    /// The charge is acknowledged, and the program dies before anybody has looked or written its tables.
    async fn a_bonus_survives_the_program(world: World) {
        let wallet = world.subscriber("ana", GOOD).await;
        world.subscribe(wallet, 19, Cadence::Monthly).await.unwrap();
        world.charges(wallet, "0.18", 100).await;
        world.crash().await;
        world.run().await;
        assert_eq!(world.available(wallet).await, "10.50".parse().unwrap());
        world.charge(wallet, "10.50").await;
        world.crash().await;
        world.run().await;
        assert_eq!(world.available(wallet).await, Amount::ZERO, "there is one bonus in a month");
    }
}
