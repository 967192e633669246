//! What fell due while nothing ran is done in order when something runs again, and nothing twice.

use billing::pass::Status;
use billing::period::Cadence;
use units::{Amount, Instant};

use crate::on_both;
use crate::world::*;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

on_both! {
    /// From 29 February at half past eleven in the night, and then nothing runs for three months.
    async fn months_that_were_missed_are_paid_and_granted_in_order(world: World) {
        let wallet = world.subscriber("ana", GOOD).await;
        world.subscribe(wallet, 19, Cadence::Monthly).await.unwrap();
        world.run().await;
        world.sleep_until(at("2028-06-05T12:00:00Z"));
        world.crash().await;
        world.run().await;
        let figures = world.figures(wallet).await;
        assert_eq!((figures.status, figures.streak), (Status::Active, 4));
        assert_eq!(figures.period.start, at("2028-05-29T23:30:00Z"));
        assert_eq!(figures.renews_at, Some(at("2028-06-29T23:30:00Z")));
        let months: Vec<u32> = world.pass_grants(wallet).await.iter().map(|row| row.month).collect();
        assert_eq!(months, [0, 1, 2, 3]);
        assert_eq!((world.paid(wallet).await, world.available(wallet).await), ((4, 4), Amount::from_dollars(76)));
        world.run().await;
        assert_eq!(world.paid(wallet).await, (4, 4));
    }

    /// A year that was paid is granted to its end, and the next one is billed once; none of its months are in this one.
    async fn a_year_is_caught_up_with(world: World) {
        let wallet = world.subscriber("ana", GOOD).await;
        world.subscribe(wallet, 19, Cadence::Yearly).await.unwrap();
        world.sleep_until(at("2029-02-28T23:29:59Z"));
        world.run().await;
        let grants = world.pass_grants(wallet).await;
        assert_eq!(grants.iter().map(|row| row.month).collect::<Vec<_>>(), (0..12).collect::<Vec<_>>());
        assert!(grants.iter().all(|row| row.booked_at.is_some() && row.paid));
        assert_eq!((world.paid(wallet).await, world.available(wallet).await), ((1, 1), Amount::from_dollars(228)));
        world.wait(1);
        world.run().await;
        assert_eq!((world.paid(wallet).await, world.available(wallet).await), ((2, 2), Amount::from_dollars(247)));
        assert_eq!(world.figures(wallet).await.period.end, at("2030-02-28T23:30:00Z"));
    }

    /// What was used while nobody looked unlocks its month's bonus all the same; what was used after it does not.
    async fn use_that_nobody_saw_counts_for_its_month(world: World) {
        let (early, late) = (world.subscriber("early", GOOD).await, world.subscriber("late", GOOD).await);
        for wallet in [early, late] {
            world.subscribe(wallet, 49, Cadence::Monthly).await.unwrap();
        }
        world.sleep_until(at("2028-03-29T23:29:59Z"));
        world.charge(early, "48").await;
        world.charge(late, "47.999999999").await;
        world.wait(1);
        world.charge(late, "1").await;
        world.sleep_until(at("2028-04-02T00:00:00Z"));
        world.run().await;
        let bonuses = |grants: Vec<store::PassGrantRow>| -> Vec<(u32, Amount)> {
            let bonuses = grants.into_iter().filter(|row| row.expires_at.is_some());
            bonuses.map(|row| (row.month, row.amount)).collect()
        };
        assert_eq!(bonuses(world.pass_grants(early).await), [(0, "24.50".parse().unwrap())]);
        assert_eq!(bonuses(world.pass_grants(late).await), []);
    }
}
