//! Many charges that cross the line together are one crossing.

use billing::top_up::{Limit, State, Wish};
use units::Amount;

use crate::on_both;
use crate::world::*;

on_both! {
    /// 200 charges take 20 dollars to none, on two nodes where there are two, while all of them look.
    async fn charges_that_cross_together_make_one_payment(world: World) {
        let wallet = world.topped_up("ana", 20, GOOD).await;
        let looking = async {
            for _ in 0..20 {
                world.run().await;
                tokio::task::yield_now().await;
            }
        };
        tokio::join!(world.charges(wallet, "0.10", 200), looking);
        world.run().await;
        assert_eq!(world.paid(wallet).await, (1, 1));
        assert_eq!(world.available(wallet).await, Amount::from_dollars(50));
        let seen = world.see(wallet).await;
        assert_eq!((seen.state, seen.payments_today, seen.spent_this_month), (State::On, 1, dollars(50)));
        assert_eq!(seen.target, Amount::from_dollars(55));
        assert!(!seen.is_buying && seen.waits_for.is_none() && world.mails().is_empty());

        // The next crossing is another one.
        world.charges(wallet, "0.23", 200).await;
        world.run().await;
        assert_eq!((world.paid(wallet).await, world.available(wallet).await), ((2, 2), Amount::from_dollars(54)));
    }

    /// The cap is counted in the transaction of the attempt: the same crossing buys nothing.
    async fn a_cap_that_is_reached_buys_nothing(world: World) {
        let wallet = world.topped_up("ana", 20, GOOD).await;
        world.turn_on(wallet, Wish { monthly_cap: Some(dollars(50)), ..Wish::default() }).await.unwrap();
        world.charge(wallet, "19").await;
        world.run().await;
        assert_eq!((world.paid(wallet).await, world.available(wallet).await), ((1, 1), Amount::from_dollars(51)));

        world.charges(wallet, "0.25", 200).await;
        world.run().await;
        assert_eq!((world.paid(wallet).await, world.available(wallet).await), ((1, 1), Amount::from_dollars(1)));
        let seen = world.see(wallet).await;
        let next_month = "2028-03-01T00:00:00Z".parse().unwrap();
        assert_eq!((seen.state, seen.waits_for), (State::On, Some((Limit::MonthlyCap, next_month))));
        assert!(world.mails().is_empty());

        world.wait(1799);
        world.run().await;
        assert_eq!(world.paid(wallet).await, (1, 1), "a second before the next month");
        world.wait(1);
        world.run().await;
        assert_eq!((world.paid(wallet).await, world.available(wallet).await), ((2, 2), Amount::from_dollars(51)));
        assert_eq!(world.see(wallet).await.waits_for, None);
    }

    /// Five in a UTC day, whatever the cap says, and the sixth on the next.
    async fn a_day_has_five_payments(world: World) {
        let wallet = world.topped_up("ana", 5, GOOD).await;
        world.turn_on(wallet, Wish { amount: Some(dollars(20)), ..Wish::default() }).await.unwrap();
        for _ in 0..7 {
            let available = world.available(wallet).await;
            world.charge(wallet, &available.to_string()).await;
            world.run().await;
            if world.available(wallet).await.is_zero() {
                break;
            }
        }
        assert_eq!(world.paid(wallet).await, (5, 5));
        assert_eq!(world.see(wallet).await.waits_for.map(|(limit, _)| limit), Some(Limit::PerDay));
        world.wait(1800);
        world.run().await;
        assert_eq!(world.paid(wallet).await, (6, 6));
    }

    /// What a hold reserves is not available, but it takes a charge to cross the line.
    async fn holds_cross_nothing(world: World) {
        let wallet = world.topped_up("ana", 20, GOOD).await;
        let hold = world.hold(wallet, "19").await;
        world.run().await;
        assert_eq!((world.paid(wallet).await, world.available(wallet).await), ((0, 0), Amount::from_dollars(1)));
        operations::hold::release(world.services(), &world.ctx(), wallet, hold).await.unwrap();
        world.run().await;
        assert_eq!(world.paid(wallet).await, (0, 0));
        // With so much held, the smallest charge does cross it.
        world.hold(wallet, "19").await;
        world.charge(wallet, "0.01").await;
        world.run().await;
        assert_eq!(world.paid(wallet).await, (1, 1));
    }
}
