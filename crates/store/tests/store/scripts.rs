//! Scripts for wallets of their own, drawn by the simulator: each is asked in order, and many run at once.

use billing::{CostSource, Usage, UsageRecord};
use ledger::Command;
use sha2::{Digest, Sha256};
use sim::{Action, Step, trial, wallet_id};
use store::{Fault, IdempotencyKey, PostError, Posting, Store, UserRow, dump, verify};
use units::{RequestId, UserId, WalletId};
use uuid::Uuid;

use crate::world::*;

/// What one seed asks of its wallets.
#[derive(Clone)]
pub struct Script {
    pub seed: u64,
    pub wallets: usize,
    pub postings: Vec<Posting>,
}

impl Script {
    pub fn draw(seed: u64, commands: usize) -> Self {
        let (wallets, steps) = trial::draw(seed, commands);
        let postings = steps.into_iter().enumerate().flat_map(|(index, step)| posting(seed, index, step)).collect();
        Self { seed, wallets, postings }
    }
}

/// Every wallet of every seed is another one.
fn wallet(seed: u64, index: usize) -> WalletId {
    WalletId::from_uuid(Uuid::from_u128(u128::from(seed) << 8 | index as u128))
}

/// A third carries the caller's key, and two settlements of three what the request used. Some come twice, with the
/// same key and the same content, or with the same key and another.
fn posting(seed: u64, index: usize, step: Step) -> Vec<Posting> {
    let Action::Command(mut command) = step.action else { unreachable!("only commands are drawn") };
    if let Command::MoveOut(asked) = &mut command {
        let to = (0..).find(|index| wallet_id(*index) == asked.to).expect("it moves within its world");
        asked.to = wallet(seed, to);
    }
    let content = u8::from(index.is_multiple_of(30));
    let key = |content| IdempotencyKey { key: format!("key {index}"), content: [content; 32] };
    let is_used = matches!(command, Command::Settle(_)) && !index.is_multiple_of(3);
    let usage = is_used.then(|| UsageRecord {
        request: RequestId::from_uuid(Uuid::from_u128(u128::from(seed) << 32 | index as u128)),
        user: None,
        api_key: None,
        model: ["demo/small", "demo/large", "démo/large"][index % 3].to_owned(),
        provider: "demo".to_owned(),
        project: String::new(),
        admitted_at: step.at,
        price_version: None,
        cost_source: CostSource::Metered,
        own_cost: None,
        usage: Usage { input: index as u64, ..Usage::default() },
    });
    let wallet = wallet(seed, step.wallet);
    let first = index.is_multiple_of(3).then(|| key(0));
    let again = index.is_multiple_of(12).then(|| key(content));
    let asked = |key| Posting { wallet, now: step.at, command: command.clone(), key, usage: usage.clone() };
    [Some(asked(first)), again.map(|key| asked(Some(key)))].into_iter().flatten().collect()
}

impl Script {
    /// Adds its people. Who was cut off asks again, and then may find that they are there.
    pub async fn add_people(&self, store: &Store) {
        for index in 0..self.wallets {
            let id = wallet(self.seed, index);
            let user = UserRow::new(UserId::from_uuid(id.uuid()), id, id.to_string(), at(0));
            let mut was_cut_off = false;
            loop {
                let user = user.clone();
                match store.write(async move |tx| tx.insert_user_with_wallet(&user).await).await {
                    Ok(()) => break,
                    Err(Fault::Taken { .. }) if was_cut_off => break,
                    Err(fault) => assert!(fault.is_retryable(), "{fault}"),
                }
                was_cut_off = true;
            }
        }
    }

    /// Asks for everything in order, each at the node that `node` names, until it is answered. Answers with a digest
    /// of all answers, and with how often it had to ask again.
    pub async fn play(&self, stores: &[Store], node: impl Fn(usize) -> usize) -> (String, u64) {
        let (mut answers, mut again) = (Sha256::new(), 0);
        for (index, posting) in self.postings.iter().enumerate() {
            let answer = loop {
                match stores[node(index) % stores.len()].post(posting.clone()).await {
                    Err(PostError::Fault(fault)) => {
                        assert!(fault.is_retryable(), "seed {}, command {index}: {fault}", self.seed);
                        again += 1;
                    }
                    answer => break answer,
                }
            };
            answers.update(format!("{answer:?}\n"));
        }
        (hex(&answers.finalize()), again)
    }
}

/// Verifies the books and takes them as text.
pub async fn books(store: &Store) -> String {
    let report = verify(store.reader(), &mut |_| {}).await.unwrap();
    assert!(report.is_clean(), "{:?}", report.differences);
    let mut books = Vec::new();
    dump(store.reader(), &mut books).await.unwrap();
    String::from_utf8(books).unwrap()
}

/// The first line that differs is told, not two books.
pub fn assert_same_books(one: &str, other: &str) {
    for (one, other) in one.lines().zip(other.lines()) {
        assert_eq!(one, other);
    }
    assert_eq!(one.lines().count(), other.lines().count());
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
