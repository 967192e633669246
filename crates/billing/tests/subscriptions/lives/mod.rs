//! Random lives of subscriptions: people change their minds, cards fail, answers are lost and told again, and nothing
//! runs for weeks. After every step the rules hold that RELIABILITY numbers I24 to I28.

mod holder;
mod team;
mod till;

use std::panic::catch_unwind;

use sim::Random;
use units::{Instant, Seconds};

use crate::is_release;

/// How much happened, so that a run in which nothing happens cannot pass.
#[derive(Debug, Default)]
struct Tally {
    terms: u64,
    failures: u64,
    recovered: u64,
    suspended: u64,
    ended: u64,
    given_back: u64,
    lapsed: u64,
    bonuses: u64,
    /// Quotes that were held against what integers say by hand, and of them those that were charged.
    quotes: u64,
    charges: u64,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.terms += other.terms;
        self.failures += other.failures;
        self.recovered += other.recovered;
        self.suspended += other.suspended;
        self.ended += other.ended;
        self.given_back += other.given_back;
        self.lapsed += other.lapsed;
        self.bonuses += other.bonuses;
        self.quotes += other.quotes;
        self.charges += other.charges;
    }
}

/// Somebody whose days pass.
trait Life {
    fn now(&mut self) -> &mut Instant;
    fn random(&mut self) -> &mut Random;
    /// When something is due or arrives next.
    fn next_moment(&self) -> Option<Instant>;
    /// Does everything that is due.
    fn work(&mut self);
    /// Does something that nobody had to.
    fn act(&mut self);
    /// Holds everything against the rules.
    fn check(&mut self);
}

const STEPS: u64 = 80;

/// Some years. In half of the lives everything is done at its moment, in the others when somebody comes by.
fn pass_days(life: &mut impl Life) {
    let is_steady = life.random().percent(50);
    for _ in 0..STEPS {
        let days = [0, 1, 5, 40, 400][life.random().weighted(&[27, 30, 25, 17, 1])];
        let seconds = life.random().below(days * 86_400 + 3_600);
        let target = life.now().plus(Seconds(seconds as i64));
        while let Some(at) = life.next_moment().filter(|at| is_steady && *at < target) {
            *life.now() = at.max(*life.now());
            life.work();
        }
        *life.now() = target;
        life.work();
        life.act();
        life.work();
        life.check();
    }
}

/// Ten thousand lives with `TARE_TEST_SIZE=release`; `TARE_TEST_SEED` begins elsewhere.
fn live(name: &str, one: fn(Random) -> Tally) -> Tally {
    let lives = if is_release() { 10_000 } else { 600 };
    let first = std::env::var("TARE_TEST_SEED").map_or(1, |text| text.parse().expect("a number"));
    let mut all = Tally::default();
    for seed in first..first + lives {
        match catch_unwind(|| one(Random::new(seed))) {
            Ok(tally) => all.add(&tally),
            Err(_) => panic!("{name}: the life of seed {seed} went wrong; TARE_TEST_SEED={seed} begins with it"),
        }
    }
    println!("{name}: {lives} lives of {STEPS} steps from seed {first}: {all:?}");
    all
}

#[test]
fn organizations_live_by_the_rules() {
    let all = live("organizations", team::live);
    assert!(all.terms > 1_000 && all.failures > 500 && all.recovered > 100, "{all:?}");
    assert!(all.suspended > 50 && all.ended > 20 && all.given_back > 0, "{all:?}");
    assert!(all.quotes > 1_000 && all.charges > 1_000, "{all:?}");
}

#[test]
fn holders_of_a_pass_live_by_the_rules() {
    let all = live("holders", holder::live);
    assert!(all.terms > 1_000 && all.failures > 500 && all.recovered > 100, "{all:?}");
    assert!(all.lapsed > 50 && all.ended > 20 && all.bonuses > 500, "{all:?}");
}
