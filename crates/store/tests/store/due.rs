//! Leases that ran out and credits that expired.

use ledger::Command;

use crate::on_both;
use crate::world::*;

on_both! {
    async fn lapsed_holds_come_longest_overdue_first(world: World) {
        let store = world.open().await;
        let (one, two) = (world.wallet_with(&store, 10).await, world.wallet_with(&store, 10).await);
        let (first, second, renewed) = (world.hold(), world.hold(), world.hold());
        post(&store, one, at(0), place(second, dollars(1))).await.unwrap();
        post(&store, one, at(0), place(renewed, dollars(1))).await.unwrap();
        let Command::Place(mut early) = place(first, dollars(1)) else { unreachable!() };
        early.lease_until = at(500);
        post(&store, two, at(0), Command::Place(early)).await.unwrap();
        let lease = ledger::Lease { hold: renewed, until: at(900) };
        post(&store, one, at(400), Command::Renew(lease)).await.unwrap();

        let reader = store.reader();
        assert_eq!(reader.lapsed_holds(at(499), 10).await, Ok(vec![]));
        assert_eq!(reader.next_due(at(400)).await, Ok(Some(at(500))));
        assert_eq!(reader.lapsed_holds(at(600), 10).await, Ok(vec![(two, first), (one, second)]));
        assert_eq!(reader.lapsed_holds(at(600), 1).await, Ok(vec![(two, first)]));
        for (wallet, hold) in [(two, first), (one, second)] {
            post(&store, wallet, at(600), Command::Lapse(hold)).await.unwrap();
        }
        assert_eq!(reader.lapsed_holds(at(899), 10).await, Ok(vec![]));
        assert_eq!(reader.next_due(at(600)).await, Ok(Some(at(900))));
        store.close().await;
    }

    async fn expired_credits_are_due_unless_they_are_held(world: World) {
        let store = world.open().await;
        let (held, free) = (world.wallet(&store).await, world.wallet(&store).await);
        world.grant(&store, held, dollars(1), Some(at(100))).await;
        world.grant(&store, free, dollars(1), Some(at(100))).await;
        world.grant(&store, free, dollars(1), Some(at(200))).await;
        let hold = world.hold();
        post(&store, held, at(50), place(hold, dollars(1))).await.unwrap();

        let reader = store.reader();
        assert_eq!(reader.next_due(at(0)).await, Ok(Some(at(100))));
        assert_eq!(reader.wallets_with_expired_credits(at(99), 10).await, Ok(vec![]));
        assert_eq!(reader.wallets_with_expired_credits(at(100), 10).await, Ok(vec![free]));
        assert_eq!(reader.wallets_with_expired_credits(at(100), 1).await, Ok(vec![free]));
        post(&store, free, at(150), Command::Expire).await.unwrap();
        assert_eq!(reader.wallets_with_expired_credits(at(150), 10).await, Ok(vec![]));
        let grants = reader.list_grants(free, None, 10).await.unwrap();
        assert_eq!(grants.iter().map(|grant| grant.left).collect::<Vec<_>>(), [dollars(0), dollars(1)]);
        let grants = reader.list_grants(held, None, 10).await.unwrap();
        assert_eq!((grants[0].left, grants[0].held), (dollars(1), dollars(1)));
        store.close().await;
    }
}
