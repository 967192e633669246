//! T5 of RELIABILITY.md: PostgreSQL behind a line that is cut, a server that ends connections, and one that has too few.
//!
//! Scripts of the simulator run on two nodes; whoever is cut off asks again with the same key. Then every answer, and
//! the books to the byte, must be those of the same scripts on SQLite without any trouble: so nothing that was
//! acknowledged is lost, nothing happened twice, and no error hid an effect that its key does not answer for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::{join, join_all};
use sim::Random;
use store::{Database, IdempotencyKey, Store};

use crate::line::{self, Cuts, Fate};
use crate::scripts::{Script, assert_same_books, books};
use crate::world::*;

/// How many scripts run at once, and how long each is.
const AT_ONCE: u64 = 16;
const COMMANDS: usize = 40;

fn is_release_size() -> bool {
    std::env::var("TARE_TEST_SIZE").is_ok_and(|size| size == "release")
}

/// Scripts whose every posting has a key of its own.
fn draw(round: u64) -> Vec<Script> {
    let seeds = round * AT_ONCE..(round + 1) * AT_ONCE;
    let mut scripts: Vec<Script> = seeds.map(|seed| Script::draw(seed, COMMANDS)).collect();
    for script in &mut scripts {
        for (index, posting) in script.postings.iter_mut().enumerate() {
            posting.key = Some(IdempotencyKey { key: format!("call {index}"), content: [1; 32] });
        }
    }
    scripts
}

/// Adds the people of scripts.
async fn introduce(store: &Store, scripts: &[Script]) {
    join_all(scripts.iter().map(|script| script.add_people(store))).await;
}

/// Plays scripts at once, each at both nodes in turns. Answers with a digest of the answers of each, and with how
/// often somebody had to ask again.
async fn play(stores: &[Store], scripts: &[Script]) -> (Vec<String>, u64) {
    let playing = scripts.iter().map(|script| {
        let (stores, script) = (stores.to_vec(), script.clone());
        tokio::spawn(async move { script.play(&stores, |index| index).await })
    });
    let played: Vec<_> = join_all(playing).await.into_iter().map(|done| done.unwrap()).collect();
    (played.iter().map(|(answers, _)| answers.clone()).collect(), played.iter().map(|(_, again)| again).sum())
}

/// What was played with trouble is played without.
async fn compare(rounds: u64, answers: Vec<Vec<String>>, world: &World) {
    let (calm, troubled) = (World::sqlite(), world.open().await);
    let store = calm.open().await;
    for (round, answers) in (0..rounds).zip(answers) {
        let scripts = draw(round);
        introduce(&store, &scripts).await;
        let (due, _) = play(std::slice::from_ref(&store), &scripts).await;
        assert_eq!(answers, due, "round {round}");
    }
    assert_same_books(&books(&store).await, &books(&troubled).await);
    store.close().await;
    troubled.close().await;
}

/// The same database by another address or another user.
fn through(database: &Database, change: impl Fn(&str, &str, &str) -> String) -> Database {
    let Database::Postgres(url) = database else { unreachable!() };
    let (head, rest) = url.split_once('@').unwrap();
    let (server, name) = rest.split_once('/').unwrap();
    Database::Postgres(change(head, server, name))
}

/// The world's database at another address.
fn behind(address: String, world: &World) -> Database {
    through(&world.database, |head, _, name| format!("{head}@{address}/{name}"))
}

fn server(database: &Database) -> String {
    let Database::Postgres(url) = database else { unreachable!() };
    url.split_once('@').unwrap().1.split_once('/').unwrap().0.to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_is_cut_loses_and_doubles_nothing() {
    let (wanted, silences) = if is_release_size() { (10_000, 20) } else { (300, 0) };
    let began = std::time::Instant::now();
    let world = World::postgres().await;
    world.open().await.close().await;
    let cuts = Arc::new(Cuts::default());
    let (mut random, seen) = (Random::new(1), Arc::clone(&cuts));
    let fates = move || line::draw(&mut random, seen.silent.load(Ordering::Relaxed) < silences);
    let database = behind(line::lay(server(&world.database), fates, Arc::clone(&cuts)).await, &world);
    let open = || async {
        loop {
            // The line is cut during the start as well.
            if let Ok(store) = Store::open(&database).await {
                return store;
            }
        }
    };
    let stores = [open().await, open().await];
    let (mut answers, mut again) = (Vec::new(), 0);
    while cuts.count() < wanted {
        let scripts = draw(answers.len() as u64);
        introduce(&stores[1], &scripts).await;
        let (answered, asked_again) = play(&stores, &scripts).await;
        answers.push(answered);
        again += asked_again;
    }
    cuts.stop();
    join_all(stores.map(Store::close)).await;
    let rounds = answers.len() as u64;
    println!(
        "{cuts:?} in {} s; {rounds} rounds of {AT_ONCE} scripts, {again} calls asked again",
        began.elapsed().as_secs()
    );
    assert!(cuts.done.load(Ordering::Relaxed) * 20 > wanted, "too few COMMITs lost their answers");
    compare(rounds, answers, &world).await;
}

/// The connection for the books or the one for the tables goes silent, or both do: while it is prepared, or while it
/// works. It is given up after half a minute, and the work goes on with another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_goes_silent_is_given_up() {
    const MOST: u64 = 1_000;
    let world = World::postgres().await;
    let direct = world.open().await;
    let wallet = world.wallet_with(&direct, 4 * MOST as i64).await;
    let going = [1_500, 5_000, 20_000, 40_000].map(async |bytes| {
        let cuts = Arc::new(Cuts::default());
        let (mut opened, seen) = (0, Arc::clone(&cuts));
        let fates = move || {
            opened += 1;
            // The first two are for opening the store. A connection can be given up before its turn to be silent comes,
            // because another node's silence kept it waiting: then it is the next one's.
            let is_sound = opened <= 2 || seen.silent.load(Ordering::Relaxed) > 0;
            if is_sound { Fate::Sound } else { Fate::Silent(bytes) }
        };
        let line = line::lay(server(&world.database), fates, Arc::clone(&cuts)).await;
        let store = Store::open(&behind(line, &world)).await.unwrap();
        let mut settled = 0;
        while settled < 40 || cuts.silent.load(Ordering::Relaxed) == 0 {
            assert!(settled < MOST, "no silence after {bytes} bytes");
            let hold = world.hold();
            post(&store, wallet, at(1), place(hold, dollars(1))).await.unwrap();
            post(&store, wallet, at(2), settle(hold, "1")).await.unwrap();
            settled += 1;
        }
        // What is silent is not waited for at the end either.
        drop(store);
        settled
    });
    let settled: u64 = join_all(going).await.into_iter().sum();
    let found = direct.reader().load_wallet(wallet).await.unwrap().unwrap();
    assert_eq!((found.available(at(3)), found.held()), (dollars((4 * MOST - settled) as i64), dollars(0)));
    direct.close().await;
}

/// What makes a wallet is no change of the books. A node that takes turns, and hears late that it has the fence, knows the
/// wallets that were made meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wallet_that_was_made_while_a_node_waits_is_known() {
    let world = World::postgres().await;
    let near = world.open().await;
    let away = || Fate::Far(Duration::from_millis(20));
    let line = line::lay(server(&world.database), away, Arc::default()).await;
    let far = Store::open(&behind(line, &world)).await.unwrap();
    let wallet = world.wallet_with(&near, 1_000).await;
    let is_over = AtomicBool::new(false);
    let busy = join_all((0..8).map(async |index| {
        let store = if index % 2 == 0 { &near } else { &far };
        while !is_over.load(Ordering::Relaxed) {
            let hold = world.hold();
            post(store, wallet, at(1), place(hold, dollars(1))).await.unwrap();
            post(store, wallet, at(2), settle(hold, "0.001")).await.unwrap();
        }
    }));
    let signing_up = async {
        // One every few milliseconds, whatever the nodes are at.
        join_all((0..400).map(async |index| {
            tokio::time::sleep(Duration::from_millis(5 * index)).await;
            let new = world.wallet(&near).await;
            world.grant(&far, new, dollars(1), None).await;
        }))
        .await;
        is_over.store(true, Ordering::Relaxed);
    };
    join(busy, signing_up).await;
    near.close().await;
    far.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_ends_connections_loses_and_doubles_nothing() {
    let rounds = if is_release_size() { 100 } else { 4 };
    let world = Arc::new(World::postgres().await);
    let stores = [world.open().await, world.open().await];
    let is_over = Arc::new(AtomicBool::new(false));
    let ending = tokio::spawn({
        let (world, is_over) = (Arc::clone(&world), Arc::clone(&is_over));
        async move {
            let mut times = 0;
            while !is_over.load(Ordering::Relaxed) {
                let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                           WHERE datname = current_database() AND pid <> pg_backend_pid()";
                world.run(end).await.unwrap();
                times += 1;
                tokio::time::sleep(Duration::from_millis(150)).await;
            }
            times
        }
    });
    let (mut answers, mut again) = (Vec::new(), 0);
    for round in 0..rounds {
        let scripts = draw(round);
        introduce(&stores[1], &scripts).await;
        let (answered, asked_again) = play(&stores, &scripts).await;
        answers.push(answered);
        again += asked_again;
    }
    is_over.store(true, Ordering::Relaxed);
    println!("every connection was ended {} times; {again} calls asked again", ending.await.unwrap());
    join_all(stores.map(Store::close)).await;
    compare(rounds, answers, &world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_connections_for_two_nodes_lose_and_double_nothing() {
    let rounds = if is_release_size() { 100 } else { 4 };
    let world = World::postgres().await;
    let Database::Postgres(url) = &world.database else { unreachable!() };
    let (_, name) = url.rsplit_once('/').unwrap();
    // A limit of the server itself would be one for all tests; the limit of a user is refused with the same error.
    let user = format!("few_{name}");
    let with_few = format!(
        "CREATE ROLE {user} LOGIN CONNECTION LIMIT 5; ALTER DATABASE {name} OWNER TO {user}; \
         ALTER SCHEMA public OWNER TO {user}"
    );
    world.run(&with_few).await.unwrap();
    let database = through(&world.database, |_, server, name| format!("postgres://{user}@{server}/{name}"));
    let stores = [Store::open(&database).await.unwrap(), Store::open(&database).await.unwrap()];
    // Each node has its connection for the books before others take what is left.
    let scripts: Vec<Vec<Script>> = (0..rounds).map(draw).collect();
    for scripts in &scripts {
        introduce(&stores[1], scripts).await;
    }
    let mut played = vec![play(&stores, &scripts[0]).await];
    let is_over = Arc::new(AtomicBool::new(false));
    let readers = (0..16).map(|n: usize| {
        let (reader, is_over) = (stores[n % 2].reader().clone(), Arc::clone(&is_over));
        tokio::spawn(async move {
            let mut refused = 0_u64;
            while !is_over.load(Ordering::Relaxed) {
                let (one, other) = tokio::join!(reader.platform_totals(), reader.ping());
                refused += u64::from(one.is_err()) + u64::from(other.is_err());
            }
            refused
        })
    });
    let readers: Vec<_> = readers.collect();
    for scripts in &scripts[1..] {
        played.push(play(&stores, scripts).await);
    }
    let again: u64 = played.iter().map(|(_, again)| again).sum();
    let answers = played.into_iter().map(|(answers, _)| answers).collect();
    is_over.store(true, Ordering::Relaxed);
    let refused: u64 = join_all(readers).await.into_iter().map(|refused| refused.unwrap()).sum();
    println!("{refused} reads found no connection; {again} calls asked again");
    assert!(refused > 0, "there was no want of connections");
    join_all(stores.map(Store::close)).await;
    compare(rounds, answers, &world).await;
}
