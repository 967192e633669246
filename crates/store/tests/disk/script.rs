//! What is asked of the store, and what it must answer and have written when nothing goes wrong.

use std::sync::Mutex;

use ledger::{Command, Outcome};
use sha2::{Digest, Sha256};
use sim::{Action, Random, Step, trial, wallet_id};
use store::{IdempotencyKey, PostError, Posting, Store, UserRow, dump};
use units::{Instant, UserId};

use crate::disk::{Disk, Plan};
use crate::place::Place;

/// No world of the simulator has more.
const WALLETS: usize = 3;

/// A digest of the books.
pub type Books = [u8; 32];
pub type Answer = Result<Outcome, PostError>;

/// The commands of one seed with all that is known of them from a run on a sound disk.
pub struct Script {
    pub seed: u64,
    pub postings: Vec<Posting>,
    /// What each was answered.
    pub answers: Vec<Answer>,
    /// The books before the first and after each.
    pub books: Vec<Books>,
    /// The disk with the wallets before the first.
    pub start: Disk,
    /// How many changes of the disk it takes from opening to closing the store.
    pub changes: u64,
}

impl Script {
    /// Draws a seed and plays it once.
    pub async fn learn(place: &Place, seed: u64, commands: usize, start: &Disk) -> Self {
        let (_, steps) = trial::draw(seed, commands);
        let mut random = Random::new(seed);
        let postings = steps.into_iter().enumerate().map(|(index, step)| posting(&mut random, index, step)).collect();
        let mut script =
            Self { seed, postings, answers: Vec::new(), books: Vec::new(), start: start.clone(), changes: 0 };
        let disk = place.mount(start.after_a_kill());
        disk.lock().unwrap().follow(Plan::Sound);
        let store = place.open().await.unwrap();
        script.books.push(books(&store).await);
        for posting in &script.postings {
            script.answers.push(store.post(posting.clone()).await);
            script.books.push(books(&store).await);
        }
        assert!(!script.answers.iter().any(is_fault), "seed {seed}: {:?}", script.answers);
        store.close().await;
        script.changes = disk.lock().unwrap().changes();
        script
    }
}

/// A disk with an empty database and three wallets.
pub async fn blank(place: &Place) -> Disk {
    let disk = place.mount(Disk::new());
    let store = place.open().await.unwrap();
    for index in 0..WALLETS {
        let wallet = wallet_id(index);
        let user = UserRow::new(UserId::from_uuid(wallet.uuid()), wallet, wallet.to_string(), Instant::EPOCH);
        store.write(async move |tx| tx.insert_user_with_wallet(&user).await).await.unwrap();
    }
    store.close().await;
    look_at(&disk)
}

/// The disk as it is now.
pub fn look_at(disk: &Mutex<Disk>) -> Disk {
    disk.lock().unwrap().clone()
}

/// What would happen twice without its key has one; the others are told apart by their ids, and have one or none.
fn posting(random: &mut Random, index: usize, step: Step) -> Posting {
    let Action::Command(mut command) = step.action else { unreachable!("only commands are drawn") };
    let is_known_by_its_id = matches!(command, Command::Place(_) | Command::Settle(_) | Command::Renew(_));
    let key = (!is_known_by_its_id || random.percent(50))
        .then(|| IdempotencyKey { key: format!("key {index}"), content: [7; 32] });
    if let (Command::Place(place), None) = (&mut command, &key) {
        // Who asks again says so.
        place.is_fresh = false;
    }
    Posting { wallet: wallet_id(step.wallet), now: step.at, command, key, usage: None }
}

pub async fn books(store: &Store) -> Books {
    let mut text = Vec::new();
    dump(store.reader(), &mut text).await.unwrap();
    digest(&text)
}

pub fn digest(text: &[u8]) -> Books {
    Sha256::digest(text).into()
}

pub fn is_fault(answer: &Answer) -> bool {
    matches!(answer, Err(PostError::Fault(_)))
}
