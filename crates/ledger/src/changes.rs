//! What the store must write after a batch of decisions.
//!
//! Changes are netted: a hold that was opened and closed in one batch leaves no row, and a grant that
//! paid a hundred charges is written once.

use std::collections::HashMap;

use units::{Amount, GrantId, HoldId, Instant, WalletId};

use crate::{Charge, Fate, Grant, Hold, Transfer};

/// The new remainder of a grant that existed before the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantLeft {
    /// Whose grant.
    pub wallet: WalletId,
    /// What is left.
    pub left: Amount,
}

/// Everything that a batch changed, ready to be written in one transaction. The changed wallets
/// themselves (remainder, head) are written from their state.
#[derive(Debug, Default)]
pub struct Changes {
    /// Appended to the journal, in order for each wallet.
    pub transfers: Vec<Transfer>,
    /// New grants, with what is left of them at the end of the batch.
    pub issued: HashMap<GrantId, (WalletId, Grant)>,
    /// Older grants that have less left now.
    pub spent: HashMap<GrantId, GrantLeft>,
    /// Holds that are open at the end of the batch and were not before.
    pub opened: HashMap<HoldId, Hold>,
    /// Holds that were open before the batch and are not any more.
    pub closed: Vec<(WalletId, HoldId)>,
    /// Holds that ended without a charge, released or lapsed: remembered so that they cannot end again.
    pub ended: Vec<(WalletId, HoldId, Fate)>,
    /// New ends of leases of holds that were open before the batch.
    pub renewed: HashMap<HoldId, (WalletId, Instant)>,
    /// New charges.
    pub charges: Vec<Charge>,
}

impl Changes {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.transfers.is_empty()
            && self.issued.is_empty()
            && self.spent.is_empty()
            && self.opened.is_empty()
            && self.closed.is_empty()
            && self.ended.is_empty()
            && self.renewed.is_empty()
            && self.charges.is_empty()
    }

    pub(crate) fn grant_left(&mut self, wallet: WalletId, grant: GrantId, left: Amount) {
        match self.issued.get_mut(&grant) {
            Some((_, issued)) => issued.left = left,
            None => {
                self.spent.insert(grant, GrantLeft { wallet, left });
            }
        }
    }

    pub(crate) fn hold_closed(&mut self, hold: &Hold) {
        self.renewed.remove(&hold.id);
        if self.opened.remove(&hold.id).is_none() {
            self.closed.push((hold.wallet, hold.id));
        }
    }

    pub(crate) fn lease_renewed(&mut self, wallet: WalletId, hold: HoldId, until: Instant) {
        match self.opened.get_mut(&hold) {
            Some(opened) => opened.lease_until = until,
            None => {
                self.renewed.insert(hold, (wallet, until));
            }
        }
    }
}
