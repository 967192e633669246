//! Random lives of people with a pass: they use, change, cancel, come back, do not pay, pay late; events come late, twice
//! or never; nothing runs for weeks; and the program dies wherever it stands. Whatever happens, [`crate::audit`] holds.
//!
//! `TARE_TEST_SIZE=release` lives ten thousand; `TARE_TEST_SEED` begins elsewhere.

use std::sync::Arc;
use std::time::Duration;

use billing::period::Cadence;
use billing::top_up::Wish;
use operations::payment::{self, Order, Way};
use operations::{Caller, Door, jobs, pass};
use sim::Random;
use units::{Amount, Cost, Seconds, WalletId};

use crate::audit::{Tally, audit};
use crate::world::{GOOD, World};

/// How many people live in one world, and how many things happen to all of them together.
const PEOPLE: usize = 20;
const STEPS: usize = 340;

const CARDS: [&str; 6] = [
    GOOD,
    GOOD,
    "4000000000000341", // declines
    "4000009999000022", // declines twice, then pays
    "4000009999000105", // its bank answers by an event alone
    "4000009999000204", // the answer to its payment is lost
];
const ASKS: &str = "4000002760003184";

struct Lives {
    world: World,
    random: Random,
    people: Vec<WalletId>,
    way: Way,
}

impl Lives {
    async fn begin(world: World, seed: u64) -> Self {
        let mut lives = Self { world, random: Random::new(seed), people: Vec::new(), way: Way::USUAL };
        for number in 0..PEOPLE {
            let wallet = lives.world.subscriber(&format!("person-{number}"), GOOD).await;
            if number % 4 == 0 {
                lives.world.turn_on(wallet, Wish::default()).await.unwrap();
            }
            lives.people.push(wallet);
        }
        lives
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.random.below(bound)
    }

    async fn live(&mut self) {
        let is_steady = self.random.percent(50);
        for _ in 0..STEPS {
            let wait = [0, 3_600, 86_400, 5 * 86_400, 45 * 86_400][self.random.weighted(&[40, 30, 20, 9, 1])];
            let target = self.world.ctx().now.plus(Seconds(self.below(wait + 1) as i64));
            match is_steady || self.random.percent(50) {
                true => self.live_until(target).await,
                false => self.world.sleep_until(target),
            }
            self.act().await;
            if self.random.percent(70) {
                self.work().await;
            }
        }
        // What was on its way arrives, what can be paid is paid, and everything has time to end.
        self.way = Way::USUAL;
        let end = self.world.ctx().now.plus_days(9);
        self.live_until(end).await;
    }

    async fn live_until(&mut self, end: units::Instant) {
        loop {
            self.work().await;
            let (now, reader) = (self.world.ctx().now, self.world.services().store.reader());
            let due = [
                reader.next_due_job(now).await.unwrap(),
                reader.next_due_watch(now).await.unwrap(),
                self.world.sandbox().next_due(now).await.unwrap(),
            ];
            match due.into_iter().flatten().min().filter(|at| *at <= end) {
                Some(at) => self.world.sleep_until(at),
                None => break,
            }
        }
        self.world.sleep_until(end);
        self.work().await;
    }

    /// Everything that is to be done is done, and what the processor tells is heard in the way of these days.
    async fn work(&mut self) {
        loop {
            self.world.look().await;
            let (services, ctx) = (self.world.services(), self.world.ctx());
            if payment::deliver(services, &ctx, self.world.sandbox(), self.way).await.unwrap() == 0 {
                return;
            }
        }
    }

    async fn act(&mut self) {
        let wallet = *self.random.pick(&self.people).unwrap();
        match self.random.weighted(&[40, 14, 4, 4, 4, 10, 6, 3, 3, 2]) {
            0 => self.spend(wallet).await,
            1 => self.subscribe(wallet).await,
            2 => {
                let (tier, cadence) = self.draw_tier();
                let tier = crate::world::dollars(tier);
                let (services, ctx) = (self.world.services(), self.world.ctx());
                let _ = pass::change(services, &ctx, &Caller::Operator, wallet, tier, cadence).await;
            }
            3 => {
                let (services, ctx) = (self.world.services(), self.world.ctx());
                let _ = pass::cancel(services, &ctx, &Caller::Operator, wallet).await;
            }
            4 => {
                let (services, ctx) = (self.world.services(), self.world.ctx());
                let _ = pass::resume(services, &ctx, &Caller::Operator, wallet).await;
            }
            5 => {
                let card = *self.random.pick(&CARDS).unwrap();
                self.world.add_card(wallet, card).await;
            }
            6 => {
                if let Ok(bought) = self.world.pay_due(wallet).await {
                    let says_yes = self.random.percent(70);
                    for bought in bought {
                        self.world.answer(&bought, says_yes).await;
                    }
                }
            }
            7 => {
                let order = [Order::Normal, Order::Reverse, Order::Never][self.below(3) as usize];
                self.way = Way { order, times: 1 + self.below(3) as u32 };
            }
            8 => self.die_at_work().await,
            _ => self.world.crash().await,
        }
    }

    fn draw_tier(&mut self) -> (i64, Cadence) {
        let tier = [19, 19, 49, 199][self.below(4) as usize];
        (tier, if self.random.percent(15) { Cadence::Yearly } else { Cadence::Monthly })
    }

    async fn subscribe(&mut self, wallet: WalletId) {
        if self.random.percent(15) {
            self.world.add_card(wallet, ASKS).await;
        }
        let (tier, cadence) = self.draw_tier();
        if let Ok(bought) = self.world.subscribe(wallet, tier, cadence).await
            && self.random.percent(80)
        {
            let says_yes = self.random.percent(80);
            self.world.answer(&bought, says_yes).await;
        }
    }

    /// Some of what is there, or all of it, or what is missing for the bonus to the nanodollar.
    async fn spend(&mut self, wallet: WalletId) {
        let available = self.world.available(wallet).await;
        let missing =
            self.world.pass(wallet).await.figures.map(|figures| figures.needed.nanos() - figures.used.nanos());
        let wanted = match (self.below(4), missing) {
            (0, _) => available,
            (1, Some(missing)) if missing > 0 => Amount::from_nanos(missing - (self.below(2) as i64)),
            _ => Amount::from_nanos(1 + self.below(30_000_000_000) as i64),
        };
        let amount = wanted.min(available);
        if amount.is_positive() {
            self.world.charge(wallet, &Cost::from(amount).to_string()).await;
        }
    }

    /// The program works, and is gone in the middle of it.
    async fn die_at_work(&mut self) {
        let (services, clock) = (self.world.services().clone(), self.world.clock.clone());
        let working = tokio::spawn(async move {
            jobs::watch(&services, &clock.context()).await.unwrap();
            let door: Arc<dyn Door> = Arc::new(clock);
            jobs::run(&services, &door).await.unwrap();
        });
        tokio::time::sleep(Duration::from_micros(self.below(6_000))).await;
        working.abort();
        let _ = working.await;
        self.world.crash().await;
        // Whoever held a lease is gone: it runs out.
        self.world.wait(301);
    }
}

async fn live_in(world: World, seed: u64) -> Tally {
    let mut lives = Lives::begin(world, seed).await;
    lives.live().await;
    let mut tally = Tally::default();
    for wallet in lives.people.clone() {
        audit(&lives.world, wallet, &mut tally).await;
    }
    let report = store::verify(lives.world.services().store.reader(), &mut |_| {}).await.unwrap();
    assert!(report.is_clean(), "{:?}", report.differences);
    lives.world.close().await;
    tally
}

fn seeds(worlds: u64) -> std::ops::Range<u64> {
    let is_release = std::env::var("TARE_TEST_SIZE").is_ok_and(|size| size == "release");
    let first = std::env::var("TARE_TEST_SEED").map_or(1, |text| text.parse().expect("a number"));
    first..first + if is_release { 10_000 / PEOPLE as u64 } else { worlds }
}

async fn live<F: Future<Output = World>>(name: &str, worlds: u64, open: impl Fn() -> F) {
    let (mut all, seeds) = (Tally::default(), seeds(worlds));
    for seed in seeds.clone() {
        println!("{name}: TARE_TEST_SEED={seed}");
        all.add(&live_in(open().await, seed).await);
    }
    println!("{name}: {} lives from seed {}: {all:?}", seeds.clone().count() * PEOPLE, seeds.start);
    assert!(all.terms > 0 && all.bonuses > 0 && all.failures > 0 && all.ended > 0, "{all:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_live_by_the_rules_on_sqlite() {
    live("sqlite", 6, World::sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_live_by_the_rules_on_postgres() {
    live("postgres", 1, World::postgres).await;
}
