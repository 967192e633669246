//! Deciding a batch of postings in memory, between reading what they need and writing what they changed.
//!
//! Each wallet keeps its changes apart, since broken books of one must not stop the others.

use std::panic::{AssertUnwindSafe, catch_unwind};

use billing::UsageRecord;
use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use ledger::{
    Capped, Changes, Charge, Command, Contents, Draw, Fate, MoveIn, MoveOut, Outcome, Past, Refusal, Wallet,
    moved_grant,
};
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;
use units::{Amount, GrantId, HoldId, WalletId};

use crate::cache::Cache;
use crate::{Fault, IdempotencyKey, PostError, Posting};

pub(crate) type Answer = Result<Outcome, PostError>;

/// A posting and who waits for its answer. A posting is large, and batches move what is in them.
pub(crate) struct Waiting {
    pub posting: Box<Posting>,
    pub answer: oneshot::Sender<Answer>,
}

impl Waiting {
    /// Answers. Whoever asked may have gone; the books are right all the same.
    pub(crate) fn answer(self, answer: Answer) {
        let _ = self.answer.send(answer);
    }
}

/// The SHA-256 of a caller's key: of one size whatever the caller sends.
pub(crate) type KeyHash = [u8; 32];

pub(crate) fn key_hash(key: &IdempotencyKey) -> KeyHash {
    text_hash(&key.key)
}

pub(crate) fn text_hash(key: &str) -> KeyHash {
    Sha256::digest(key.as_bytes()).into()
}

/// What the database knows about the things that a batch names, beside its wallets.
#[derive(Default)]
pub(crate) struct Known {
    /// Keys that were used, with what for and what was answered.
    pub keys: HashMap<(WalletId, KeyHash), ([u8; 32], Outcome)>,
    /// Grants that exist, of those that would be issued, drained ones included.
    pub grants: HashSet<(WalletId, GrantId)>,
    /// What became of named holds that are not open.
    pub fates: Vec<(WalletId, HoldId, Fate)>,
    /// Which grants paid for the settled ones among them.
    pub draws: HashMap<(WalletId, HoldId), Vec<Draw>>,
    /// What was spent already against each cap of a posting, by the posting's place in the batch.
    pub spent: HashMap<usize, Vec<Amount>>,
    /// What a command that stands alone must know beside.
    pub past: Option<Past>,
    /// Wallets whose books cannot be read.
    pub broken: HashMap<WalletId, Fault>,
}

/// What changed in one wallet.
#[derive(Default)]
pub(crate) struct Draft {
    pub changes: Changes,
    /// For each of the charges, the posting that it came from.
    pub causes: Vec<usize>,
    /// Keys to remember, each with the posting that it came with.
    pub keys: Vec<(KeyHash, usize)>,
    broken: Option<Fault>,
}

/// The decisions of a batch.
pub(crate) struct Decided {
    /// One for each posting, in order.
    pub answers: Vec<Answer>,
    /// What to write. Wallets that were only looked at have none. A draft is large, and tables move what is in them.
    pub drafts: HashMap<WalletId, Box<Draft>>,
}

/// The grant that a command would make.
pub(crate) fn new_grant(command: &Command) -> Option<GrantId> {
    match command {
        Command::Issue(issue) => Some(issue.grant),
        Command::Adjust(adjust) if adjust.amount.is_positive() => Some(adjust.grant),
        _ => None,
    }
}

/// Wallets of which a posting asks more than what is in memory, so that the tables must be up to date.
pub(crate) fn must_be_in_tables(cache: &mut Cache, postings: &[&Posting]) -> HashSet<WalletId> {
    let mut placed: HashSet<(WalletId, HoldId)> = HashSet::new();
    let mut wallets = HashSet::new();
    for posting in postings {
        let id = posting.wallet;
        let is_known = posting.wallets().all(|id| cache.touch(id));
        let is_told = match (&posting.command, cache.young.get(&id)) {
            (Command::Place(place), _) if place.is_fresh => {
                placed.insert((id, place.hold));
                place.spender.caps.is_empty()
            }
            (Command::Settle(_) | Command::Release(_) | Command::Renew(_), Some(wallet)) => {
                posting.command.needs_fate(wallet).is_none_or(|hold| placed.contains(&(id, hold)))
            }
            (Command::Lapse(_) | Command::Expire, _) => true,
            _ => false,
        };
        if !(is_known && is_told && posting.key.is_none()) {
            wallets.extend(posting.wallets());
        }
    }
    wallets
}

/// Decides postings in order. Changes `wallets`, which must be forgotten if the changes are not written.
pub(crate) fn decide(wallets: &mut HashMap<WalletId, Wallet>, known: Known, postings: &[&Posting]) -> Decided {
    let Known { mut keys, mut grants, fates, draws, mut spent, mut past, broken } = known;
    for (wallet, hold, fate) in fates {
        if let Some(wallet) = wallets.get_mut(&wallet) {
            wallet.learn_fate(hold, fate);
        }
    }
    let mut drafts: HashMap<WalletId, Box<Draft>> = HashMap::new();
    let mut answers = Vec::with_capacity(postings.len());
    for (index, posting) in postings.iter().enumerate() {
        let Some(wallet) = wallets.get_mut(&posting.wallet) else {
            answers.push(Err(match broken.get(&posting.wallet) {
                Some(fault) => PostError::Fault(fault.clone()),
                None => PostError::UnknownWallet(posting.wallet),
            }));
            continue;
        };
        let draft = drafts.entry(posting.wallet).or_default();
        let key = posting.key.as_ref().map(|key| (key_hash(key), key));
        if let Some((hash, key)) = &key
            && let Some((content, outcome)) = keys.get(&(posting.wallet, *hash))
        {
            answers.push(match *content == key.content {
                true => Ok(outcome.clone()),
                false => {
                    let contents = Contents(Some((*content, key.content)));
                    Err(Refusal::IdempotencyConflict { key: shown(key), contents }.into())
                }
            });
            continue;
        }
        if let Some(past) = past.take() {
            wallet.learn_past(past);
        }
        let answer = match new_grant(&posting.command).filter(|grant| grants.contains(&(posting.wallet, *grant))) {
            Some(grant) => Err(grant_taken(grant)),
            None if let Command::MoveOut(asked) = &posting.command => {
                move_credits(wallets, &mut drafts, &grants, asked, posting, index)
            }
            None => match spent.remove(&index) {
                Some(before) => draft.decide(wallet, &with_spent(draft, posting, &before, postings), posting, index),
                None => draft.decide(wallet, &posting.command, posting, index),
            },
        };
        let answer = answer.map(|outcome| recall_draws(outcome, posting, &draws));
        if let Ok(outcome) = &answer {
            grants.extend(new_grant(&posting.command).map(|grant| (posting.wallet, grant)));
            if let Some((hash, key)) = key {
                keys.insert((posting.wallet, hash), (key.content, outcome.clone()));
                drafts.entry(posting.wallet).or_default().keys.push((hash, index));
            }
        }
        answers.push(answer);
    }
    forget_broken(&mut drafts, &mut answers, wallets, postings);
    drafts.retain(|_, draft| !draft.is_empty());
    Decided { answers, drafts }
}

impl Draft {
    fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.keys.is_empty()
    }

    fn decide(&mut self, wallet: &mut Wallet, command: &Command, posting: &Posting, index: usize) -> Answer {
        if let Some(fault) = &self.broken {
            return Err(fault.clone().into());
        }
        let Self { changes, causes, .. } = self;
        // The rules assert what the books promise. A wallet that breaks a promise is stopped alone.
        let decided = catch_unwind(AssertUnwindSafe(|| ledger::decide(wallet, command, posting.now, changes)));
        causes.resize(changes.charges.len(), index);
        match decided {
            Ok(answer) => answer.map_err(PostError::Refused),
            Err(panic) => {
                let fault = Fault::corrupt(format!("{}: {}", posting.wallet, said(panic.as_ref())));
                tracing::error!(wallet = %posting.wallet, %fault, "a wallet is stopped");
                self.broken = Some(fault.clone());
                Err(fault.into())
            }
        }
    }
}

/// The command of a capped posting with what was spent against each cap: `before` the batch, and by the charges
/// that were decided in it so far.
fn with_spent(draft: &Draft, posting: &Posting, before: &[Amount], postings: &[&Posting]) -> Command {
    let mut command = posting.command.clone();
    let Command::Place(place) = &mut command else { return command };
    let charges = draft.changes.charges.iter().zip(&draft.causes);
    let charges: Vec<_> = charges.map(|(charge, cause)| (charge, postings[*cause].usage.as_ref())).collect();
    for (cap, before) in place.spender.caps.iter_mut().zip(before) {
        let counts = |record: &UsageRecord| match cap.on {
            Capped::User(user) => record.user == Some(user),
            Capped::ApiKey(key) => record.api_key == Some(key),
        };
        let in_time = |charge: &Charge| charge.at.day() >= cap.since;
        let theirs = charges.iter().filter(|(charge, record)| in_time(charge) && record.is_some_and(counts));
        cap.spent = theirs.flat_map(|(charge, _)| [charge.debited, charge.lost]).chain([*before]).sum();
    }
    command
}

fn grant_taken(grant: GrantId) -> PostError {
    Refusal::IdempotencyConflict { key: grant.to_string(), contents: Contents::default() }.into()
}

/// Both sides of a move, or none. It is alone in its batch, so there is nothing else to take back.
fn move_credits(
    wallets: &mut HashMap<WalletId, Wallet>,
    drafts: &mut HashMap<WalletId, Box<Draft>>,
    grants: &HashSet<(WalletId, GrantId)>,
    asked: &MoveOut,
    posting: &Posting,
    index: usize,
) -> Answer {
    let (from, to) = (posting.wallet, asked.to);
    let first = moved_grant(asked.id, 0);
    if grants.contains(&(to, first)) {
        return Err(grant_taken(first));
    }
    if !wallets.contains_key(&to) {
        return Err(PostError::UnknownWallet(to));
    }
    let before = wallets.get(&from).cloned();
    let mut decide = |id: WalletId, command: &Command| match wallets.get_mut(&id) {
        Some(wallet) => drafts.entry(id).or_default().decide(wallet, command, posting, index),
        None => Err(PostError::UnknownWallet(id)),
    };
    let left = decide(from, &posting.command)?;
    let Outcome::Moved(moved) = &left else { unreachable!("a move was answered with {left:?}") };
    let arrived = decide(to, &Command::MoveIn(MoveIn { id: asked.id, parts: moved.parts.clone() }));
    if let Err(error) = arrived {
        drafts.clear();
        wallets.extend(before.map(|before| (from, before)));
        wallets.remove(&to);
        return Err(error);
    }
    Ok(left)
}

/// Takes back everything that was decided for wallets whose books turned out to be broken.
fn forget_broken(
    drafts: &mut HashMap<WalletId, Box<Draft>>,
    answers: &mut [Answer],
    wallets: &mut HashMap<WalletId, Wallet>,
    postings: &[&Posting],
) {
    if drafts.values().all(|draft| draft.broken.is_none()) {
        return;
    }
    for (posting, answer) in postings.iter().zip(answers) {
        if let Some(fault) = drafts.get(&posting.wallet).and_then(|draft| draft.broken.clone()) {
            *answer = Err(fault.into());
        }
    }
    drafts.retain(|id, draft| {
        if draft.broken.is_some() {
            wallets.remove(id);
        }
        draft.broken.is_none()
    });
}

/// The rules answer a repeated settlement from the charge alone; which grants paid stands in the journal.
fn recall_draws(outcome: Outcome, posting: &Posting, draws: &HashMap<(WalletId, HoldId), Vec<Draw>>) -> Outcome {
    match (outcome, &posting.command) {
        (Outcome::Settled(mut settled), Command::Settle(settle)) if settled.draws.is_empty() => {
            settled.draws = draws.get(&(posting.wallet, settle.hold)).cloned().unwrap_or_default();
            Outcome::Settled(settled)
        }
        (outcome, _) => outcome,
    }
}

/// The caller's key for a message, however long it is.
fn shown(key: &IdempotencyKey) -> String {
    key.key.chars().take(80).collect()
}

/// What a panic said.
pub(crate) fn said(panic: &(dyn std::any::Any + Send)) -> String {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "a promise of the books does not hold".to_owned(),
    }
}
