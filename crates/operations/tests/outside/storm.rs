//! A storm of events: one life of payments, refunds, disputes and warnings, told in any order, any number of times, late,
//! and on two nodes at once, ends in one state.
//!
//! The life is lived once, on a line that loses every answer: our rows say only that something was sent. Then its events
//! are told as a multiset that the seed draws, some of them before the answers that caused them, some a week late under a
//! new signature. `TARE_TEST_SIZE=release` draws 20,000 seeds.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use billing::Catalog;
use connectors::processor::sandbox::Sandbox;
use connectors::processor::{Processor, sign};
use ledger::LateSettle;
use operations::hold::{PlaceHold, SettleHold, place, settle};
use operations::payment::{self, PaymentState};
use operations::refund::{RefundPurchase, refund_purchase};
use operations::{Caller, Door, Services, jobs};
use store::{Scratch, Store};
use units::{Amount, HoldId, Instant, PaymentId, Seconds, WalletId};

use crate::dice::Dice;
use crate::faulty::{Call, Fault, Faulty};
use crate::payments::{buy, person_named};
use crate::world::{Clock, SECRET, World, scratch_folder};

/// What happens to one payment of the life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Bought; the answer was lost.
    Bought,
    /// Bought, and the bank asked the person, who said yes or no; nobody came back to us.
    Seen(bool),
    /// Bought and credited; then all of it was refunded, and that answer was lost.
    Refunded,
    /// Bought, credited, mostly used; then the payer contested it, and the bank decided.
    Contested { is_won: bool },
}

const LIFE: [(&str, &str, Part); 19] = [
    ("plain", "4242424242424242", Part::Bought),
    ("plain too", "5555555555554444", Part::Bought),
    ("declined", "4000000000000341", Part::Bought),
    ("slow bank", "4000009999000105", Part::Bought),
    ("lost answers", "4000009999000204", Part::Bought),
    ("seen", "4000002760003184", Part::Seen(true)),
    ("seen and declined", "4000008260003178", Part::Seen(true)),
    ("not seen", "4000000000003220", Part::Seen(false)),
    ("refunded", "4242424242424242", Part::Refunded),
    ("refunded slowly", "4000000000007726", Part::Refunded),
    ("refunded in vain", "4000000000005126", Part::Refunded),
    ("refunded unheard", "4000009999000204", Part::Refunded),
    ("contested: disputed", "4000000000000259", Part::Bought),
    ("contested: not received", "4000000000002685", Part::Bought),
    ("contested: asked about", "4000000000001976", Part::Bought),
    ("contested: twice", "4000000404000079", Part::Bought),
    ("contested: suspected", "4000000000005423", Part::Bought),
    ("contested: won", "4242424242424242", Part::Contested { is_won: true }),
    ("contested: lost", "4242424242424242", Part::Contested { is_won: false }),
];

/// Who lived it.
struct Life {
    wallets: Vec<WalletId>,
    events: Vec<Vec<u8>>,
    now: Instant,
}

async fn live(world: &mut World) -> Life {
    let line = Arc::new(Faulty::new(world.sandbox.clone()));
    let processor: Arc<dyn Processor> = line.clone();
    let good = world.services.outside.processor.replace(processor);
    let mut wallets = Vec::new();
    for (index, (name, card, part)) in LIFE.into_iter().enumerate() {
        let wallet = person_named(world, &format!("person-{index}@example.com"), card).await;
        wallets.push(wallet);
        let is_unheard = matches!(part, Part::Bought);
        if is_unheard {
            line.hit(Call::Confirm, &[Fault::AnswerLost]);
            line.hit(Call::Get, &[Fault::NotSent]);
        }
        let bought = buy(world, wallet, 20, "k").await.unwrap_or_else(|error| panic!("{name}: {error}"));
        match part {
            Part::Bought => assert_eq!(bought.state, PaymentState::Pending, "{name}"),
            Part::Seen(approves) => {
                let PaymentState::ActionRequired { page } = bought.state else { panic!("{name}: {bought:?}") };
                world.sandbox.answer_payment(page.rsplit('/').next().unwrap(), approves).await.unwrap();
            }
            Part::Refunded => refund_unheard(world, &line, wallet, bought.payment).await,
            Part::Contested { is_won } => {
                spend(world, wallet, 17).await;
                let attempt = world.services.store.reader().find_attempt(bought.payment).await.unwrap().unwrap();
                let object = attempt.foreign_id.unwrap();
                world.sandbox.open_dispute(&object, false).await.unwrap();
                world.sandbox.close_dispute(&object, is_won).await.unwrap();
            }
        }
    }
    world.services.outside.processor = good;
    let events: Vec<Vec<u8>> = world.sandbox.collect().await.unwrap().into_iter().map(|event| event.body).collect();
    assert!(events.len() >= 40, "{} events", events.len());
    Life { wallets, events, now: world.context().now }
}

async fn refund_unheard(world: &World, line: &Faulty, wallet: WalletId, payment: PaymentId) {
    line.hit(Call::Refund, &[Fault::AnswerLost]);
    let request = RefundPurchase {
        caller: Caller::Operator,
        wallet,
        payment,
        amount: None,
        reason: "not wanted".to_owned(),
        key: Some("r".to_owned()),
    };
    let refunded = refund_purchase(&world.services, &world.context(), request).await.unwrap();
    assert!(!refunded.is_paid);
}

async fn spend(world: &World, wallet: WalletId, dollars: i64) {
    let (hold, wanted) = (HoldId::from_uuid(world.context().ids.uuid()), Amount::from_dollars(dollars));
    let (lease, spender) = (Seconds(60), Default::default());
    let request = PlaceHold { wallet, hold, wanted, least: wanted, lease, is_fresh: true, spender };
    place(&world.services, &world.context(), request).await.unwrap();
    let request = SettleHold { wallet, hold, cost: wanted.into(), usage: None, late: LateSettle::Refuse };
    settle(&world.services, &world.context(), request).await.unwrap();
}

/// Tells these events on both nodes at once, each its half, with jobs in between.
async fn tell(nodes: &[Services; 2], clock: &Arc<Clock>, events: &[&[u8]]) {
    let halves = [0, 1].map(|half| {
        let mine: Vec<Vec<u8>> = events.iter().skip(half).step_by(2).map(|body| body.to_vec()).collect();
        let (services, clock) = (nodes[half].clone(), Arc::clone(clock));
        tokio::spawn(async move {
            let door: Arc<dyn Door> = clock.clone();
            for (index, body) in mine.iter().enumerate() {
                let ctx = clock.context();
                payment::receive_event(&services, &ctx, &sign(SECRET, body, ctx.now), body).await.unwrap();
                if index % 16 == half * 8 {
                    jobs::run(&services, &door).await.unwrap();
                }
            }
            jobs::run(&services, &door).await.unwrap();
        })
    });
    for half in halves {
        half.await.unwrap();
    }
}

/// One seed: the state in which it ends.
async fn storm(nodes: [Services; 2], sandbox: &Sandbox, clock: &Arc<Clock>, life: &Life, seed: u64) -> Vec<String> {
    let mut dice = Dice(seed);
    let (mut soon, mut late): (Vec<&[u8]>, Vec<&[u8]>) = (Vec::new(), Vec::new());
    for event in &life.events {
        for _ in 0..=dice.below(5) {
            if dice.below(6) == 0 { late.push(event) } else { soon.push(event) }
        }
    }
    dice.shuffle(&mut soon);
    dice.shuffle(&mut late);
    tell(&nodes, clock, &soon).await;
    // Banks have thought, payers have looked at their bills: more events, and those again that were told before.
    clock.wait(150);
    let news: Vec<Vec<u8>> = sandbox.collect().await.unwrap().into_iter().map(|event| event.body).collect();
    let mut news: Vec<&[u8]> = news.iter().flat_map(|body| vec![body.as_slice(); 1 + dice.below(2)]).collect();
    dice.shuffle(&mut news);
    tell(&nodes, clock, &news).await;
    clock.wait(7 * 24 * 3600);
    tell(&nodes, clock, &late).await;
    settle_all(&nodes[0], clock).await;
    state(&nodes[0], life, clock.context().now).await
}

/// Does what is written to be done later, until nothing is.
async fn settle_all(services: &Services, clock: &Arc<Clock>) {
    let door: Arc<dyn Door> = clock.clone();
    for _ in 0..200 {
        jobs::run(services, &door).await.unwrap();
        let now = clock.context().now;
        let Some(next) = services.store.reader().next_due_job(now).await.unwrap() else { return };
        clock.wait((next.micros() - now.micros()).div_euclid(1_000_000) + 1);
    }
    panic!("jobs never end");
}

/// What everybody has and owes, and how everything stands. Times and the order of the journal are not part of it.
async fn state(services: &Services, life: &Life, now: Instant) -> Vec<String> {
    let reader = services.store.reader();
    let mut lines = Vec::new();
    for ((name, ..), wallet) in LIFE.iter().zip(&life.wallets) {
        let books = reader.load_wallet(*wallet).await.unwrap().unwrap();
        let mut line = format!(
            "{name}: {} balance, {} held, {} available, {} owed;",
            books.balance(now),
            books.held(),
            books.available(now),
            books.receivable
        );
        for grant in reader.list_grants(*wallet, None, 100).await.unwrap() {
            write!(line, " {} {} {};", grant.source.name(), grant.amount, grant.left).unwrap();
        }
        for row in reader.list_payments(*wallet, None, 100).await.unwrap() {
            let attempt = reader.find_attempt(row.id).await.unwrap().unwrap();
            let (is_paid, is_credited) = (row.paid_at.is_some(), row.credited_at.is_some());
            write!(line, " {} {} {:?} {is_paid} {is_credited};", row.amount, attempt.state, attempt.code).unwrap();
            for refund in reader.list_card_refunds(row.id).await.unwrap() {
                write!(line, " refund {} {};", refund.amount, refund.state).unwrap();
            }
            for contest in reader.list_contests(row.id).await.unwrap() {
                let kind = &contest.kind;
                write!(line, " {kind} {} {} {};", contest.reason, contest.state, contest.is_blocking).unwrap();
            }
        }
        lines.push(line);
    }
    let totals = reader.platform_totals().await.unwrap();
    lines.push(format!("contested: platform {totals:?}"));
    lines
}

async fn on_sqlite(life: &Life, lived: &Path, seed: Option<u64>) -> Vec<String> {
    let folder = scratch_folder();
    // What readers have kept open is still in the log beside the file.
    for name in ["tare.db", "tare.db-wal"] {
        let from = lived.join(name);
        if from.exists() {
            std::fs::copy(from, folder.path().join(name)).unwrap();
        }
    }
    let world = World::open(folder, life.now, 1_000_000).await;
    let nodes = [world.services.clone(), world.services.clone()];
    let end = match seed {
        Some(seed) => storm(nodes, &world.sandbox, &world.clock, life, seed).await,
        None => {
            // No event ever comes: somebody looks.
            world.clock.wait(150);
            world.sandbox.collect().await.unwrap();
            settle_all(&world.services, &world.clock).await;
            state(&world.services, life, world.context().now).await
        }
    };
    if seed.is_none_or(|seed| seed % 20 == 0) {
        let report = store::verify(world.services.store.reader(), &mut |_| {}).await.unwrap();
        assert!(report.differences.is_empty(), "{:?}", report.differences);
    }
    world.services.store.clone().close().await;
    end
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_order_of_events_ends_in_one_state() {
    let seeds = if std::env::var("TARE_TEST_SIZE").as_deref() == Ok("release") { 20_000 } else { 500 };
    let mut world = World::open(scratch_folder(), "2028-02-29T23:59:59Z".parse().unwrap(), 0).await;
    let life = live(&mut world).await;
    world.services.store.clone().close().await;
    let lived = world.folder();

    let first = on_sqlite(&life, lived, Some(1)).await;
    let line = |name: &str| first.iter().find(|line| line.starts_with(&format!("{name}:"))).unwrap().clone();
    assert!(line("plain").starts_with("plain: 20.00 balance"), "{}", line("plain"));
    assert!(line("declined").contains(" declined ") || line("declined").contains(" canceled "), "{}", line("declined"));
    assert!(line("refunded in vain").contains("refund 20.00 failed"), "{}", line("refunded in vain"));
    assert!(line("contested: lost").contains("12.00 owed"), "{}", line("contested: lost"));
    assert!(line("contested: suspected").contains("refund 20.00 paid"), "{}", line("contested: suspected"));
    for seed in 2..=seeds {
        let end = on_sqlite(&life, lived, Some(seed)).await;
        assert_eq!(end, first, "seed {seed}");
    }
    // Whoever only looks learns the same of payments and refunds; of disputes only events tell.
    let looked = on_sqlite(&life, lived, None).await;
    for (looked, told) in looked.iter().zip(&first).filter(|(_, told)| !told.starts_with("contested")) {
        assert_eq!(looked, told, "without any event");
    }
    println!("{} events and those that followed, {seeds} seeds, one state", life.events.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_on_postgres_end_in_the_state_of_sqlite() {
    let server = std::env::var("TARE_TEST_POSTGRES")
        .expect("`tools/postgres with -- cargo nextest run` gives the tests a server");
    let mut world = World::open(scratch_folder(), "2028-02-29T23:59:59Z".parse().unwrap(), 0).await;
    let life = live(&mut world).await;
    world.services.store.clone().close().await;
    let expected = on_sqlite(&life, world.folder(), Some(1)).await;
    for seed in 1..=3 {
        let scratch = Scratch::create(&server).await.unwrap();
        let mut world = World::on(&scratch.database(), scratch_folder(), life.now, 0, Catalog::embedded()).await;
        let life = live(&mut world).await;
        let other = Store::open(&scratch.database()).await.unwrap();
        let nodes = [world.services.clone(), Services { store: other.clone(), ..world.services.clone() }];
        assert_eq!(storm(nodes, &world.sandbox, &world.clock, &life, seed).await, expected, "seed {seed}");
        other.close().await;
        world.services.store.clone().close().await;
        scratch.drop_database().await.unwrap();
    }
}

/// Other secrets, other times, other bytes: nothing is taken, everything is counted.
#[tokio::test]
async fn no_forgery_is_taken() {
    let count = if std::env::var("TARE_TEST_SIZE").as_deref() == Ok("release") { 3_000 } else { 300 };
    let mut world = World::open(scratch_folder(), "2028-02-29T23:59:59Z".parse().unwrap(), 0).await;
    let life = live(&mut world).await;
    let before = books(&world).await;
    let now = world.context().now;
    let mut dice = Dice(7);
    for number in 0..count {
        let body = &life.events[dice.below(life.events.len())];
        let text = String::from_utf8(body.clone()).unwrap();
        let good = sign(SECRET, body, now);
        let (signature, body) = match number % 7 {
            0 => (sign("another", body, now), body.clone()),
            1 => (sign(SECRET, body, now.plus(Seconds(-301))), body.clone()),
            2 => (sign(SECRET, body, now.plus(Seconds(301))), body.clone()),
            3 => (good, text.replacen(':', ": ", 1).into_bytes()),
            4 => (good, text.replacen("_", "-", 1).into_bytes()),
            5 => (good.replacen("v1=", "v0=", 1), body.clone()),
            _ => (good[..good.len() - 1 - dice.below(20)].to_owned(), body.clone()),
        };
        let refused = payment::receive_event(&world.services, &world.context(), &signature, &body).await;
        assert_eq!(refused.unwrap_err().code(), "event_refused", "forgery {number}: {signature}");
    }
    let seen = world.services.events.seen();
    assert_eq!((seen.refused, seen.new, seen.again), (count, 0, 0));
    // Signed as it must be, and of real money: ignored.
    let live_mode =
        String::from_utf8(life.events[0].clone()).unwrap().replace("\"livemode\":false", "\"livemode\":true");
    let signature = sign(SECRET, live_mode.as_bytes(), now);
    let taken = payment::receive_event(&world.services, &world.context(), &signature, live_mode.as_bytes()).await;
    assert_eq!((taken.unwrap(), world.services.events.seen().other_mode), (false, 1));
    world.run().await;
    assert_eq!(books(&world).await, before, "something changed");
}

async fn books(world: &World) -> Vec<u8> {
    let mut dump = Vec::new();
    store::dump(world.services.store.reader(), &mut dump).await.unwrap();
    dump
}
