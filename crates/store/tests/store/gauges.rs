//! What is used is counted to the nanodollar, from behind one transfer of the journal to just before a moment.

use ledger::TransferKind;
use sim::Random;
use store::{Fault, GaugeRow, Store};
use units::{Amount, GrantId, Instant, PassId, WalletId};

use crate::on_both;
use crate::world::*;

const LATE: i64 = 1_000_000;

fn gauge(wallet: WalletId, pass: PassId, until: Instant, line: Amount) -> GaugeRow {
    GaugeRow { wallet, pass, month: 3, until, line, used: Amount::ZERO, look_at: Some(at(77)) }
}

async fn seq_of(store: &Store, wallet: WalletId, grant: GrantId) -> u64 {
    store.reader().list_transfers_of_grant(wallet, grant, 0, 1).await.unwrap()[0].seq
}

async fn start(store: &Store, row: GaugeRow, behind: u64) -> Result<(), Fault> {
    store.write(async move |tx| tx.start_gauge(&row, behind).await).await
}

async fn charge(world: &World, store: &Store, wallet: WalletId, now: i64, cost: &str) {
    let hold = world.hold();
    post(store, wallet, at(now), place(hold, cost.parse().unwrap())).await.unwrap();
    post(store, wallet, at(now), settle(hold, cost)).await.unwrap();
}

/// What the journal says was charged behind a transfer and before a moment.
async fn charged(store: &Store, wallet: WalletId, behind: u64, until: Instant) -> Amount {
    let journal = store.reader().list_transfers(wallet, behind, u32::MAX).await.unwrap();
    let charged = journal.iter().filter(|transfer| transfer.kind == TransferKind::Charge && transfer.at < until);
    charged.map(|transfer| transfer.amount).sum()
}

async fn find(store: &Store, wallet: WalletId, pass: PassId) -> GaugeRow {
    store.reader().find_gauge(wallet, pass).await.unwrap().unwrap()
}

on_both! {
    /// The line is noted with the charge that reaches it, at its time, and once.
    async fn the_charge_that_reaches_the_line_is_noted(world: World) {
        let store = world.open().await;
        let wallet = world.wallet_with(&store, 100).await;
        let pass = PassId::from_uuid(world.id());
        charge(world, &store, wallet, 1, "30").await;
        let base = world.grant(&store, wallet, dollars(19), None).await;
        let behind = seq_of(&store, wallet, base).await;
        charge(world, &store, wallet, 2, "5").await;
        start(&store, gauge(wallet, pass, at(LATE), dollars(18)), behind).await.unwrap();
        let found = find(&store, wallet, pass).await;
        assert_eq!((found.used, found.look_at, found.month), (dollars(5), None, 3), "what came between counts");

        charge(world, &store, wallet, 3, "12.999999999").await;
        assert_eq!(store.reader().list_due_gauges_of(wallet, at(4)).await.unwrap(), []);
        charge(world, &store, wallet, 4, "0.000000001").await;
        charge(world, &store, wallet, 5, "1").await;
        let [due] = &store.reader().list_due_gauges_of(wallet, at(5)).await.unwrap()[..] else { panic!("one is due") };
        assert!(due.pass == pass && due.used == dollars(19), "{due:?}");
        assert!(due.look_at == Some(at(4)) || due.look_at == Some(at(5)), "{due:?}");
        store.reader().ping().await.unwrap();
        assert_eq!(store.reader().list_due_gauges(at(5), 10).await.unwrap(), std::slice::from_ref(due));
        assert_eq!(store.reader().list_due_gauges(at(3), 10).await.unwrap(), []);

        // One that is reached already is looked at when its owner says so.
        start(&store, gauge(wallet, pass, at(LATE), dollars(19)), behind).await.unwrap();
        assert_eq!(find(&store, wallet, pass).await.look_at, Some(at(77)));
        store.write(async move |tx| tx.end_gauge(wallet, pass).await).await.unwrap();
        assert_eq!(store.reader().find_gauge(wallet, pass).await.unwrap(), None);
        store.close().await;
    }

    /// What is charged at the end or behind it does not count, whichever pages the projector saw.
    async fn the_end_is_exact(world: World) {
        let store = world.open().await;
        let wallet = world.wallet_with(&store, 100).await;
        let pass = PassId::from_uuid(world.id());
        let base = world.grant(&store, wallet, dollars(19), None).await;
        let behind = seq_of(&store, wallet, base).await;
        start(&store, gauge(wallet, pass, at(10), dollars(18)), behind).await.unwrap();
        charge(world, &store, wallet, 9, "10").await;
        store.reader().ping().await.unwrap();
        // These stand in one page on PostgreSQL, and may on SQLite: one is in time, one is not.
        let holds = [(9, world.hold()), (10, world.hold())];
        for (now, hold) in holds {
            post(&store, wallet, at(now), place(hold, dollars(8))).await.unwrap();
        }
        for (now, hold) in holds {
            post(&store, wallet, at(now), settle(hold, "8")).await.unwrap();
        }
        charge(world, &store, wallet, 11, "1").await;
        assert_eq!(find(&store, wallet, pass).await.used, dollars(18));
        // A gauge that begins behind its end finds out the same.
        start(&store, gauge(wallet, pass, at(10), dollars(18)), behind).await.unwrap();
        let found = find(&store, wallet, pass).await;
        assert_eq!((found.used, found.look_at), (dollars(18), Some(at(77))));
        charge(world, &store, wallet, 12, "1").await;
        assert_eq!(find(&store, wallet, pass).await.used, dollars(18));
        store.close().await;
    }

    /// Random charges, and a gauge that begins in the middle of them with an end among them.
    async fn any_life_is_counted_as_the_journal_has_it(world: World) {
        let store = world.open().await;
        let mut random = Random::new(2028);
        for _ in 0..6 {
            let wallet = world.wallet_with(&store, 1_000).await;
            let pass = PassId::from_uuid(world.id());
            let base = world.grant(&store, wallet, dollars(19), None).await;
            let behind = seq_of(&store, wallet, base).await;
            let (begins, end, line) = (random.below(10), 1 + random.below(40) as i64, Amount::from_dollars(3));
            for step in 0..20 {
                if step == begins {
                    start(&store, gauge(wallet, pass, at(end), line), behind).await.unwrap();
                }
                let cost = Amount::from_nanos(1 + random.below(900_000_000) as i64);
                charge(world, &store, wallet, (step * 2 + random.below(2)) as i64, &cost.to_string()).await;
                if random.below(4) == 0 {
                    store.reader().ping().await.unwrap();
                }
            }
            let expected = charged(&store, wallet, behind, at(end)).await;
            let found = find(&store, wallet, pass).await;
            assert_eq!(found.used, expected, "end {end}, begins {begins}");
        }
        store.close().await;
    }

    /// Two stores where there can be two charge all the while, and gauges begin among that.
    async fn beginning_among_charges_loses_none(world: World) {
        let store = world.open().await;
        let other = if world.is_sqlite() { store.clone() } else { world.open().await };
        let wallet = world.wallet_with(&store, 1_000).await;
        let base = world.grant(&store, wallet, dollars(19), None).await;
        let behind = seq_of(&store, wallet, base).await;
        let charging = |store: Store| async move {
            for _ in 0..40 {
                charge(world, &store, wallet, 1, "0.125").await;
            }
        };
        let passes: Vec<PassId> = (0..8).map(|_| PassId::from_uuid(world.id())).collect();
        let beginning = async {
            for pass in &passes {
                start(&store, gauge(wallet, *pass, at(LATE), dollars(500)), behind).await.unwrap();
                tokio::time::sleep(std::time::Duration::from_millis(7)).await;
            }
        };
        tokio::join!(charging(store.clone()), charging(other.clone()), beginning);
        for pass in passes {
            assert_eq!(find(&store, wallet, pass).await.used, dollars(10));
        }
        other.close().await;
        store.close().await;
    }
}
