//! Random lives of organizations on the real store and the sandbox: seats go up and down, credits are used and topped up,
//! cards fail, banks ask and are slow, events come late, twice, backwards or never, the line to the processor is bad,
//! nothing runs for weeks, and the program dies, also in the middle of a call. After every step the rules hold that
//! RELIABILITY numbers I23 to I28.

use std::ops::Range;

use billing::Role;
use billing::period::Cadence;
use billing::seat::{Plan, Wish};
use operations::dunning::{self, PayDue};
use operations::invitation::{self, Invite};
use operations::organization::CreatedOrganization;
use operations::payment::{self, Order, PaymentState, Way};
use operations::seat::SeatChange;
use operations::top_up;
use operations::{Caller, Error};
use sim::Random;
use units::{Amount, Cost, Instant, OrganizationId, WalletId};

use crate::audit::{Tally, audit, audit_debts};
use crate::desk::*;
use crate::line::Line;
use crate::top_ups::{TopUps, audit_payments, audit_top_up, audit_watch};
use crate::weather::{bad_weather, draw_wish, seeds};
use crate::world::*;

/// How many live in one world, on SQLite and on two nodes, and for how many steps.
const TOGETHER: usize = 30;
const ON_NODES: usize = 8;
const STEPS: usize = 20;

/// What a card can be: good, declining, declining twice, whose bank asks, whose bank is slow, and whose answers are lost.
const CARDS: [&str; 6] =
    [GOOD, DECLINES, "4000009999000022", "4000002760003184", "4000009999000105", "4000009999000204"];

/// What is left to happen when a life is over.
const ENDS: [i64; 5] = [25 * 3_600, 61, 3_601, 25 * 3_600, 3_601];

struct Life {
    world: World,
    line: Line,
    random: Random,
    organizations: Vec<(CreatedOrganization, Instant)>,
    way: Way,
    tally: Tally,
    top_ups: TopUps,
    invited: usize,
}

/// Refusals are answers. Everything else is not.
fn answered<T>(result: Result<T, Error>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(Error::Fault(fault)) => panic!("{fault}"),
        Err(_) => None,
    }
}

impl Life {
    async fn found(mut world: World, together: usize, seed: u64) -> Self {
        let line = Line::before(&mut world);
        let (_, owner) = world.person("ana").await;
        let (mut organizations, mut random) = (Vec::new(), Random::new(seed));
        for _ in 0..together {
            let founded = found(&world, &owner, GOOD).await;
            organizations.push((founded, seating(&world, founded.organization).await.trial_ends_at));
            // Most begin with a plan; the others may find one, or lose their trial.
            if random.percent(80) {
                order(&world, founded.organization, TEAMS).await.unwrap();
            }
        }
        let (way, tally, top_ups) = (Way::USUAL, Tally::default(), TopUps::default());
        Self { world, line, random, organizations, way, tally, top_ups, invited: 0 }
    }

    async fn live(mut self) -> (Tally, TopUps) {
        for _ in 0..STEPS {
            if self.random.percent(25) {
                self.line.hit(&bad_weather(&mut self.random));
            }
            self.pass_time().await;
            for at in 0..self.organizations.len() {
                if self.random.percent(55) {
                    self.act(at).await;
                }
            }
            if self.random.percent(10) {
                self.world.crash().await;
                self.line.rejoin(&mut self.world);
                self.tally.crashes += 1;
            }
            self.work().await;
            self.line.mend();
            self.check().await;
        }
        // In the end everything that was told arrives, and nothing is open.
        self.way = Way::USUAL;
        for seconds in ENDS {
            self.world.wait(seconds);
            self.work().await;
        }
        self.check().await;
        self.check_money().await;
        let report = store::verify(self.world.services().store.reader(), &mut |_| {}).await.unwrap();
        assert!(report.differences.is_empty(), "{:?}", report.differences);
        let Self { world, tally, top_ups, .. } = self;
        world.close().await;
        (tally, top_ups)
    }

    /// Some days, on half of which nothing runs.
    async fn pass_time(&mut self) {
        let days = [0, 1, 6, 40][self.random.weighted(&[10, 30, 35, 25])];
        let seconds = self.random.below(days * 86_400 + 3_600) as i64;
        let steps = if self.random.percent(50) { 1 + seconds / 43_200 } else { 1 };
        for _ in 0..steps {
            self.world.wait(seconds / steps);
            self.work().await;
        }
    }

    /// Everything that is due; the processor's events arrive as they do now.
    async fn work(&mut self) {
        self.tally.deaths += self.line.work(&mut self.world, self.way).await;
    }

    /// Somebody does something, and the node that does it for them may die of it.
    async fn act(&mut self, at: usize) {
        let line = self.line.faulty();
        let survived = line.unless_we_die(self.try_to_act(at)).await;
        if survived.is_none() {
            self.tally.deaths += 1;
            self.line.bury(&mut self.world).await;
        }
    }

    async fn try_to_act(&mut self, at: usize) {
        let CreatedOrganization { organization, wallet, .. } = self.organizations[at].0;
        let count = 1 + self.random.below(4) as u32;
        let plan = [Plan::Teams, Plan::Enterprise][self.random.below(2) as usize];
        let cadence = [Cadence::Monthly, Cadence::Yearly][self.random.weighted(&[85, 15])];
        match self.random.below(22) {
            0 | 1 => self.order(organization, Wish::Subscribe { plan, cadence, seats: count + 2 }).await,
            2 | 3 => self.order(organization, Wish::Add { seats: count }).await,
            4 => self.order(organization, Wish::Plan { plan }).await,
            5 => _ = answered(change(&self.world, organization, SeatChange::Remove { seats: count }).await),
            6 => _ = answered(change(&self.world, organization, SeatChange::UndoRemoval { seats: count }).await),
            7 => _ = answered(change(&self.world, organization, SeatChange::Cadence(cadence)).await),
            8 => {
                let wish = if self.random.percent(30) { SeatChange::Cancel } else { SeatChange::Resume };
                _ = answered(change(&self.world, organization, wish).await);
            }
            9..=11 => {
                let card = CARDS[self.random.weighted(&[30, 28, 12, 12, 12, 6])];
                self.world.add_card(wallet, card).await;
            }
            12 => self.pay(wallet).await,
            13 => self.invite(organization).await,
            14 => {
                let order = [Order::Normal, Order::Reverse, Order::Never][self.random.weighted(&[50, 25, 25])];
                self.way = Way { order, times: 1 + self.random.below(2) as u32 };
            }
            15..=18 => self.spend(wallet).await,
            _ => self.top_up(wallet).await,
        }
    }

    async fn order(&mut self, organization: OrganizationId, wish: Wish) {
        let ordered = answered(order(&self.world, organization, wish).await);
        if let Some(bought) = ordered.and_then(|ordered| ordered.payment) {
            self.answer(&bought).await;
        }
    }

    async fn pay(&mut self, wallet: WalletId) {
        let caller = Caller::Operator;
        let request = PayDue { caller, wallet, card: None, return_url: "http://localhost/".to_owned(), from: None };
        let paid = dunning::pay_due(self.world.services(), &self.world.ctx(), request).await;
        for bought in answered(paid).unwrap_or_default() {
            self.answer(&bought).await;
        }
    }

    /// Most people answer their bank, some with no, and some never.
    async fn answer(&mut self, bought: &payment::Bought) {
        let PaymentState::ActionRequired { page } = &bought.state else { return };
        let object = page.rsplit('/').next().unwrap();
        match self.random.below(4) {
            0 => {}
            choice => _ = self.world.sandbox().answer_payment(object, choice != 1).await.unwrap(),
        }
    }

    async fn invite(&mut self, organization: OrganizationId) {
        self.invited += 1;
        let email = format!("p{}@example.com", self.invited);
        let request = Invite { organization, email, role: Role::Member };
        let invited = invitation::invite(self.world.services(), &self.world.ctx(), &Caller::Operator, request).await;
        let Some(row) = answered(invited) else { return };
        let (_, caller) = self.world.person(&format!("p{}", self.invited)).await;
        _ = answered(invitation::accept(self.world.services(), &self.world.ctx(), &caller, row.id).await);
    }

    /// Some of what is there, or all of it; also what still ran when the wallet was suspended.
    async fn spend(&mut self, wallet: WalletId) {
        let available = self.world.available(wallet).await;
        let wanted = match self.random.below(3) {
            0 => available,
            _ => Amount::from_nanos(1 + self.random.below(600_000_000_000) as i64),
        };
        let amount = wanted.min(available);
        if amount.is_positive() {
            self.world.charge(wallet, &Cost::from(amount).to_string()).await;
        }
    }

    async fn top_up(&mut self, wallet: WalletId) {
        let (services, ctx, caller) = (self.world.services(), self.world.ctx(), Caller::Operator);
        match self.random.below(8) {
            0 => _ = answered(top_up::turn_off(services, &ctx, &caller, wallet).await),
            1..=3 => _ = answered(top_up::resume(services, &ctx, &caller, wallet).await),
            _ => {
                let wish = draw_wish(&mut self.random, &[100, 500, 1_000]);
                _ = answered(self.world.turn_on(wallet, wish).await);
            }
        }
    }

    async fn check(&mut self) {
        for (found, trial_ends_at) in &self.organizations {
            audit(&self.world, found, *trial_ends_at, &mut self.tally).await;
            audit_watch(&self.world, found.wallet, &mut self.top_ups).await;
        }
    }

    /// All the processor ever charged is what is paid, whoever died meanwhile.
    async fn check_money(&mut self) {
        let mut paid = 0;
        for (found, _) in &self.organizations {
            audit_debts(&self.world, found, &mut self.tally).await;
            audit_top_up(&self.world, found.wallet, &mut self.top_ups).await;
            paid += audit_payments(&self.world, found.wallet).await;
        }
        assert_eq!(self.line.charged(&self.world).await, paid, "I24: charges and payments");
    }
}

/// Lives one world after the other.
async fn live<F: Future<Output = World>>(
    name: &str,
    together: usize,
    seeds: Range<u64>,
    open: impl Fn() -> F,
) -> Tally {
    let (mut all, mut top_ups) = (Tally::default(), TopUps::default());
    for seed in seeds.clone() {
        println!("{name}: TARE_TEST_SEED={seed} begins with it");
        let (tally, of_credits) = Life::found(open().await, together, seed).await.live().await;
        all.add(&tally);
        top_ups.add(&of_credits);
    }
    let lives = seeds.clone().count() * together;
    println!("{name}: {lives} organizations, {STEPS} steps each, from seed {}: {all:?}, {top_ups:?}", seeds.start);
    assert!(all.terms > 0 && all.failed > 0 && all.deaths > 0 && top_ups.paid > 0, "{all:?}, {top_ups:?}");
    all
}

/// More than a hundred organizations; ten thousand with `TARE_TEST_SIZE=release`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn organizations_live_by_the_rules() {
    let all = live("sqlite", TOGETHER, seeds(4, 334), World::sqlite).await;
    assert!(all.terms > 100 && all.failed > 20 && all.recovered > 5 && all.deaths > 5, "{all:?}");
    assert!(all.suspended > 10 && all.purged > 0 && all.crashes > 0, "{all:?}");
}

/// The same on two nodes that share a database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_do_so_on_two_nodes() {
    live("postgres", ON_NODES, seeds(2, 125), World::postgres).await;
}
