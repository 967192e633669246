//! What the store must write after a batch of decisions.
//!
//! Changes are netted: a hold that was opened and closed in one batch leaves no row, and a grant that
//! paid a hundred charges is written once. Every key leads with the wallet: clients choose the ids of
//! their holds, and two of them may choose the same one.

use foldhash::HashMap;
use units::{Amount, DisputeId, GrantId, HoldId, Instant, RefundId, WalletId};

use crate::{Charge, Correction, Dispute, Fate, Grant, Hold, Marks, Refund, Transfer};

/// Everything that a batch changed, ready to be written in one transaction. The changed wallets
/// themselves (remainder, head) are written from their state.
#[derive(Debug, Default)]
pub struct Changes {
    /// Appended to the journal, in order for each wallet.
    pub transfers: Vec<Transfer>,
    /// New grants, with what is left of them at the end of the batch.
    pub issued: HashMap<(WalletId, GrantId), Grant>,
    /// What is left of older grants that have less now.
    pub spent: HashMap<(WalletId, GrantId), Amount>,
    /// What is left of older grants that were used up and got something back.
    pub revived: HashMap<(WalletId, GrantId), Amount>,
    /// What else happened to grants, of those of which it changed.
    pub marked: HashMap<(WalletId, GrantId), Marks>,
    /// Holds that are open at the end of the batch and were not before.
    pub opened: HashMap<(WalletId, HoldId), Hold>,
    /// Holds that were open before the batch and are not any more.
    pub closed: Vec<(WalletId, HoldId)>,
    /// Holds that ended without a charge, released or lapsed: remembered so that they cannot end again.
    pub ended: Vec<(WalletId, HoldId, Fate)>,
    /// New ends of leases of holds that were open before the batch.
    pub renewed: HashMap<(WalletId, HoldId), Instant>,
    /// New charges.
    pub charges: Vec<Charge>,
    /// What wallets owe, of those of which it changed.
    pub receivables: HashMap<WalletId, Amount>,
    /// Refunds that are new or ended.
    pub refunds: HashMap<(WalletId, RefundId), Refund>,
    /// Disputes that are new or ended.
    pub disputes: HashMap<(WalletId, DisputeId), Dispute>,
    /// New corrections of charges.
    pub corrections: Vec<Correction>,
}

impl Changes {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.transfers.is_empty()
            && self.issued.is_empty()
            && self.spent.is_empty()
            && self.revived.is_empty()
            && self.marked.is_empty()
            && self.opened.is_empty()
            && self.closed.is_empty()
            && self.ended.is_empty()
            && self.renewed.is_empty()
            && self.charges.is_empty()
            && self.receivables.is_empty()
            && self.refunds.is_empty()
            && self.disputes.is_empty()
            && self.corrections.is_empty()
    }

    /// Adds what a later batch changed, netted as if both had been one. Nothing is left there but its room.
    pub fn absorb(&mut self, later: &mut Self) {
        self.transfers.append(&mut later.transfers);
        self.issued.extend(later.issued.drain());
        later.spent.drain().for_each(|((wallet, grant), left)| self.grant_left(wallet, grant, left));
        later.revived.drain().for_each(|(key, left)| self.revive(key, left));
        self.marked.extend(later.marked.drain());
        later.closed.drain(..).for_each(|key| self.closed_by_key(key));
        self.opened.extend(later.opened.drain());
        self.ended.append(&mut later.ended);
        later.renewed.drain().for_each(|((wallet, hold), until)| self.lease_renewed(wallet, hold, until));
        self.charges.append(&mut later.charges);
        self.receivables.extend(later.receivables.drain());
        self.refunds.extend(later.refunds.drain());
        self.disputes.extend(later.disputes.drain());
        self.corrections.append(&mut later.corrections);
    }

    fn revive(&mut self, key: (WalletId, GrantId), left: Amount) {
        match self.issued.get_mut(&key) {
            Some(issued) => issued.left = left,
            None => {
                self.spent.remove(&key);
                self.revived.insert(key, left);
            }
        }
    }

    pub(crate) fn grant_left(&mut self, wallet: WalletId, grant: GrantId, left: Amount) {
        let key = (wallet, grant);
        if let Some(issued) = self.issued.get_mut(&key) {
            issued.left = left;
        } else if let Some(revived) = self.revived.get_mut(&key) {
            *revived = left;
        } else {
            self.spent.insert(key, left);
        }
    }

    pub(crate) fn hold_closed(&mut self, hold: &Hold) {
        self.closed_by_key((hold.wallet, hold.id));
    }

    fn closed_by_key(&mut self, key: (WalletId, HoldId)) {
        self.renewed.remove(&key);
        if self.opened.remove(&key).is_none() {
            self.closed.push(key);
        }
    }

    pub(crate) fn lease_renewed(&mut self, wallet: WalletId, hold: HoldId, until: Instant) {
        match self.opened.get_mut(&(wallet, hold)) {
            Some(opened) => opened.lease_until = until,
            None => {
                self.renewed.insert((wallet, hold), until);
            }
        }
    }
}
