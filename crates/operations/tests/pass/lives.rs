//! Random lives of people with a pass: they use, top up, change, cancel, come back, do not pay, pay late; events come late,
//! twice or never; the line to the processor is bad; nothing runs for weeks; and the program dies wherever it stands, also
//! in the middle of a call. Whatever happens, [`crate::audit`] and [`crate::top_ups`] hold.
//!
//! `TARE_TEST_SIZE=release` lives ten thousand.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use billing::period::Cadence;
use operations::payment::{Order, Way};
use operations::{Caller, Door, jobs, pass, top_up};
use sim::Random;
use units::{Amount, Cost, Seconds, WalletId};

use crate::audit::{Tally, audit};
use crate::line::Line;
use crate::top_ups::{TopUps, audit_payments, audit_top_up, audit_watch};
use crate::weather::{bad_weather, draw_wish, seeds};
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
    line: Line,
    random: Random,
    people: Vec<WalletId>,
    way: Way,
    tally: Tally,
    top_ups: TopUps,
}

impl Lives {
    async fn begin(mut world: World, seed: u64) -> Self {
        let (line, random, way) = (Line::before(&mut world), Random::new(seed), Way::USUAL);
        let mut people = Vec::new();
        for number in 0..PEOPLE {
            people.push(world.subscriber(&format!("person-{number}"), GOOD).await);
        }
        Self { world, line, random, people, way, tally: Tally::default(), top_ups: TopUps::default() }
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
            if self.random.percent(15) {
                self.line.hit(&bad_weather(&mut self.random));
            }
            let wallet = *self.random.pick(&self.people).unwrap();
            self.act(wallet).await;
            if self.random.percent(70) {
                self.work().await;
                audit_watch(&self.world, wallet, &mut self.top_ups).await;
            }
            if self.random.percent(50) {
                self.line.mend();
            }
        }
        // What was on its way arrives, what can be paid is paid, and everything has time to end.
        self.way = Way::USUAL;
        self.line.mend();
        let end = self.world.ctx().now.plus_days(9);
        self.live_until(end).await;
        self.audit().await;
    }

    /// All that is written down, and all that the processor ever charged, whoever died meanwhile.
    async fn audit(&mut self) {
        let mut paid = 0;
        for wallet in self.people.clone() {
            audit(&self.world, wallet, &mut self.tally).await;
            audit_watch(&self.world, wallet, &mut self.top_ups).await;
            audit_top_up(&self.world, wallet, &mut self.top_ups).await;
            paid += audit_payments(&self.world, wallet).await;
        }
        assert_eq!(self.line.charged(&self.world).await, paid, "I24: charges and payments");
        let report = store::verify(self.world.services().store.reader(), &mut |_| {}).await.unwrap();
        assert!(report.is_clean(), "{:?}", report.differences);
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
        self.tally.deaths += self.line.work(&mut self.world, self.way).await as u64;
    }

    /// Something happens to somebody, and the node that does it for them may die of it.
    async fn act(&mut self, wallet: WalletId) {
        match self.random.weighted(&[85, 3, 3, 2]) {
            0 => {
                let line = self.line.faulty();
                if line.unless_we_die(self.wish(wallet)).await.is_none() {
                    self.tally.deaths += 1;
                    self.line.bury(&mut self.world).await;
                }
            }
            1 => {
                let order = [Order::Normal, Order::Reverse, Order::Never][self.below(3) as usize];
                self.way = Way { order, times: 1 + self.below(3) as u32 };
            }
            2 => self.die_at_work().await,
            _ => {
                self.world.crash().await;
                self.line.rejoin(&mut self.world);
            }
        }
    }

    async fn wish(&mut self, wallet: WalletId) {
        match self.random.weighted(&[40, 14, 4, 4, 4, 10, 6, 6]) {
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
            _ => self.top_up(wallet).await,
        }
    }

    async fn top_up(&mut self, wallet: WalletId) {
        let (services, ctx, caller) = (self.world.services(), self.world.ctx(), Caller::Operator);
        match self.random.below(8) {
            0 => _ = top_up::turn_off(services, &ctx, &caller, wallet).await,
            1..=3 => _ = top_up::resume(services, &ctx, &caller, wallet).await,
            _ => {
                let wish = draw_wish(&mut self.random, &[20, 50, 100]);
                let _ = self.world.turn_on(wallet, wish).await;
            }
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
        self.line.mend();
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
        self.line.rejoin(&mut self.world);
        // Whoever held a lease is gone: it runs out.
        self.world.wait(301);
    }
}

async fn live<F: Future<Output = World>>(name: &str, seeds: Range<u64>, open: impl Fn() -> F) {
    let (mut all, mut top_ups) = (Tally::default(), TopUps::default());
    for seed in seeds.clone() {
        println!("{name}: TARE_TEST_SEED={seed} begins with it");
        let mut lives = Lives::begin(open().await, seed).await;
        lives.live().await;
        all.add(&lives.tally);
        top_ups.add(&lives.top_ups);
        lives.world.close().await;
    }
    let count = seeds.clone().count() * PEOPLE;
    println!("{name}: {count} lives from seed {}: {all:?}, {top_ups:?}", seeds.start);
    assert!(all.terms > 0 && all.bonuses > 0 && all.failures > 0 && all.ended > 0, "{all:?}");
    assert!(all.deaths > 0 && top_ups.paid > 0, "{all:?}, {top_ups:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_live_by_the_rules_on_sqlite() {
    live("sqlite", seeds(4, 500), World::sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_live_by_the_rules_on_postgres() {
    live("postgres", seeds(1, 50), World::postgres).await;
}
