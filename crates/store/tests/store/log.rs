//! Between the log and the tables: whatever happens there, what was acknowledged is there, once.

use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use store::{Database, Reader, Store, verify};
use tempfile::TempDir;
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::on_both;
use crate::world::*;

/// The files as a crash at this moment would leave them. The shared memory index is rebuilt from the log.
fn crashed(path: &Path) -> (TempDir, Database) {
    let copy = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(path.parent().unwrap()).unwrap().map(Result::unwrap) {
        if !file.file_name().to_string_lossy().ends_with("-shm") {
            std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
        }
    }
    let database = Database::Sqlite(copy.path().join("tare.db"));
    (copy, database)
}

/// The writer projects a few milliseconds after the last answer; the copies are taken before, meanwhile and after.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_at_any_moment_loses_nothing_and_doubles_nothing() {
    let world = World::sqlite();
    let Database::Sqlite(path) = &world.database else { unreachable!() };
    let store = world.open().await;
    let wallets = [world.wallet_with(&store, 100).await, world.wallet_with(&store, 100).await];
    let mut settled = 0;
    for round in 0..24 {
        for wallet in wallets {
            let hold = world.hold();
            post(&store, wallet, at(1), place(hold, dollars(1))).await.unwrap();
            post(&store, wallet, at(2), settle(hold, "0.5")).await.unwrap();
            settled += 1;
        }
        tokio::time::sleep(Duration::from_micros(400 * round)).await;
        let (_copy, database) = crashed(path);
        // Every other time it is only read.
        let reader = match round % 2 {
            0 => Reader::open(&database).await.unwrap(),
            _ => Store::open(&database).await.unwrap().reader().clone(),
        };
        let report = verify(&reader, &mut |_| {}).await.unwrap();
        assert!(report.is_clean() && report.charges == settled, "round {round}, {settled} settled: {report:?}");
    }
    store.close().await;
}

on_both! {
    async fn whoever_asks_sees_what_was_acknowledged(world: World) {
        let store = world.open().await;
        let wallet = world.wallet_with(&store, 100).await;
        for settled in 1..30 {
            let hold = world.hold();
            post(&store, wallet, at(1), place(hold, dollars(1))).await.unwrap();
            post(&store, wallet, at(2), settle(hold, "1")).await.unwrap();
            let found = store.reader().load_wallet(wallet).await.unwrap().unwrap();
            assert_eq!((found.available(at(3)), found.head.seq), (dollars(100 - settled), settled as u64 + 1));
            assert!(store.reader().find_charge(wallet, hold).await.unwrap().is_some());
        }
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_died_leaves_its_tail_to_others() {
    let world = World::postgres().await;
    let store = world.open().await;
    let wallet = world.wallet_with(&store, 100).await;
    let holds: Vec<_> = (0..20).map(|_| world.hold()).collect();
    join_all(holds.iter().map(|hold| post(&store, wallet, at(1), place(*hold, dollars(1))))).await;
    // What it would have projected a moment later stays in the log.
    drop(store);
    let reader = Reader::open(&world.database).await.unwrap();
    assert_eq!(reader.load_wallet(wallet).await.unwrap().unwrap().held(), dollars(20));
}

/// Far more batches than the log keeps behind the tables.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_slept_for_long_reads_its_wallets_anew() {
    let world = World::postgres().await;
    let (sleeper, busy) = (world.open().await, world.open().await);
    let wallet = world.wallet_with(&sleeper, 1_000).await;
    for batch in 0..400 {
        post(&busy, wallet, at(1), place(world.hold(), dollars(1))).await.unwrap();
        if batch % 100 == 0 {
            busy.reader().platform_totals().await.unwrap();
        }
    }
    busy.reader().platform_totals().await.unwrap();
    let last = post(&sleeper, wallet, at(2), place(world.hold(), dollars(600))).await;
    assert!(last.is_ok(), "{last:?}");
    let none_left = post(&busy, wallet, at(2), place(world.hold(), dollars(1))).await;
    assert!(none_left.is_err(), "{none_left:?}");
    sleeper.close().await;
    busy.close().await;
}

/// An index keeps the entries of deleted rows until somebody tidies, and whoever reads the open holds of a wallet walks over
/// them: a balance took three times as long behind three million charges.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closed_holds_are_not_in_the_way_of_open_ones() {
    const HOLDS: usize = 300;
    let world = World::postgres().await;
    let Database::Postgres(url) = &world.database else { unreachable!() };
    let store = world.open().await;
    let wallet = world.wallet_with(&store, 1000).await;
    for _ in 0..HOLDS {
        let hold = world.hold();
        post(&store, wallet, at(1), place(hold, dollars(1))).await.unwrap();
        // A row is written for a hold that is open when somebody looks, and removed when somebody looks again.
        assert_eq!(store.reader().load_wallet(wallet).await.unwrap().unwrap().held(), dollars(1));
        post(&store, wallet, at(2), settle(hold, "0.5")).await.unwrap();
        assert_eq!(store.reader().load_wallet(wallet).await.unwrap().unwrap().held(), dollars(0));
    }
    let client = connect(url).await;
    let settings = "SET enable_seqscan = off; SET enable_indexscan = off; SET enable_indexonlyscan = off";
    client.batch_execute(settings).await.unwrap();
    // Somebody tidies beside what goes on.
    let mut walked = HOLDS;
    for _ in 0..100 {
        walked = entries_of_holds(&client, wallet).await;
        if walked < HOLDS / 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    store.close().await;
    assert!(walked < HOLDS / 2, "{walked} entries of {HOLDS} closed holds are walked over");
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// How many entries of the index whoever reads the open holds of a wallet walks over.
async fn entries_of_holds(client: &Client, wallet: units::WalletId) -> usize {
    let sql = format!("EXPLAIN (ANALYZE, FORMAT JSON) SELECT id FROM open_holds WHERE wallet = '{}'", wallet.uuid());
    let told = client.simple_query(&sql).await.unwrap();
    let text = told.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    let plan: serde_json::Value = serde_json::from_str(text.unwrap()).unwrap();
    let scan = &plan[0]["Plan"]["Plans"][0];
    assert_eq!(scan["Node Type"], "Bitmap Index Scan", "{plan}");
    // Newer servers say it with places behind a point.
    scan["Actual Rows"].to_string().split('.').next().unwrap().parse().unwrap()
}

/// Somebody else vacuums, or has read the log and goes on in his transaction.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_whoever_tidies() {
    const PAIRS: usize = 600;
    let world = World::postgres().await;
    let Database::Postgres(url) = &world.database else { unreachable!() };
    let store = world.open().await;
    let wallet = world.wallet_with(&store, 1000).await;
    let (client, watcher) = (connect(url).await, connect(url).await);
    client.batch_execute("BEGIN; LOCK TABLE log IN SHARE UPDATE EXCLUSIVE MODE").await.unwrap();
    let working = async {
        for _ in 0..PAIRS {
            let hold = world.hold();
            post(&store, wallet, at(1), place(hold, dollars(1))).await.unwrap();
            assert_eq!(store.reader().load_wallet(wallet).await.unwrap().unwrap().held(), dollars(1));
            post(&store, wallet, at(2), settle(hold, "0.5")).await.unwrap();
        }
    };
    let waiting = "SELECT count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'VACUUM%'";
    let watching = async {
        while watcher.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        () = working => {}
        () = watching => panic!("who tidies waits for somebody, and others for him"),
    }
    store.close().await;
}

/// Its machine lost power, or it was stopped; the server hears nothing, and waits for the rest of the stream.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_hangs_while_it_writes_the_tables_is_ended() {
    let world = World::postgres().await;
    let Database::Postgres(url) = &world.database else { unreachable!() };
    let store = world.open().await;
    let wallet = world.wallet_with(&store, 100).await;
    assert!(store.reader().load_wallet(wallet).await.unwrap().is_some());
    let hanging = connect(url).await;
    hanging.batch_execute("BEGIN; SELECT pg_advisory_xact_lock(7498259404)").await.unwrap();
    let stream = hanging.copy_in::<_, bytes::Bytes>("COPY charges FROM STDIN BINARY").await.unwrap();
    post(&store, wallet, at(1), place(world.hold(), dollars(1))).await.unwrap();
    assert_eq!(store.reader().load_wallet(wallet).await.unwrap().unwrap().held(), dollars(1));
    drop(stream);
    assert!(hanging.batch_execute("SELECT 1").await.is_err(), "it was not ended");
    store.close().await;
}
