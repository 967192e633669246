//! What a decision about one wallet needs to know.

use foldhash::{HashMap, HashMapExt};
use units::{Amount, GrantId, HoldId, Instant, Remainder, WalletId};

use crate::{ChainHash, Fate, Grant, Hold, Past, Refusal};

/// Where the wallet's journal ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// The seq of the last transfer; 0 before the first.
    pub seq: u64,
    /// Its seal.
    pub hash: ChainHash,
    /// Its time. Decisions never go behind it, also when the wall clock does.
    pub at: Instant,
}

impl ChainHead {
    /// The head of an empty journal.
    pub const START: Self = Self { seq: 0, hash: ChainHash::START, at: Instant::from_micros(i64::MIN) };
}

/// The live state of one wallet: grants with something left, open holds, and the ends of its journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wallet {
    /// Its id.
    pub id: WalletId,
    /// The part of past costs below one nanodollar.
    pub remainder: Remainder,
    /// What it owes for credits that were spent and whose payment the bank took back.
    pub receivable: Amount,
    /// Where its journal ends.
    pub head: ChainHead,
    /// Grants with something left, in the order of use.
    grants: Vec<Grant>,
    /// Open holds.
    holds: HashMap<HoldId, Hold>,
    /// What became of the closed holds that the commands at hand name.
    fates: HashMap<HoldId, Fate>,
    /// What the command at hand must know beside.
    past: Past,
    /// Grants that the command at hand is about: they stay here until it is decided, used up or not.
    recalled: Vec<GrantId>,
}

impl Wallet {
    /// A wallet without history.
    pub fn new(id: WalletId) -> Self {
        Self::restore(id, Remainder::default(), Amount::ZERO, ChainHead::START, Vec::new(), HashMap::new())
    }

    /// A wallet as the store has it. What is held on each grant is computed here from the open holds and refunds.
    ///
    /// # Panics
    /// When a hold or refund reserves more than is left on its grant: the books would be broken.
    pub fn restore(
        id: WalletId,
        remainder: Remainder,
        receivable: Amount,
        head: ChainHead,
        mut grants: Vec<Grant>,
        holds: HashMap<HoldId, Hold>,
    ) -> Self {
        grants.retain(|grant| grant.left.is_positive());
        for grant in &mut grants {
            grant.held = grant.marks.refunding;
            assert!(grant.held <= grant.left, "refunds reserve more than is left on {}", grant.id);
        }
        grants.sort_unstable_by_key(Grant::order_of_use);
        let mut wallet = Self {
            id,
            remainder,
            receivable,
            head,
            grants,
            holds: HashMap::new(),
            fates: HashMap::new(),
            past: Past::default(),
            recalled: Vec::new(),
        };
        holds.values().for_each(|hold| wallet.reserve(hold));
        wallet.holds = holds;
        wallet
    }

    /// Its grants and its open holds, for a wallet that is [restored](Self::restore) with what changed.
    pub fn into_parts(self) -> (Vec<Grant>, HashMap<HoldId, Hold>) {
        (self.grants, self.holds)
    }

    /// Grants with something left, in the order of use.
    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// The open hold of this id.
    pub fn hold(&self, id: HoldId) -> Option<&Hold> {
        self.holds.get(&id)
    }

    /// All open holds, in no order.
    pub fn holds(&self) -> impl Iterator<Item = &Hold> {
        self.holds.values()
    }

    /// What a new hold could reserve now. Never below zero.
    pub fn available(&self, now: Instant) -> Amount {
        self.grants.iter().map(|grant| grant.available(now)).sum()
    }

    /// What open holds and refunds have reserved.
    pub fn held(&self) -> Amount {
        self.grants.iter().map(|grant| grant.held).sum()
    }

    /// What is frozen because its payment is disputed: neither available nor held.
    pub fn frozen(&self, now: Instant) -> Amount {
        self.grants.iter().map(|grant| grant.frozen(now)).sum()
    }

    /// What is available, held and frozen: the number that pages show. A dispute does not change it before it
    /// is decided, so it follows from the journal alone, also for the past.
    pub fn balance(&self, now: Instant) -> Amount {
        let is_current = |grant: &&Grant| grant.effective_at <= now && !grant.has_expired(now);
        self.grants.iter().filter(is_current).map(Grant::unheld).chain([self.held()]).sum()
    }

    /// Tells the wallet what became of a closed hold that a command names.
    pub fn learn_fate(&mut self, hold: HoldId, fate: Fate) {
        self.fates.insert(hold, fate);
    }

    /// Forgets what it was told: after a batch, closed holds are the store's to remember.
    pub fn forget_fates(&mut self) {
        self.fates.clear();
    }

    /// Tells the wallet what the next command must know of the past. It is forgotten with that command.
    pub fn learn_past(&mut self, past: Past) {
        self.past = past;
    }

    /// The past that was told, with its grants among the live ones until [`Self::forget_past`].
    pub(crate) fn recall_past(&mut self) -> Past {
        let past = std::mem::take(&mut self.past);
        for grant in &past.grants {
            if self.find_grant(grant.id).is_none() {
                self.insert_grant(grant.clone());
            }
            self.recalled.push(grant.id);
        }
        past
    }

    pub(crate) fn forget_past(&mut self) {
        self.recalled.clear();
        self.drop_empty_grants();
    }

    pub(crate) fn find_grant(&self, id: GrantId) -> Option<&Grant> {
        self.grants.iter().find(|grant| grant.id == id)
    }

    /// The grant of a payment. One of another wallet is as absent as one that never was.
    pub(crate) fn find_payment(&self, grant: GrantId) -> Result<&Grant, Refusal> {
        self.find_grant(grant).filter(|found| found.is_payment()).ok_or(Refusal::GrantUnknown { grant })
    }

    pub(crate) fn fate(&self, hold: HoldId) -> Option<&Fate> {
        self.fates.get(&hold)
    }

    pub(crate) fn insert_grant(&mut self, grant: Grant) {
        let place = self.grants.partition_point(|other| other.order_of_use() < grant.order_of_use());
        self.grants.insert(place, grant);
    }

    pub(crate) fn grant_mut(&mut self, id: GrantId) -> &mut Grant {
        self.grants.iter_mut().find(|grant| grant.id == id).expect("a grant with something held stays in the wallet")
    }

    pub(crate) fn drop_empty_grants(&mut self) {
        let recalled = &self.recalled;
        self.grants.retain(|grant| grant.left.is_positive() || recalled.contains(&grant.id));
    }

    pub(crate) fn open_hold(&mut self, hold: Hold) {
        self.reserve(&hold);
        self.holds.insert(hold.id, hold);
    }

    /// Takes an open hold out and gives its grants back what it reserved.
    pub(crate) fn close_hold(&mut self, id: HoldId) -> Option<Hold> {
        let hold = self.holds.remove(&id)?;
        for draw in &hold.draws {
            let grant = self.grant_mut(draw.grant);
            grant.held = grant.held.checked_sub(draw.amount).expect("a hold frees what it reserved");
        }
        Some(hold)
    }

    pub(crate) fn renew_lease(&mut self, id: HoldId, until: Instant) {
        if let Some(hold) = self.holds.get_mut(&id) {
            hold.lease_until = until;
        }
    }

    fn reserve(&mut self, hold: &Hold) {
        for draw in &hold.draws {
            let grant = self.grant_mut(draw.grant);
            grant.held = grant.held.checked_add(draw.amount).expect("balances are bounded");
            assert!(grant.held <= grant.left, "hold {} reserves more than is left on {}", hold.id, grant.id);
        }
    }
}
