//! When something is wrong with the database, the rows in it, or the program beside it.

use futures_util::future::join_all;
use store::{Database, Fault, PostError, Reader, Store, verify};

use crate::on_both;
use crate::world::*;

on_both! {
    async fn nobody_changes_what_was_posted(world: World) {
        let store = world.open().await;
        let wallet = world.wallet_with(&store, 10).await;
        let hold = world.hold();
        post(&store, wallet, at(1), place(hold, dollars(1))).await.unwrap();
        post(&store, wallet, at(2), settle(hold, "1")).await.unwrap();
        store.reader().find_charge(wallet, hold).await.unwrap().unwrap();
        for table in ["transfers", "charges"] {
            let column = if table == "transfers" { "amount_nanos" } else { "debited_nanos" };
            for change in [format!("UPDATE {table} SET {column} = 1"), format!("DELETE FROM {table}")] {
                let refused = world.run(&change).await.unwrap_err();
                assert!(refused.contains(&format!("{table} are only appended")), "{refused}");
            }
        }
        if let Database::Postgres(_) = world.database {
            assert!(world.run("TRUNCATE transfers").await.unwrap_err().contains("only appended"));
        }
        store.close().await;
    }

    async fn the_database_itself_refuses_less_than_nothing(world: World) {
        let store = world.open().await;
        let wallet = world.wallet_with(&store, 10).await;
        store.reader().load_wallet(wallet).await.unwrap();
        for wrong in ["left_nanos = -1, drained = 0", "left_nanos = amount_nanos + 1", "left_nanos = 0", "drained = 1"] {
            let refused = world.run(&format!("UPDATE grants SET {wrong}")).await;
            assert!(refused.is_err_and(|said| said.to_lowercase().contains("check constraint")), "{wrong}");
        }
        store.close().await;
    }

    /// The log takes what the rules decided; a table that refuses it stops the wallet, and no other.
    async fn a_page_that_the_tables_refuse_stops_its_wallet_alone(world: World) {
        let store = world.open().await;
        let poison = match world.database {
            Database::Sqlite(_) => "CREATE TRIGGER poison BEFORE INSERT ON open_holds WHEN NEW.wanted_nanos = 13 \
                                    BEGIN SELECT RAISE(ABORT, 'poison'); END",
            Database::Postgres(_) => "ALTER TABLE open_holds ADD CONSTRAINT poison CHECK (wanted_nanos <> 13)",
        };
        let wallets = join_all((0..4).map(|_| world.wallet_with(&store, 10))).await;
        store.reader().platform_totals().await.unwrap();
        world.run(poison).await.unwrap();
        let holds: Vec<_> = (0..100).map(|_| world.hold()).collect();
        let placing = holds.iter().enumerate().map(|(index, hold)| {
            let nanos = if index == 13 { 13 } else { 1_000 };
            post(&store, wallets[index % 4], at(1), place(*hold, units::Amount::from_nanos(nanos)))
        });
        for (index, answer) in join_all(placing).await.into_iter().enumerate() {
            // On a busy machine the page is refused before the last of them came.
            let is_stopped = index % 4 == 1 && matches!(answer, Err(PostError::Fault(Fault::Corrupt { .. })));
            assert!(answer.is_ok() || is_stopped, "{index}: {answer:?}");
        }
        store.reader().platform_totals().await.unwrap();
        // Also after a restart, and what was acknowledged is not lost.
        for restart in 0..2 {
            let store = if restart == 0 { store.clone() } else { world.open().await };
            let settling = holds.iter().enumerate().map(|(index, hold)| post(&store, wallets[index % 4], at(2), settle(*hold, "0")));
            for (index, answer) in join_all(settling).await.into_iter().enumerate() {
                match index % 4 {
                    1 => assert!(matches!(answer, Err(PostError::Fault(Fault::Corrupt { .. }))), "{index}: {answer:?}"),
                    _ => assert!(answer.is_ok(), "{index}: {answer:?}"),
                }
            }
            store.close().await;
        }
        let report = verify(&Reader::open(&world.database).await.unwrap(), &mut |_| {}).await.unwrap();
        let found: Vec<_> = report.differences.iter().map(|found| found.wallet).collect();
        assert_eq!(found, [Some(wallets[1])], "{report:?}");
    }

    async fn broken_books_stop_one_wallet(world: World) {
        let store = world.open().await;
        let (broken, sound) = (world.wallet_with(&store, 10).await, world.wallet_with(&store, 10).await);
        post(&store, broken, at(1), place(world.hold(), dollars(9))).await.unwrap();
        store.close().await;
        // Somebody takes what is held.
        let wallet = broken.uuid().simple();
        let theirs = match world.database {
            Database::Sqlite(_) => format!("wallet = x'{wallet}'"),
            Database::Postgres(_) => format!("wallet = '{wallet}'"),
        };
        world.run(&format!("UPDATE grants SET left_nanos = 1 WHERE {theirs}")).await.unwrap();

        let store = world.open().await;
        let wallets = [broken, sound, broken, sound];
        let answers = join_all(wallets.map(|wallet| post(&store, wallet, at(2), place(world.hold(), dollars(1))))).await;
        for (wallet, answer) in wallets.iter().zip(&answers) {
            match *wallet == broken {
                true => assert!(matches!(answer, Err(PostError::Fault(Fault::Corrupt { .. }))), "{answer:?}"),
                false => assert!(answer.is_ok(), "{answer:?}"),
            }
        }
        assert!(matches!(store.reader().load_wallet(broken).await, Err(Fault::Corrupt { .. })));
        store.close().await;
    }

    async fn a_newer_database_is_left_alone(world: World) {
        world.open().await.close().await;
        world.run("INSERT INTO schema_version VALUES (99)").await.unwrap();
        for fault in [Store::open(&world.database).await.err(), Reader::open(&world.database).await.err()] {
            assert!(matches!(fault, Some(Fault::Newer { found: 99, known: 1..99 })), "{fault:?}");
        }
    }

    async fn a_database_of_another_program_is_left_alone(world: World) {
        world.run("CREATE TABLE users (id integer)").await.unwrap();
        let refused = [Store::open(&world.database).await.err(), Reader::open(&world.database).await.err()];
        for fault in refused {
            assert!(matches!(&fault, Some(Fault::Unusable(what)) if what.contains("the database")), "{fault:?}");
        }
        assert!(world.run("SELECT 1 FROM schema_version").await.is_err());
    }

    async fn an_empty_database_is_nothing_to_read(world: World) {
        if let Database::Sqlite(path) = &world.database {
            std::fs::File::create(path).unwrap();
        }
        assert_eq!(Reader::open(&world.database).await.err(), Some(Fault::Fresh));
    }

    async fn a_closed_store_says_so(world: World) {
        let store = world.open().await;
        let wallet = world.wallet_with(&store, 10).await;
        let other = store.clone();
        store.close().await;
        let answer = post(&other, wallet, at(1), place(world.hold(), dollars(1))).await;
        assert_eq!(answer, Err(PostError::Fault(Fault::Closed)));
        let answer = other.write(async |tx| tx.find_user_by_name("ada").await).await;
        assert_eq!(answer, Err(Fault::Closed));
    }

    async fn a_transaction_that_panics_is_rolled_back(world: World) {
        let store = world.open().await;
        let id = world.id();
        let (user, wallet) = (units::UserId::from_uuid(id), units::WalletId::from_uuid(id));
        let user = store::UserRow::new(user, wallet, "ada".to_owned(), at(0));
        let answer: Result<(), Fault> = store
            .write(async move |tx| {
                tx.insert_user_with_wallet(&user).await?;
                panic!("a bug in an operation")
            })
            .await;
        assert!(matches!(answer, Err(Fault::Bug { .. })), "{answer:?}");
        assert_eq!(store.reader().find_user_by_name("ada").await, Ok(None));
        world.wallet_with(&store, 10).await;
        store.close().await;
    }
}

#[tokio::test]
async fn two_processes_do_not_write_one_file() {
    let world = World::sqlite();
    let store = world.open().await;
    let Err(fault @ Fault::InUse(_)) = Store::open(&world.database).await else { panic!("opened twice") };
    assert!(fault.to_string().starts_with("another tare is using"), "{fault}");
    // Reading beside a writer is fine.
    Reader::open(&world.database).await.unwrap().ping().await.unwrap();
    store.close().await;
    world.open().await.close().await;
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.txt");
    let notes = "not a database, but long enough to be looked at by somebody who expects a header".repeat(50);
    std::fs::write(&path, &notes).unwrap();
    let fault = Store::open(&Database::Sqlite(path.clone())).await.err();
    assert!(matches!(&fault, Some(Fault::Unusable(what)) if what.contains("not a SQLite database")), "{fault:?}");
    assert_eq!(std::fs::read_to_string(path).unwrap(), notes);
}

#[tokio::test]
async fn the_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::sqlite();
    let store = world.open().await;
    world.wallet(&store).await;
    let Database::Sqlite(path) = &world.database else { unreachable!() };
    for name in ["tare.db", "tare.db-wal"] {
        let mode = std::fs::metadata(path.with_file_name(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    store.close().await;
}

#[tokio::test]
async fn a_directory_that_is_missing_is_named() {
    let database = Database::parse("/nowhere/at/all/tare.db").unwrap();
    let Err(fault) = Store::open(&database).await else { panic!("opened") };
    assert!(fault.to_string().contains("/nowhere/at/all/tare.db"), "{fault}");
    assert!(!fault.is_retryable());
}

/// What is acknowledged is on disk, not only in the memory of a process that would still write it: the
/// files are copied while it runs, and opened as after a crash.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_crash() {
    let world = World::sqlite();
    let store = world.open().await;
    let wallet = world.wallet_with(&store, 100).await;
    let holds: Vec<_> = (0..50).map(|_| world.hold()).collect();
    join_all(holds.iter().map(|hold| post(&store, wallet, at(1), place(*hold, dollars(1))))).await;
    join_all(holds[..20].iter().map(|hold| post(&store, wallet, at(2), settle(*hold, "0.5")))).await;

    let Database::Sqlite(path) = &world.database else { unreachable!() };
    let copy = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let file = file.unwrap();
        // The shared memory index is rebuilt from the log.
        if !file.file_name().to_string_lossy().ends_with("-shm") {
            std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
        }
    }
    drop(store);

    let store = Store::open(&Database::Sqlite(copy.path().join("tare.db"))).await.unwrap();
    let found = store.reader().load_wallet(wallet).await.unwrap().unwrap();
    assert_eq!((found.available(at(3)), found.held()), (dollars(60), dollars(30)));
    for hold in &holds[20..] {
        post(&store, wallet, at(3), settle(*hold, "0.5")).await.unwrap();
    }
    store.close().await;
}

/// A listener that accepts and never says anything: a connection that is waited for without end would stop a node.
#[tokio::test]
async fn a_silent_server_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let database = Database::Postgres(format!("postgres://tare:secret@{address}/tare"));
    let silent = tokio::time::timeout(std::time::Duration::from_secs(30), Reader::open(&database)).await;
    let fault = silent.expect("it is given up").err();
    assert!(matches!(&fault, Some(Fault::Unavailable { cause, .. }) if cause.contains("says nothing")), "{fault:?}");
}
