//! The same commands leave the same books on both databases, to the byte.

use billing::{CostSource, Usage, UsageRecord};
use futures_util::future::join_all;
use ledger::{
    Adjust, Command, Contest, Correct, DisputeState, FinishRefund, LateSettle, Lease, MoveOut, Place, ReserveRefund,
    Settle, Spender,
};
use store::{IdempotencyKey, Posting, Store, dump, verify};
use units::{Amount, CorrectionId, Cost, DisputeId, GrantId, HoldId, MoveId, RefundId, RequestId, WalletId};
use uuid::Uuid;

use crate::world::*;

/// A small generator, so that a failing seed can be named.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// Ids from a small space, so that commands meet: the same hold is placed, settled, released and settled again.
fn hold(dice: &mut Dice) -> HoldId {
    HoldId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(dice.roll(60))))
}

fn grant(dice: &mut Dice) -> GrantId {
    GrantId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0001_0000_0000 + u128::from(dice.roll(20))))
}

fn command(dice: &mut Dice, now: i64, wallets: &[WalletId]) -> Command {
    let nanos = |dice: &mut Dice| Amount::from_nanos(dice.roll(2_000_000_000) as i64);
    match dice.roll(15) {
        0 => {
            let end = now + dice.roll(4_000) as i64;
            let amount = nanos(dice);
            issue(grant(dice), amount, (dice.roll(2) == 0).then(|| at(end)))
        }
        1..=4 => Command::Place(Place {
            hold: hold(dice),
            wanted: nanos(dice),
            least: Amount::from_nanos(dice.roll(1_000_000) as i64),
            lease_until: at(now + 100),
            is_fresh: false,
            spender: Spender::default(),
        }),
        5..=7 => Command::Settle(Settle {
            hold: hold(dice),
            cost: Cost::from_attos(i128::from(dice.roll(1_000_000_000_000_000_000))),
            late: if dice.roll(4) == 0 { LateSettle::Charge } else { LateSettle::Refuse },
        }),
        8 => Command::Release(hold(dice)),
        9 => Command::Renew(Lease { hold: hold(dice), until: at(now + 200) }),
        10 => Command::Lapse(hold(dice)),
        11 => amendment(dice, wallets),
        _ if dice.roll(2) == 0 => Command::Expire,
        _ => Command::Adjust(Adjust {
            grant: grant(dice),
            amount: Amount::from_nanos(dice.roll(1_000_000_000) as i64 - 500_000_000),
        }),
    }
}

fn amendment(dice: &mut Dice, wallets: &[WalletId]) -> Command {
    let small = |dice: &mut Dice| Amount::from_nanos(dice.roll(300_000_000) as i64);
    let id = |dice: &mut Dice| Uuid::from_u128(0x0190_0000_0000_7000_8000_0002_0000_0000 + u128::from(dice.roll(30)));
    match dice.roll(5) {
        0 => Command::ReserveRefund(ReserveRefund {
            refund: RefundId::from_uuid(id(dice)),
            grant: grant(dice),
            amount: small(dice),
        }),
        1 => Command::FinishRefund(FinishRefund { refund: RefundId::from_uuid(id(dice)), is_paid: dice.roll(2) == 0 }),
        2 => Command::Contest(Contest {
            dispute: DisputeId::from_uuid(id(dice)),
            grant: grant(dice),
            state: [DisputeState::Open, DisputeState::Won, DisputeState::Lost][dice.roll(3) as usize],
        }),
        3 => Command::Correct(Correct {
            correction: CorrectionId::from_uuid(id(dice)),
            charge: hold(dice),
            amount: small(dice),
        }),
        _ => Command::MoveOut(MoveOut {
            id: MoveId::from_uuid(id(dice)),
            to: wallets[dice.roll(wallets.len() as u64) as usize],
            amount: small(dice),
        }),
    }
}

fn posting(dice: &mut Dice, wallets: &[WalletId], index: i64) -> Posting {
    // The clock jumps back now and then.
    let now = index * 10 - if dice.roll(10) == 0 { 50 } else { 0 };
    let command = command(dice, now, wallets);
    let key = (dice.roll(5) == 0)
        .then(|| IdempotencyKey { key: format!("key {}", dice.roll(30)), content: [dice.roll(2) as u8; 32] });
    let usage = matches!(command, Command::Settle(_)).then(|| UsageRecord {
        request: RequestId::from_uuid(Uuid::from_u128(index as u128 + 1)),
        user: None,
        api_key: None,
        model: ["demo/chat", "demo/Chat", "démo/chat", "demo_chat"][dice.roll(4) as usize].to_owned(),
        provider: "demo".to_owned(),
        project: String::new(),
        admitted_at: at(now),
        price_version: None,
        cost_source: CostSource::Metered,
        own_cost: None,
        usage: Usage { input: dice.roll(1000), ..Usage::default() },
    });
    let wallet = wallets[dice.roll(wallets.len() as u64) as usize];
    Posting { wallet, now: at(now), command, key, usage: usage.filter(|_| dice.roll(3) > 0) }
}

/// A purchase and its refund, one behind the other: what refunds by chance ask for is nearly always spent.
fn refund_at_once(turn: usize, postings: &mut [Posting]) {
    let id = |kind: u128| Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + (kind << 32) + turn as u128);
    let (grant, refund) = (GrantId::from_uuid(id(3)), RefundId::from_uuid(id(4)));
    let commands = [
        issue(grant, Amount::from_dollars(1), None),
        Command::ReserveRefund(ReserveRefund { refund, grant, amount: Amount::from_nanos(100_000_000) }),
    ];
    let wallet = postings[0].wallet;
    for (posting, command) in postings.iter_mut().zip(commands) {
        *posting = Posting { wallet, now: posting.now, command, key: None, usage: None };
    }
}

/// Plays a seed in batches of a size on nodes that take turns, and answers with every answer and the books.
async fn play(world: &World, seed: u64, batch: usize, nodes: usize) -> (Vec<String>, String) {
    let store = world.open().await;
    let mut stores = vec![store.clone()];
    for _ in 1..nodes {
        stores.push(world.open().await);
    }
    let mut wallets = Vec::new();
    for _ in 0..3 {
        wallets.push(world.wallet(&store).await);
    }
    let mut dice = Dice(seed);
    let mut postings: Vec<Posting> = (0..800).map(|index| posting(&mut dice, &wallets, index)).collect();
    postings.chunks_exact_mut(100).enumerate().for_each(|(turn, postings)| refund_at_once(turn, &mut postings[50..52]));
    let mut answers = Vec::new();
    for (postings, store) in postings.chunks(batch).zip(stores.iter().cycle()) {
        let answered = join_all(postings.iter().map(|posting| store.post(posting.clone()))).await;
        answers.extend(answered.iter().map(|answer| format!("{answer:?}")));
    }
    let report = verify(store.reader(), &mut |_| {}).await.unwrap();
    assert!(report.is_clean() && report.transfers > 100 && report.charges > 20, "seed {seed}: {report:?}");
    (answers, close_and_dump(store).await)
}

async fn close_and_dump(store: Store) -> String {
    let mut text = Vec::new();
    dump(store.reader(), &mut text).await.unwrap();
    store.close().await;
    String::from_utf8(text).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_commands_leave_the_same_bytes() {
    let mut seen = Vec::new();
    for seed in [1, 20_280_229, 0xfeed_beef] {
        let (answers, books) = play(&World::sqlite(), seed, 1, 1).await;
        assert!(answers.iter().any(|answer| answer.contains("IdempotencyConflict")));
        assert!(answers.iter().any(|answer| answer.contains("HoldClosed")));
        let worlds = [
            (World::sqlite(), 40, 1),
            (World::postgres().await, 1, 1),
            (World::postgres().await, 40, 1),
            (World::postgres().await, 3, 2),
        ];
        for (world, batch, nodes) in worlds {
            let (others, their_books) = play(&world, seed, batch, nodes).await;
            for (index, (one, other)) in answers.iter().zip(&others).enumerate() {
                assert_eq!(one, other, "seed {seed}, command {index}, {:?} in batches of {batch}", world.database);
            }
            for (one, other) in books.lines().zip(their_books.lines()) {
                assert_eq!(one, other, "seed {seed}, {:?} in batches of {batch}", world.database);
            }
            assert_eq!(books, their_books);
        }
        seen.extend(answers);
    }
    for done in ["RefundReserved(R", "Contested(C", "Corrected(C", "Moved(M"] {
        assert!(seen.iter().any(|answer| answer.contains(done)), "{done} was never answered");
    }
}
