//! Letters about credits that run low or expire: one for each crossing.

use ledger::Source;
use operations::Caller;
use operations::alert;
use operations::grant::{Expiry, IssueGrant, issue};
use units::{Amount, WalletId};

use crate::on_both;
use crate::world::*;

const LOW: &str = "ana@example.com: Kilo credits run low";

async fn set(world: &World, wallet: WalletId, below: Option<i64>) -> Option<Amount> {
    let below = below.map(Amount::from_dollars);
    let shown = alert::set(world.services(), &world.ctx(), &Caller::Operator, wallet, below).await.unwrap();
    assert_eq!(alert::see(world.services(), &Caller::Operator, wallet).await.unwrap(), shown);
    shown.below
}

async fn tell(world: &World) -> Vec<String> {
    world.services().store.reader().ping().await.unwrap();
    alert::tell_expiring(world.services(), &world.ctx()).await.unwrap();
    world.run().await;
    world.mails()
}

on_both! {
    async fn low_credits_are_told_once_for_each_crossing(world: World) {
        let (wallet, _) = world.person("ana").await;
        world.grant(wallet, 20).await;
        assert_eq!(set(world, wallet, Some(10)).await, Some(Amount::from_dollars(10)));
        world.charges(wallet, "0.10", 100).await;
        world.run().await;
        assert!(world.mails().is_empty(), "at the line, not below it");
        world.charges(wallet, "0.01", 50).await;
        world.run().await;
        world.charge(wallet, "1").await;
        world.run().await;
        assert_eq!(world.mails(), [LOW]);

        // Credits that do not reach the line arm nothing; those that do, do.
        world.grant(wallet, 1).await;
        world.charge(wallet, "1").await;
        world.run().await;
        assert!(world.mails().is_empty());
        world.grant(wallet, 10).await;
        world.run().await;
        assert!(world.mails().is_empty());
        world.charge(wallet, "9").await;
        world.crash().await;
        world.run().await;
        assert_eq!(world.mails(), [LOW]);

        assert_eq!(set(world, wallet, None).await, None);
        world.grant(wallet, 20).await;
        world.charge(wallet, "20").await;
        world.run().await;
        assert!(world.mails().is_empty());
    }

    async fn a_line_is_above_zero_and_who_may_see_it_may_not_set_it(world: World) {
        let (wallet, _) = world.person("ana").await;
        let (_, eve) = world.person("eve").await;
        let (services, ctx) = (world.services(), world.ctx());
        let zero = alert::set(services, &ctx, &Caller::Operator, wallet, Some(Amount::ZERO)).await.unwrap_err();
        assert_eq!(zero.code(), "amount_out_of_range");
        let foreign = alert::set(services, &ctx, &eve, wallet, Some(Amount::from_dollars(1))).await.unwrap_err();
        assert_eq!((foreign.code(), alert::see(services, &eve, wallet).await.unwrap_err().code()), ("not_found", "not_found"));
    }

    /// A week before and a day before, once; not when it is used up, and not what never had so much time.
    async fn credits_that_expire_are_told_of_twice(world: World) {
        let (wallet, _) = world.person("ana").await;
        let expires_at = Some(world.ctx().now.plus_days(10));
        let grant = async |dollars, expires_at| {
            let amount = Amount::from_dollars(dollars);
            let expires = Expiry::from(expires_at);
            let request = IssueGrant { wallet, source: Source::Operator, amount, paid: false, expires, key: None };
            issue(world.services(), &world.ctx(), request).await.unwrap();
        };
        grant(5, expires_at).await;
        grant(7, expires_at).await;
        grant(3, Some(world.ctx().now.plus_days(3))).await;
        let letter = vec!["ana@example.com: Kilo credits expire on 2028-03-10".to_owned()];
        let none: Vec<String> = Vec::new();
        world.wait(3 * 86_400 - 1);
        assert_eq!(tell(world).await, ["ana@example.com: Kilo credits expire on 2028-03-03"], "a day before");
        world.wait(1);
        assert_eq!(tell(world).await, letter, "both grants in one letter");
        assert_eq!(tell(world).await, none);
        world.wait(5 * 86_400);
        assert_eq!(tell(world).await, none);
        world.wait(86_400);
        assert_eq!(tell(world).await, letter);
        world.wait(100);
        assert_eq!(tell(world).await, none);
    }
}
