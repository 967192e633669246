//! PostgreSQL goes away at the worst moments: a proxy cuts the line before or after a COMMIT arrived.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use store::{Database, Posting, Store};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::world::*;

/// When the line is cut.
#[derive(Clone, Copy)]
enum Cut {
    /// The COMMIT never arrives.
    Before,
    /// It arrives, and its answer does not.
    After,
}

/// A line to the server that cuts the first `cuts` connections on which a batch commits.
async fn proxy(server: String, cut: Cut, cuts: Arc<AtomicUsize>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&server).await.unwrap();
            tokio::spawn(relay(client, server, cut, Arc::clone(&cuts)));
        }
    });
    address
}

async fn relay(client: TcpStream, server: TcpStream, cut: Cut, cuts: Arc<AtomicUsize>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let back = tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    let mut bytes = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from_client.read(&mut bytes).await {
        let sent = &bytes[..length];
        // Of a batch with rows, not of the migration.
        let commits = sent.windows(7).any(|window| window == b"COMMIT\0") && sent.len() > 100;
        let is_cut =
            commits && cuts.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if is_cut {
            back.abort();
            if let Cut::After = cut {
                to_server.write_all(sent).await.unwrap();
                // The server must have read it before the line ends.
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            return;
        }
        if to_server.write_all(sent).await.is_err() {
            return;
        }
    }
}

async fn one_grant_in_spite_of(cut: Cut, lost: usize) {
    let world = World::postgres().await;
    let direct = world.open().await;
    let wallet = world.wallet(&direct).await;
    let Database::Postgres(url) = &world.database else { unreachable!() };
    let (head, server) = url.split_once('@').unwrap();
    let (server, name) = server.split_once('/').unwrap();
    let cuts = Arc::new(AtomicUsize::new(0));
    let line = proxy(server.to_owned(), cut, Arc::clone(&cuts)).await;
    let store = Store::open(&Database::Postgres(format!("{head}@{line}/{name}"))).await.unwrap();

    cuts.store(lost, Ordering::SeqCst);
    let grant = units::GrantId::from_uuid(world.id());
    let command = issue(grant, dollars(5), None);
    store.post(Posting { wallet, now: at(1), command, key: None, usage: None }).await.unwrap();
    assert_eq!(cuts.load(Ordering::SeqCst), 0, "the line was not cut");
    assert_eq!(direct.reader().list_transfers(wallet, 0, 10).await.unwrap().len(), 1);
    store.close().await;
    direct.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_never_arrived_is_made_again() {
    one_grant_in_spite_of(Cut::Before, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_was_lost_is_not_made_twice() {
    one_grant_in_spite_of(Cut::After, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_the_server_ends_are_replaced() {
    let world = World::postgres().await;
    let store = world.open().await;
    let wallet = world.wallet_with(&store, 100).await;
    for _ in 0..10 {
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                    WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let (killed, placed) =
            tokio::join!(world.run(kill), post(&store, wallet, at(1), place(world.hold(), dollars(1))));
        killed.unwrap();
        placed.unwrap();
        world.wallet(&store).await;
    }
    let found = store.reader().load_wallet(wallet).await;
    let found = if found.is_err() { store.reader().load_wallet(wallet).await } else { found };
    assert_eq!(found.unwrap().unwrap().held(), dollars(10));
    store.close().await;
}
