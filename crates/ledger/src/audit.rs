//! Recomputes a wallet from its journal, transfer by transfer, without trusting any stored balance.
//!
//! The auditor shares no code with the decisions but the seal itself.

use std::collections::HashMap;

use thiserror::Error;
use units::{Amount, GrantId, WalletId};

use crate::{Account, ChainHead, Transfer};

/// The first place where the books disagree with themselves.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Discrepancy {
    /// A transfer is missing, doubled or out of place.
    #[error("{wallet}: transfer {found} stands where {expected} was due; one was removed, doubled or swapped")]
    Gap {
        /// Whose journal.
        wallet: WalletId,
        /// The seq that was due.
        expected: u64,
        /// The seq that was found.
        found: u64,
    },
    /// A transfer does not carry the seal of its content.
    #[error("{wallet}: transfer {seq} was changed after it was sealed, or the one before it was")]
    Seal {
        /// Whose journal.
        wallet: WalletId,
        /// The transfer.
        seq: u64,
    },
    /// A transfer is earlier than the one before it.
    #[error("{wallet}: transfer {seq} is dated before the one ahead of it")]
    Time {
        /// Whose journal.
        wallet: WalletId,
        /// The transfer.
        seq: u64,
    },
    /// A transfer takes more from a grant than it has, or moves nothing.
    #[error("{wallet}: transfer {seq} takes {grant:?} to {left}")]
    BelowZero {
        /// Whose journal.
        wallet: WalletId,
        /// The transfer.
        seq: u64,
        /// The grant.
        grant: Option<GrantId>,
        /// What would be left.
        left: Amount,
    },
    /// The stored end of the journal is not its end.
    #[error("{wallet}: the wallet says its journal ends at {stored}, it ends at {found}")]
    Head {
        /// Whose journal.
        wallet: WalletId,
        /// The stored seq.
        stored: u64,
        /// The seq of the last transfer found.
        found: u64,
    },
    /// The stored remainder of a grant is not what its transfers add up to.
    #[error("{wallet}: grant {grant} says {stored} is left, its transfers say {computed}")]
    GrantLeft {
        /// Whose journal.
        wallet: WalletId,
        /// The grant.
        grant: GrantId,
        /// What the store says.
        stored: Amount,
        /// What the transfers say.
        computed: Amount,
    },
}

/// Folds one wallet's journal.
#[derive(Debug)]
pub struct Auditor {
    wallet: WalletId,
    head: ChainHead,
    grants: HashMap<GrantId, Amount>,
    platform: HashMap<Account, i128>,
}

impl Auditor {
    /// Before the first transfer of a wallet.
    pub fn new(wallet: WalletId) -> Self {
        Self { wallet, head: ChainHead::START, grants: HashMap::new(), platform: HashMap::new() }
    }

    /// Behind a part of a journal that was summed up: where it ended, and what was left on each grant.
    pub fn behind(wallet: WalletId, head: ChainHead, grants: HashMap<GrantId, Amount>) -> Self {
        Self { wallet, head, grants, platform: HashMap::new() }
    }

    /// Takes the next transfer, in the order of the store. Whatever is wrong with it, the auditor goes on behind
    /// it as if it were right, so that one difference is not told again and again.
    pub fn take(&mut self, transfer: &Transfer) -> Result<(), Discrepancy> {
        let found = self.look(transfer);
        let from = self.add(transfer.from, -i128::from(transfer.amount.nanos()), transfer.seq);
        let to = self.add(transfer.to, i128::from(transfer.amount.nanos()), transfer.seq);
        self.head = ChainHead { seq: transfer.seq, hash: transfer.hash, at: transfer.at };
        found.and(from).and(to)
    }

    fn look(&self, transfer: &Transfer) -> Result<(), Discrepancy> {
        let (wallet, seq) = (self.wallet, transfer.seq);
        if transfer.wallet != wallet || seq != self.head.seq + 1 {
            return Err(Discrepancy::Gap { wallet, expected: self.head.seq + 1, found: seq });
        }
        if transfer.hash != transfer.seal(self.head.hash) {
            return Err(Discrepancy::Seal { wallet, seq });
        }
        if transfer.at < self.head.at {
            return Err(Discrepancy::Time { wallet, seq });
        }
        match transfer.amount.is_positive() {
            true => Ok(()),
            false => Err(Discrepancy::BelowZero { wallet, seq, grant: None, left: transfer.amount }),
        }
    }

    fn add(&mut self, account: Account, nanos: i128, seq: u64) -> Result<(), Discrepancy> {
        let Account::Grant(grant) = account else {
            *self.platform.entry(account).or_default() += nanos;
            return Ok(());
        };
        let left = self.grants.entry(grant).or_default();
        let sum = i128::from(left.nanos()) + nanos;
        *left = Amount::from_nanos(i64::try_from(sum).unwrap_or(i64::MIN));
        match left.is_negative() {
            true => Err(Discrepancy::BelowZero { wallet: self.wallet, seq, grant: Some(grant), left: *left }),
            false => Ok(()),
        }
    }

    /// Compares with the stored end of the journal and what is stored as left on every grant.
    pub fn finish(
        &self,
        head: ChainHead,
        grants: impl IntoIterator<Item = (GrantId, Amount)>,
    ) -> Result<(), Discrepancy> {
        let wallet = self.wallet;
        if head.seq != self.head.seq || head.hash != self.head.hash {
            return Err(Discrepancy::Head { wallet, stored: head.seq, found: self.head.seq });
        }
        let mut computed = self.grants.clone();
        for (grant, stored) in grants {
            let sum = computed.remove(&grant).unwrap_or_default();
            if sum != stored {
                return Err(Discrepancy::GrantLeft { wallet, grant, stored, computed: sum });
            }
        }
        match computed.into_iter().find(|(_, left)| !left.is_zero()) {
            Some((grant, computed)) => Err(Discrepancy::GrantLeft { wallet, grant, stored: Amount::ZERO, computed }),
            None => Ok(()),
        }
    }

    /// What the journal moved into each account of the platform, in nanodollars.
    pub fn platform(&self) -> &HashMap<Account, i128> {
        &self.platform
    }

    /// Where the journal ends so far.
    pub fn head(&self) -> ChainHead {
        self.head
    }
}
