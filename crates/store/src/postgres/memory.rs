//! What a node remembers of wallets between batches, and when that still holds.
//!
//! Other nodes may write the same wallets, so nothing is believed before the wallet's row is locked and
//! shows the version that was remembered. The memory belongs to one connection: when the server loses the
//! last holds in a crash, it loses the connection too, and with it everything that was remembered.

use std::collections::{HashMap, HashSet};

use ledger::Wallet;
use units::WalletId;

use crate::cache::Cache;

#[derive(Default)]
pub(super) struct Memory {
    cache: Cache,
    versions: HashMap<WalletId, i64>,
    /// Wallets that another node changed lately. They are read with the lock at once, since asking for them
    /// only after their version disappoints would cost a round trip each time.
    contested: HashSet<WalletId>,
}

impl Memory {
    /// Whether the wallet must be read together with its lock.
    pub(super) fn must_read(&mut self, id: WalletId) -> bool {
        !self.cache.touch(id) || self.contested.contains(&id)
    }

    /// Whether what is remembered is what the locked row stands for.
    pub(super) fn is_current(&mut self, id: WalletId, version: i64) -> bool {
        let remembered = self.versions.get(&id).filter(|_| self.cache.has(id));
        let is_current = remembered == Some(&version);
        if is_current {
            self.contested.remove(&id);
        } else if remembered.is_some() {
            self.contested.insert(id);
        }
        is_current
    }

    /// Remembers a wallet that was read at a version.
    pub(super) fn learn(&mut self, wallet: Wallet, version: i64) {
        self.versions.insert(wallet.id, version);
        self.cache.young.insert(wallet.id, wallet);
    }

    /// The wallets of the batch at hand.
    pub(super) fn wallets(&mut self) -> &mut HashMap<WalletId, Wallet> {
        &mut self.cache.young
    }

    /// The changes of these wallets were committed.
    pub(super) fn committed(&mut self, changed: impl Iterator<Item = WalletId>) {
        for id in changed {
            if let Some(version) = self.versions.get_mut(&id) {
                *version += 1;
            }
        }
    }

    /// Forgets wallets whose changes were not committed, or of which that is not known.
    pub(super) fn forget(&mut self, ids: impl Iterator<Item = WalletId>) {
        for id in ids {
            self.versions.remove(&id);
            self.cache.forget([id]);
        }
    }

    /// After a batch.
    pub(super) fn rest(&mut self, touched: impl Iterator<Item = WalletId>) {
        self.cache.forget_fates(touched);
        if self.cache.age() {
            let cache = &self.cache;
            self.versions.retain(|id, _| cache.has(*id));
            self.contested.retain(|id| cache.has(*id));
        }
    }
}
