//! What one member or key may spend is counted where the hold is decided.

use billing::{CostSource, Usage, UsageRecord, limit};
use ledger::{Command, LateSettle, Outcome, Place, Refusal, Settle, Spender};
use store::{PostError, Posting, Store};
use units::{Amount, ApiKeyId, HoldId, RequestId, UserId, WalletId};
use uuid::Uuid;

use crate::on_both;
use crate::world::{at, dollars};

fn user(n: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(n))
}

fn key(n: u128) -> ApiKeyId {
    ApiKeyId::from_uuid(Uuid::from_u128(n))
}

/// A hold of a member who may spend `limit` a day.
fn capped(wallet: WalletId, hold: HoldId, who: UserId, amount: Amount, limit: Amount, seconds: i64) -> Posting {
    let caps = vec![limit::of_member(who, limit, at(seconds))];
    let spender = Spender { user: Some(who), api_key: Some(key(9)), caps };
    let place = Place { hold, wanted: amount, least: amount, lease_until: at(seconds + 600), is_fresh: true, spender };
    Posting { wallet, now: at(seconds), command: Command::Place(place), key: None, usage: None }
}

fn charge(wallet: WalletId, hold: HoldId, who: UserId, cost: &str, seconds: i64) -> Posting {
    let usage = UsageRecord {
        request: RequestId::from_uuid(hold.uuid()),
        user: Some(who),
        api_key: Some(key(9)),
        model: format!("demo/{}", hold.uuid().as_u128() % 3),
        provider: "demo".to_owned(),
        project: String::new(),
        admitted_at: at(seconds),
        price_version: None,
        cost_source: CostSource::Metered,
        own_cost: None,
        usage: Usage::default(),
    };
    let settle = Settle { hold, cost: cost.parse().unwrap(), late: LateSettle::Charge };
    Posting { wallet, now: at(seconds), command: Command::Settle(settle), key: None, usage: Some(usage) }
}

/// What was spent and held when a hold was refused.
async fn refused(store: &Store, posting: Posting) -> (Amount, Amount) {
    match store.post(posting).await {
        Err(PostError::Refused(Refusal::DailyLimitReached { spent, held, .. })) => (spent, held),
        other => panic!("{other:?}"),
    }
}

on_both! {
    async fn what_is_spent_and_held_by_a_member_is_counted(world: World) {
        let store = world.open().await;
        let wallet = world.wallet_with(&store, 100).await;
        let (ana, ben) = (user(1), user(2));
        let (first, second) = (world.hold(), world.hold());
        store.post(capped(wallet, first, ana, dollars(4), dollars(10), 10)).await.unwrap();
        store.post(charge(wallet, first, ana, "3.5", 20)).await.unwrap();
        store.post(capped(wallet, second, ana, dollars(6), dollars(10), 30)).await.unwrap();
        let more = capped(wallet, world.hold(), ana, Amount::from_nanos(500_000_001), dollars(10), 40);
        assert_eq!(refused(&store, more).await, (Amount::from_nanos(3_500_000_000), dollars(6)));
        store.post(capped(wallet, world.hold(), ana, Amount::from_nanos(500_000_000), dollars(10), 40)).await.unwrap();
        // What others spend does not count, and the next day (UTC) begins with what is held.
        store.post(capped(wallet, world.hold(), ben, dollars(10), dollars(10), 50)).await.unwrap();
        let tomorrow = capped(wallet, world.hold(), ana, dollars(4), dollars(10), 86_400);
        assert_eq!(refused(&store, tomorrow).await, (Amount::ZERO, Amount::from_nanos(6_500_000_000)));
        store.post(charge(wallet, second, ana, "0", 86_401)).await.unwrap();
        store.post(capped(wallet, world.hold(), ana, dollars(9), dollars(10), 86_402)).await.unwrap();
        store.close().await;
    }

    /// Nobody reads what was spent before the others of the crowd have their holds.
    async fn a_crowd_stays_within_the_limit_of_its_member(world: World) {
        let nodes = match world.is_sqlite() {
            true => vec![world.open().await],
            false => vec![world.open().await, world.open().await],
        };
        let wallet = world.wallet_with(&nodes[0], 1000).await;
        let before = world.hold();
        nodes[0].post(charge(wallet, before, user(1), "0.5", 5)).await.unwrap();
        let asks = (0..200).map(|n| {
            let (store, hold) = (nodes[n % nodes.len()].clone(), world.hold());
            tokio::spawn(async move {
                let placed = store.post(capped(wallet, hold, user(1), dollars(1), dollars(11), 10)).await;
                let is_placed = matches!(placed, Ok(Outcome::Placed(_)));
                if is_placed {
                    // At the price of what was held, so that the room never grows.
                    store.post(charge(wallet, hold, user(1), "1", 11)).await.unwrap();
                }
                is_placed
            })
        });
        let mut placed = 0;
        for ask in asks.collect::<Vec<_>>() {
            placed += usize::from(ask.await.unwrap());
        }
        assert_eq!(placed, 10, "half a dollar was spent already, and eleven may be");
        for store in nodes {
            store.close().await;
        }
    }
}
