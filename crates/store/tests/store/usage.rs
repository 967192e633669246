//! Usage records, the charges they stand beside, and the rollups that agree with both.

use billing::{CostSource, Usage, UsageRecord};
use ledger::Account;
use store::{LONGEST_LABEL, Posting, Store};
use units::{ApiKeyId, HoldId, RequestId, UserId, WalletId};

use crate::on_both;
use crate::world::*;

fn record(world: &World, model: &str, user: Option<UserId>) -> UsageRecord {
    UsageRecord {
        request: RequestId::from_uuid(world.id()),
        user,
        api_key: user.map(|user| ApiKeyId::from_uuid(user.uuid())),
        model: model.to_owned(),
        provider: "demo".to_owned(),
        project: "p\0q".to_owned(),
        admitted_at: at(1),
        price_version: Some("2028-01-01".to_owned()),
        cost_source: CostSource::Priced,
        own_cost: None,
        usage: Usage {
            input: 1000,
            cache_read: 300,
            cache_write: 100,
            cache_write_1h: 10,
            output: 50,
            reasoning: 20,
            reported_cost: Some("0.000000000000000015".parse().unwrap()),
            estimated: true,
        },
    }
}

async fn charge(
    world: &World,
    store: &Store,
    wallet: WalletId,
    cost: &str,
    usage: Option<UsageRecord>,
    now: i64,
) -> HoldId {
    let hold = world.hold();
    post(store, wallet, at(now), place(hold, dollars(1))).await.unwrap();
    store.post(Posting { wallet, now: at(now), command: settle(hold, cost), key: None, usage }).await.unwrap();
    hold
}

on_both! {
    async fn charges_come_latest_first_with_what_was_used(world: World) {
        let store = world.open().await;
        let wallet = world.wallet_with(&store, 10).await;
        let ada = UserId::from_uuid(world.id());
        let used = record(world, "demo/chat", Some(ada));
        let first = charge(world, &store, wallet, "0.000000000000000001", Some(used.clone()), 1).await;
        let second = charge(world, &store, wallet, "2", None, 2).await;

        let reader = store.reader();
        let charges = reader.list_charges(wallet, None, 10).await.unwrap();
        assert_eq!(charges.iter().map(|row| row.charge.id).collect::<Vec<_>>(), [second, first]);
        assert_eq!(charges[0].usage, None);
        assert_eq!(charges[1].usage, Some(UsageRecord { project: "p q".to_owned(), ..used }));
        assert_eq!(charges[1].charge.cost.attos(), 1);
        assert_eq!(reader.list_charges(wallet, Some(second), 10).await.unwrap(), charges[1..]);
        assert_eq!(reader.list_charges(wallet, None, 1).await.unwrap(), charges[..1]);
        assert_eq!(reader.find_charge(wallet, second).await.unwrap().as_ref(), Some(&charges[0]));
        assert_eq!(reader.find_charge(wallet, world.hold()).await, Ok(None));
        let draws = reader.draws_of(&charges[0].charge).await.unwrap();
        assert_eq!((draws.len(), draws[0].amount), (1, dollars(2)));
        store.close().await;
    }

    async fn days_add_up_by_model_and_person(world: World) {
        let store = world.open().await;
        let wallet = world.wallet_with(&store, 10).await;
        let ada = UserId::from_uuid(world.id());
        // The last second of the day, and the first of the leap day.
        for now in [1, 86_399, 86_400] {
            let used = record(world, "demo/chat", Some(ada));
            charge(world, &store, wallet, "0.0000000006", Some(used), now).await;
        }
        charge(world, &store, wallet, "1", Some(record(world, "demo/chat", None)), 1).await;
        charge(world, &store, wallet, "1", None, 1).await;

        let (day, next) = (at(1).day(), at(86_400).day());
        let reader = store.reader();
        let rows = reader.list_usage_daily(wallet, day, next).await.unwrap();
        let seen: Vec<_> = rows.iter().map(|row| (row.model.as_str(), row.user, row.requests, row.cost.to_string())).collect();
        assert_eq!(seen, [
            ("", None, 1, "1.00".to_owned()),
            ("demo/chat", None, 1, "1.00".to_owned()),
            ("demo/chat", Some(ada), 2, "0.0000000012".to_owned()),
        ]);
        let ours = &rows[2];
        assert_eq!((ours.input, ours.cache_read, ours.cache_write, ours.output, ours.reasoning), (2000, 600, 220, 100, 40));
        // 0.6 is carried over, so one nanodollar of 1.2 is debited.
        assert_eq!((ours.debited.nanos(), ours.lost.nanos()), (1, 0));
        assert_eq!(reader.list_usage_daily(wallet, next, next.next()).await.unwrap().len(), 1);

        assert_eq!(reader.find_first_day(wallet).await, Ok(Some(day)));
        assert_eq!(reader.find_first_day(world.wallet(&store).await).await, Ok(None));
        assert_eq!(reader.sum_spent(wallet, day..next).await.unwrap().to_string(), "2.000000001");
        assert_eq!(reader.sum_spent(wallet, next..next.next()).await, Ok(units::Amount::ZERO));

        let totals = reader.platform_totals().await.unwrap();
        assert_eq!(totals[&Account::Cash], -i128::from(dollars(10).nanos()));
        assert_eq!(totals[&Account::Revenue], i128::from(dollars(2).nanos()) + 1);
        assert_eq!(totals[&Account::Loss], 0);
        store.close().await;
    }

    async fn absurd_names_and_counts_are_bounded(world: World) {
        let store = world.open().await;
        let wallet = world.wallet_with(&store, 10).await;
        for _ in 0..3 {
            let mut used = record(world, &"m".repeat(100_000), None);
            used.usage.input = u64::MAX;
            used.usage.output = u64::MAX;
            charge(world, &store, wallet, "0.1", Some(used), 1).await;
        }
        let rows = store.reader().list_usage_daily(wallet, at(0).day(), at(0).day().next()).await.unwrap();
        assert_eq!((rows.len(), rows[0].requests, rows[0].model.len()), (1, 3, LONGEST_LABEL));
        assert_eq!(rows[0].input, 3_000_000_000_000);
        store.close().await;
    }
}
