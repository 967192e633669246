//! Wallets that were used lately, in memory.
//!
//! What is here is what the log says: on SQLite because nobody else writes, on PostgreSQL once everything that
//! other nodes appended was applied.
//!
//! Two generations: what is used moves to the young one; when that is full it becomes the old one, and
//! what stayed old is forgotten.

use foldhash::HashMap;
use ledger::Wallet;
use units::WalletId;

/// How many wallets one generation keeps.
const GENERATION: usize = 50_000;

#[derive(Default)]
pub(crate) struct Cache {
    /// The wallets of the batch at hand are always here.
    pub young: HashMap<WalletId, Wallet>,
    old: HashMap<WalletId, Wallet>,
}

impl Cache {
    /// Whether the wallet is in memory. It is young afterwards.
    pub(crate) fn touch(&mut self, id: WalletId) -> bool {
        if self.young.contains_key(&id) {
            return true;
        }
        match self.old.remove(&id) {
            Some(wallet) => self.young.insert(id, wallet).is_none(),
            None => false,
        }
    }

    /// Takes the wallet out of memory.
    pub(crate) fn take(&mut self, id: WalletId) -> Option<Wallet> {
        self.young.remove(&id).or_else(|| self.old.remove(&id))
    }

    /// Forgets wallets whose changes were not written.
    pub(crate) fn forget(&mut self, ids: impl IntoIterator<Item = WalletId>) {
        for id in ids {
            self.young.remove(&id);
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Between batches: lets the generations pass. Answers whether one passed.
    pub(crate) fn age(&mut self) -> bool {
        let is_full = self.young.len() > GENERATION;
        if is_full {
            self.old = std::mem::take(&mut self.young);
        }
        is_full
    }

    /// Whether the wallet is in memory, young or old.
    pub(crate) fn has(&self, id: WalletId) -> bool {
        self.young.contains_key(&id) || self.old.contains_key(&id)
    }

    /// After a batch: what became of closed holds is the database's to remember.
    pub(crate) fn forget_fates(&mut self, touched: impl Iterator<Item = WalletId>) {
        for id in touched {
            if let Some(wallet) = self.young.get_mut(&id) {
                wallet.forget_fates();
            }
        }
    }
}
