//! Twenty thousand random commands, or a hundred thousand, drawn by the simulator, on SQLite and on two nodes over PostgreSQL: the same
//! answers and the same books, to the byte.
//!
//! On two nodes a third of the scripts stays at one node, a third at the other, and a third asks the nodes in turns,
//! so that both write the same wallets.

use std::time::Instant;

use futures_util::future::join_all;
use sha2::{Digest, Sha256};
use store::Store;

use crate::scripts::{Script, assert_same_books, books, hex};
use crate::world::*;

const SCRIPTS: u64 = 200;

/// How many commands each script has: a hundred thousand in all with `TARE_TEST_SIZE=release`.
fn commands() -> usize {
    let is_release = std::env::var("TARE_TEST_SIZE").is_ok_and(|size| size == "release");
    if is_release { 500 } else { 100 }
}

/// Plays all scripts at once, so that batches form as they come. Answers with a digest of the answers of each, and
/// with the books.
async fn play(world: &World, nodes: usize, scripts: &[Script]) -> (Vec<String>, String) {
    let stores = join_all((0..nodes).map(|_| world.open())).await;
    let playing = scripts.iter().map(|script| {
        let (stores, script) = (stores.clone(), script.clone());
        tokio::spawn(async move {
            script.add_people(&stores[0]).await;
            let node = |index| if script.seed % 3 == 2 { index } else { script.seed as usize % 3 };
            let (answers, again) = script.play(&stores, node).await;
            assert_eq!(again, 0, "seed {}", script.seed);
            answers
        })
    });
    let answers = join_all(playing).await.into_iter().map(|done| done.unwrap()).collect();
    let books = books(&stores[0]).await;
    join_all(stores.into_iter().map(Store::close)).await;
    (answers, books)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_commands_leave_the_same_bytes_on_two_nodes() {
    let scripts: Vec<Script> = (0..SCRIPTS).map(|seed| Script::draw(seed, commands())).collect();
    let began = Instant::now();
    let (answers, books) = play(&World::sqlite(), 1, &scripts).await;
    let on_sqlite = began.elapsed();
    let (others, their_books) = play(&World::postgres().await, 2, &scripts).await;
    for (script, (one, other)) in scripts.iter().zip(answers.iter().zip(&others)) {
        assert_eq!(one, other, "the answers to seed {}", script.seed);
    }
    assert_same_books(&books, &their_books);
    println!(
        "{} commands of {SCRIPTS} seeds for {} wallets: {} lines of books, sha256 {}, {} s on SQLite, {} s in all",
        scripts.iter().map(|script| script.postings.len()).sum::<usize>(),
        scripts.iter().map(|script| script.wallets).sum::<usize>(),
        books.lines().count(),
        hex(&Sha256::digest(&books)),
        on_sqlite.as_secs(),
        began.elapsed().as_secs()
    );
}
