//! Random lives of organizations on the real store and the sandbox: seats go up and down, cards fail, banks ask and are slow,
//! events come late, twice, backwards or never, nothing runs for weeks, and the program dies. After every step the rules
//! hold that RELIABILITY numbers I24 to I28.

use std::collections::BTreeMap;

use billing::Role;
use billing::period::Cadence;
use billing::seat::{Event, Plan, Seating, Wish};
use operations::dunning::{self, PayDue};
use operations::invitation::{self, Invite};
use operations::organization::CreatedOrganization;
use operations::payment::{self, Order, PaymentState, Way};
use operations::seat::{self, SeatChange};
use operations::{Caller, Error};
use sim::Random;
use store::{DebtEnd, InvoiceFilter};
use units::Instant;

use crate::desk::*;
use crate::world::*;

/// How many live in one world, on SQLite and on two nodes, and for how many steps.
const TOGETHER: usize = 30;
const ON_NODES: usize = 8;
const STEPS: usize = 20;

/// What a card can be: good, declining, declining twice, whose bank asks, whose bank is slow, and whose answers are lost.
const CARDS: [&str; 6] =
    [GOOD, DECLINES, "4000009999000022", "4000002760003184", "4000009999000105", "4000009999000204"];

/// How much happened, so that a run in which nothing happens cannot pass.
#[derive(Debug, Default)]
struct Tally {
    terms: usize,
    failed: usize,
    recovered: usize,
    suspended: usize,
    purged: usize,
    crashes: usize,
}

struct Life {
    world: World,
    random: Random,
    organizations: Vec<(CreatedOrganization, Instant)>,
    cards: BTreeMap<usize, u32>,
    way: Way,
    tally: Tally,
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
    async fn found(world: World, together: usize, seed: u64) -> Self {
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
        let (way, tally) = (Way::USUAL, Tally::default());
        Self { world, random, organizations, cards: BTreeMap::new(), way, tally, invited: 0 }
    }

    async fn live(mut self) -> Tally {
        for _ in 0..STEPS {
            self.pass_time().await;
            for at in 0..self.organizations.len() {
                if self.random.percent(40) {
                    self.act(at).await;
                }
            }
            if self.random.percent(10) {
                self.world.crash().await;
                self.tally.crashes += 1;
            }
            self.work().await;
            for at in 0..self.organizations.len() {
                self.check(at).await;
            }
        }
        // In the end everything that was told arrives, and nothing is open.
        self.way = Way::USUAL;
        self.world.wait(25 * 3_600);
        self.work().await;
        for at in 0..self.organizations.len() {
            self.check(at).await;
            self.check_money(at).await;
        }
        let report = store::verify(self.world.services().store.reader(), &mut |_| {}).await.unwrap();
        assert!(report.differences.is_empty(), "{:?}", report.differences);
        let Self { world, tally, .. } = self;
        world.close().await;
        tally
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
        loop {
            self.world.look().await;
            let (services, ctx) = (self.world.services(), self.world.ctx());
            if payment::deliver(services, &ctx, self.world.sandbox(), self.way).await.unwrap() == 0 {
                return;
            }
        }
    }

    async fn act(&mut self, at: usize) {
        let organization = self.organizations[at].0.organization;
        let count = 1 + self.random.below(4) as u32;
        let plan = [Plan::Teams, Plan::Enterprise][self.random.below(2) as usize];
        let cadence = [Cadence::Monthly, Cadence::Yearly][self.random.weighted(&[85, 15])];
        match self.random.below(15) {
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
                self.world.add_card(self.organizations[at].0.wallet, card).await;
                *self.cards.entry(at).or_default() += 1;
            }
            12 => self.pay(at).await,
            13 => self.invite(organization).await,
            _ => {
                let order = [Order::Normal, Order::Reverse, Order::Never][self.random.weighted(&[50, 25, 25])];
                self.way = Way { order, times: 1 + self.random.below(2) as u32 };
            }
        }
    }

    async fn order(&mut self, organization: units::OrganizationId, wish: Wish) {
        let ordered = answered(order(&self.world, organization, wish).await);
        if let Some(bought) = ordered.and_then(|ordered| ordered.payment) {
            self.answer(&bought).await;
        }
    }

    async fn pay(&mut self, at: usize) {
        let (wallet, caller) = (self.organizations[at].0.wallet, Caller::Operator);
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

    async fn invite(&mut self, organization: units::OrganizationId) {
        self.invited += 1;
        let email = format!("p{}@example.com", self.invited);
        let request = Invite { organization, email, role: Role::Member };
        let invited = invitation::invite(self.world.services(), &self.world.ctx(), &Caller::Operator, request).await;
        let Some(row) = answered(invited) else { return };
        let (_, caller) = self.world.person(&format!("p{}", self.invited)).await;
        _ = answered(invitation::accept(self.world.services(), &self.world.ctx(), &caller, row.id).await);
    }

    async fn check(&mut self, at: usize) {
        let (found, trial_ends_at) = &self.organizations[at];
        let (services, now) = (self.world.services(), self.world.ctx().now);
        let shown = seat::show(services, &self.world.ctx(), &Caller::Operator, found.organization).await.unwrap();
        // I27: what is taken is there, and stays after the renewal.
        assert!(shown.counts.members + shown.counts.invited <= shown.seating.staying(), "{shown:?}");
        // The history is the state, its terms follow each other, and none was skipped or billed twice (I25, I26).
        let reader = services.store.reader();
        let mut events = reader.list_seat_events(found.organization, None, u32::MAX).await.unwrap();
        events.reverse();
        let trial = services.catalog.current().trial.seats;
        let mut folded = Seating::on_trial(trial, *trial_ends_at);
        let mut expected = Vec::new();
        for row in &events {
            if let Event::Renewed { term, .. } = &row.event {
                let before = folded.subscription.as_ref().unwrap().term;
                assert_eq!((before.anchor, before.end()), (term.anchor, term.start()), "terms have no gap");
                expected.push((term.anchor, term.month));
            }
            folded.apply(&row.event);
        }
        assert_eq!(folded, shown.seating);
        let debts = debts(&self.world, found).await;
        let billed: Vec<_> = debts.iter().map(|row| (row.key.anchor, row.key.month)).collect();
        expected.sort();
        assert_eq!(billed, expected);
        // I28: the ladder is kept, and where the wallet stands follows from it.
        let catalog = services.catalog.current();
        let rules = &catalog.dunning;
        let most = 1 + rules.retry_days.len() as u32;
        let mut worst = "active";
        for row in &debts {
            assert!(row.debt.failures <= most, "{row:?}");
            let Some(ladder) = row.debt.ladder(rules).filter(|_| row.closed.is_none()) else { continue };
            worst = match ladder.purges_at {
                Some(purges_at) if purges_at <= now => "purged",
                _ if ladder.grace_ends_at <= now => "suspended",
                _ => "grace",
            };
            if worst == "suspended" {
                self.tally.suspended += 1;
            }
        }
        assert_eq!(shown.status.name(), worst, "{debts:?}");
        assert!(debts.iter().filter(|row| row.closed.is_none() && row.purged_at.is_none()).count() <= 1);
    }

    /// Every payment has one invoice when it is paid and none when it is not, and was taken at most once.
    async fn check_money(&mut self, at: usize) {
        let (found, _) = &self.organizations[at];
        let reader = self.world.services().store.reader();
        let filter = InvoiceFilter { wallet: Some(found.wallet), ..InvoiceFilter::default() };
        let documents = reader.list_invoices(filter, None, u32::MAX).await.unwrap();
        for payment in self.world.payments(found.wallet).await {
            let invoices = documents.iter().filter(|it| it.payment == payment.id && it.refund.is_none()).count();
            assert_eq!(invoices, usize::from(payment.paid_at.is_some()), "{payment:?}");
            let attempt = reader.find_attempt(payment.id).await.unwrap().unwrap();
            assert_eq!(attempt.state == "succeeded", payment.paid_at.is_some(), "{attempt:?}");
            assert_eq!(payment.credited_at, None);
        }
        for row in debts(&self.world, found).await {
            self.tally.terms += 1;
            self.tally.failed += usize::from(row.debt.failed_at.is_some());
            self.tally.purged += usize::from(row.purged_at.is_some());
            let is_paid = matches!(row.closed, Some((_, DebtEnd::Paid)));
            self.tally.recovered += usize::from(is_paid && row.debt.failed_at.is_some());
            if let Some(payment) = row.payment {
                assert_eq!(reader.find_payment(payment).await.unwrap().unwrap().paid_at.is_some(), is_paid, "{row:?}");
            }
        }
    }
}

/// More than a hundred organizations; ten thousand with `TARE_TEST_SIZE=release`. `TARE_TEST_SEED` begins elsewhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn organizations_live_by_the_rules() {
    let is_release = std::env::var("TARE_TEST_SIZE").is_ok_and(|size| size == "release");
    let worlds = if is_release { 334 } else { 4 };
    let first = std::env::var("TARE_TEST_SEED").map_or(1, |text| text.parse().expect("a number"));
    let mut all = Tally::default();
    for seed in first..first + worlds {
        println!("seed {seed}; TARE_TEST_SEED={seed} begins with it");
        let tally = Life::found(World::sqlite().await, TOGETHER, seed).await.live().await;
        all.terms += tally.terms;
        all.failed += tally.failed;
        all.recovered += tally.recovered;
        all.suspended += tally.suspended;
        all.purged += tally.purged;
        all.crashes += tally.crashes;
    }
    println!("{} organizations, {STEPS} steps each: {all:?}", worlds as usize * TOGETHER);
    assert!(all.terms > 100 && all.failed > 20 && all.recovered > 5, "{all:?}");
    assert!(all.suspended > 10 && all.purged > 0 && all.crashes > 5, "{all:?}");
}

/// The same on two nodes that share a database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_do_so_on_two_nodes() {
    for seed in 9_001..9_003 {
        println!("seed {seed}");
        Life::found(World::postgres().await, ON_NODES, seed).await.live().await;
    }
}
