//! T4 of RELIABILITY.md, the database's part: PostgreSQL itself crashes under load, and nodes stand still under load.
//!
//! The servers go on: what an upstream has answered meanwhile is charged when the database is back, so in the end
//! every call is charged, though nobody was killed who knew of it.

use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::Command;
use tokio::time::sleep;

use crate::dice::{self, Dice};
use crate::is_release_size;
use crate::kill::campaign::{are_charged, reckon, until_nothing_is_held};
use crate::kill::driver::Driver;
use crate::program::{Running, finish};
use crate::servers::{Kind, Node, Person, Place};

/// A PostgreSQL server that may be crashed: no other test uses it. It goes with the process that reads its line.
struct OwnServer {
    _process: Running,
    url: String,
    folder: String,
}

const TOOL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tools/postgres");

impl OwnServer {
    async fn start(logs: &std::path::Path) -> Self {
        let mut command = Command::new(TOOL);
        let tell = "echo $TARE_TEST_POSTGRES $TARE_TEST_POSTGRES_DIR; cat";
        command.args(["with", "--", "sh", "-c", tell]).stdin(Stdio::piped());
        let mut process = Running::start(&mut command, logs.join("postgres.log"));
        let line = process.line().await;
        let (url, folder) = line.split_once(' ').unwrap_or_else(|| panic!("no server in {line:?}"));
        Self { url: url.to_owned(), folder: folder.to_owned(), _process: process }
    }

    /// Stops it at once, as a crash would, and starts it again.
    async fn crash(&self) {
        finish(Command::new(TOOL).args(["crash", &self.folder])).await.well();
    }
}

/// Two servers under load, of which one stands still now and then.
struct Load<'p> {
    place: &'p Place,
    person: Person,
    driver: Driver,
    nodes: Vec<Node>,
}

impl<'p> Load<'p> {
    async fn start(place: &'p Place, seed: u64) -> Self {
        let person = place.person("ana@example.com", "1000").await;
        let driver = Driver::start(seed, &person);
        let nodes = vec![place.serve().await, place.serve().await];
        driver.aim(nodes.iter().map(|node| node.url.clone()).collect());
        Self { place, person, driver, nodes }
    }

    async fn check(&self) {
        let acknowledged = self.driver.acknowledged();
        are_charged(self.place, &self.person, &acknowledged.iter().collect()).await;
    }

    /// Waits until more than so many requests are acknowledged.
    async fn until_more_than(&self, acknowledged: usize) {
        let began = Instant::now();
        while self.driver.acknowledged().len() <= acknowledged {
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "nothing is acknowledged any more:\n{}",
                self.place.log()
            );
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// The reckoning: nobody was killed, so nothing is lost to anybody.
    async fn end(self) -> String {
        let journal = self.driver.stop().await;
        self.place.upstream.idle().await;
        until_nothing_is_held(&self.place.books().await, &self.person, Instant::now()).await;
        for node in self.nodes {
            node.stop().await;
        }
        self.place.verify().await;
        let found = reckon(self.place, &self.person, &journal).await;
        assert!(journal.broken.is_empty(), "connections of clients broke: {:?}", journal.broken);
        assert!(found.contains(" 0 cut off and not charged"), "{found}");
        found
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_crashes_under_load_loses_and_doubles_nothing() {
    let crashes = if is_release_size() { 500 } else { 8 };
    let (seed, began) = (dice::seed(), Instant::now());
    let logs = tempfile::tempdir().unwrap();
    let server = OwnServer::start(logs.path()).await;
    let place = Place::on(&server.url).await;
    let load = Load::start(&place, seed).await;
    let mut dice = Dice::new(seed, u64::MAX);
    for _ in 0..crashes {
        load.until_more_than(load.driver.acknowledged().len() + 20).await;
        sleep(Duration::from_millis(dice.between(20, 700))).await;
        server.crash().await;
        load.check().await;
    }
    let found = load.end().await;
    place.close().await;
    println!("{crashes} crashes of PostgreSQL in {} s; {found}", began.elapsed().as_secs());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_stand_still_under_load_charge_everything_once() {
    // Beyond a lease of ten seconds, a sweep, and what PostgreSQL waits for an idle transaction.
    let (stops, longest) = if is_release_size() { (200, 30_000) } else { (4, 16_000) };
    let (seed, began) = (dice::seed(), Instant::now());
    let place = Place::new(Kind::Postgres).await;
    let load = Load::start(&place, seed).await;
    let mut dice = Dice::new(seed, u64::MAX);
    for n in 0..stops {
        load.until_more_than(load.driver.acknowledged().len() + 20).await;
        let node = &load.nodes[n % 2];
        node.process.signal("STOP").await;
        let stands = if n % 4 == 0 { longest } else { dice.between(200, 3_000) };
        sleep(Duration::from_millis(stands)).await;
        node.process.signal("CONT").await;
        load.check().await;
    }
    let found = load.end().await;
    place.close().await;
    println!("{stops} stops in {} s, the longest {longest} ms; {found}", began.elapsed().as_secs());
}
