//! Kills in a row, and the reckoning.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::time::sleep;
use units::{Amount, Cost};

use super::driver::{Driver, Journal, Told};
use super::judge::{Found, Tales, judge};
use crate::books::{Books, by_tag};
use crate::dice::{self, Dice};
use crate::servers::{Kind, Node, Person, Place};

/// A lease of the test's catalog and the pause between two sweeps; the rest is for a busy machine.
const UNTIL_SWEPT: Duration = Duration::from_secs(10 + 5 + 15);

/// How long the tables may stay behind what was acknowledged, on a busy machine.
const UNTIL_WRITTEN: Duration = Duration::from_secs(30);

pub async fn run(kind: Kind, nodes: usize, kills: u64, campaigns: u64) {
    let seed = dice::seed();
    for n in 0..campaigns {
        campaign(kind, nodes, kills, seed.wrapping_add(n)).await;
    }
}

async fn campaign(kind: Kind, nodes: usize, kills: u64, seed: u64) {
    let began = Instant::now();
    let place = Place::new(kind).await;
    let person = place.person("ana@example.com", "1000").await;
    let driver = Driver::start(seed, &person);
    let mut servers = Servers::start(&place, nodes, &driver).await;
    let mut dice = Dice::new(seed, u64::MAX);
    let mut seen = HashSet::new();
    for _ in 0..kills {
        sleep(life(&mut dice)).await;
        servers.kill(&mut dice).await;
        let acknowledged = driver.acknowledged();
        servers.restart(&driver).await;
        place.verify().await;
        let fresh = acknowledged.iter().filter(|(tag, _)| !seen.contains(*tag)).collect();
        are_charged(&place, &person, &fresh).await;
        seen.extend(acknowledged.into_keys());
    }
    let last_kill = Instant::now();
    let journal = driver.stop().await;
    place.upstream.idle().await;
    let swept = until_nothing_is_held(&place.books().await, &person, last_kill).await;
    servers.stop().await;
    place.verify().await;
    let found = reckon(&place, &person, &journal).await;
    place.close().await;
    println!(
        "{kind:?}, {nodes} servers, seed {seed}: {kills} kills in {} s; {found}; nothing held {} s after the last kill",
        began.elapsed().as_secs(),
        swept.as_secs()
    );
}

/// How long a server may live: most die young, while clients are still finding it; some live for a while.
fn life(dice: &mut Dice) -> Duration {
    let most = if dice.between(0, 4) == 0 { 1_500 } else { 250 };
    Duration::from_millis(dice.between(20, most))
}

/// The servers of a place, of which some are dead for a moment.
struct Servers<'p> {
    place: &'p Place,
    nodes: Vec<Option<Node>>,
}

impl<'p> Servers<'p> {
    async fn start(place: &'p Place, count: usize, driver: &Driver) -> Self {
        let mut servers = Self { place, nodes: (0..count).map(|_| None).collect() };
        servers.restart(driver).await;
        servers
    }

    /// Kills one of them, or all.
    async fn kill(&mut self, dice: &mut Dice) {
        let chosen = dice.between(0, self.nodes.len() as u64) as usize;
        let is_chosen = |at: usize| at == chosen || chosen == self.nodes.len();
        let dead: Vec<usize> = (0..self.nodes.len()).filter(|at| is_chosen(*at)).collect();
        for at in dead {
            self.nodes[at].take().expect("all were started").process.kill().await;
        }
    }

    /// Starts those that are dead.
    async fn restart(&mut self, driver: &Driver) {
        for node in self.nodes.iter_mut().filter(|node| node.is_none()) {
            *node = Some(self.place.serve().await);
        }
        driver.aim(self.nodes.iter().flatten().map(|node| node.url.clone()).collect());
    }

    async fn stop(self) {
        join_all(self.nodes.into_iter().flatten().map(Node::stop)).await;
    }
}

/// Each of these answers is charged with the cost that it named. A server that runs may write its tables a moment
/// after it answered, so a process beside it has some patience.
pub async fn are_charged(place: &Place, person: &Person, told: &HashMap<&String, &Told>) {
    let began = Instant::now();
    let rows = loop {
        let tags = told.keys().map(|tag| tag.as_str()).collect();
        let rows = place.books().await.latest_charges(person.wallet, tags).await;
        let charges = by_tag(&rows);
        match told.iter().find(|(tag, _)| !charges.contains_key(tag.as_str())) {
            None => break rows,
            Some((tag, told)) if began.elapsed() > UNTIL_WRITTEN => {
                panic!("{tag} was acknowledged and is lost: {told:?}")
            }
            Some(_) => sleep(Duration::from_millis(50)).await,
        }
    };
    let charges = by_tag(&rows);
    for (tag, told) in told {
        let row = charges[tag.as_str()];
        assert_eq!(row.charge.cost, told.cost, "{tag}");
        assert_eq!(row.usage.as_ref().unwrap().request.to_string(), told.request, "{tag}");
    }
}

/// What a dead server held is free when its lease has run out and the next sweep came.
pub async fn until_nothing_is_held(books: &Books, person: &Person, last_kill: Instant) -> Duration {
    loop {
        let wallet = books.wallet(person.wallet).await;
        if wallet.holds().count() == 0 {
            assert_eq!(wallet.held(), Amount::ZERO);
            return last_kill.elapsed();
        }
        assert!(last_kill.elapsed() < UNTIL_SWEPT, "a hold outlives its lease: {wallet:?}");
        sleep(Duration::from_millis(100)).await;
    }
}

/// Lays the provider's truth, the clients' journal and the books side by side. Says what was found.
pub async fn reckon(place: &Place, person: &Person, journal: &Journal) -> String {
    let calls = place.upstream.calls().await;
    let books = place.books().await;
    let rows = books.charges(person.wallet).await;
    let balance = books.balance(person.wallet).await;
    let tales = Tales { calls: &calls, journal, rows: &rows, granted: person.granted, balance };
    let Found { acknowledged, unseen, cut_off, lost } = judge(&tales).unwrap_or_else(|wrong| panic!("{wrong}"));
    let charged: Cost = rows.iter().map(|row| row.charge.cost).sum();
    let billed = place.upstream.sum().await.billed;
    assert_eq!(charged.checked_add(lost).unwrap(), billed, "what is charged is what is billed, less what was cut off");
    assert!(rows.iter().all(|row| row.charge.lost.is_zero()), "the platform lost something");
    assert!(acknowledged > calls.len() / 4, "the load was too small to show anything");
    format!(
        "{} calls, {acknowledged} acknowledged and each charged once, {unseen} charged whose client saw no end, \
         {cut_off} cut off and not charged ({lost} of {billed})",
        calls.len(),
    )
}
