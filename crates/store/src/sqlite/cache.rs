//! Wallets that were used lately. Nobody else writes, so what is here is what is on disk.
//!
//! Two generations: what is used moves to the young one; when that is full it becomes the old one, and
//! what stayed old is forgotten.

use std::collections::HashMap;

use ledger::Wallet;
use units::WalletId;

/// How many wallets one generation keeps.
const GENERATION: usize = 50_000;

#[derive(Default)]
pub(super) struct Cache {
    /// The wallets of the batch at hand are always here.
    pub young: HashMap<WalletId, Wallet>,
    old: HashMap<WalletId, Wallet>,
}

impl Cache {
    /// Whether the wallet is in memory. It is young afterwards.
    pub(super) fn touch(&mut self, id: WalletId) -> bool {
        if self.young.contains_key(&id) {
            return true;
        }
        match self.old.remove(&id) {
            Some(wallet) => self.young.insert(id, wallet).is_none(),
            None => false,
        }
    }

    /// Forgets wallets whose changes were not written.
    pub(super) fn forget(&mut self, ids: impl IntoIterator<Item = WalletId>) {
        for id in ids {
            self.young.remove(&id);
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Between batches: lets the generations pass.
    pub(super) fn age(&mut self) {
        if self.young.len() > GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
    }
}
