//! A store in memory: what the two databases keep of the wallets, with the constraints that they have.
//!
//! It writes nothing but what [`Changes`] says, so that a change which the ledger forgets to report is
//! lost here as it would be in a database, and shows when the wallet is loaded again.

use std::collections::BTreeMap;

use ledger::{
    Account, ChainHead, Changes, Charge, Command, Correction, Dispute, Draw, Fate, Grant, Hold, Marks, Past, Refund,
    TransferKind, Wallet,
};
use units::{Amount, DisputeId, GrantId, HoldId, RefundId, Remainder, WalletId};

/// The rows of all wallets.
#[derive(Debug, Default)]
pub struct Rows {
    wallets: BTreeMap<WalletId, WalletRows>,
}

#[derive(Debug)]
struct WalletRows {
    remainder: Remainder,
    receivable: Amount,
    head: ChainHead,
    /// Grants with something left.
    live: BTreeMap<GrantId, Grant>,
    /// Grants with nothing left; kept because their ids stay taken.
    used_up: BTreeMap<GrantId, Grant>,
    holds: BTreeMap<HoldId, Hold>,
    /// Released and lapsed holds.
    ended: BTreeMap<HoldId, Fate>,
    charges: BTreeMap<HoldId, Charge>,
    /// Which grants paid for the charges.
    draws: BTreeMap<HoldId, Vec<Draw>>,
    refunds: BTreeMap<RefundId, Refund>,
    disputes: BTreeMap<DisputeId, Dispute>,
    corrections: Vec<Correction>,
}

/// A batch that a database would have refused: which rule it breaks.
pub type BrokenConstraint = String;

impl Rows {
    /// Writes a batch and the state of the wallets that it changed.
    pub fn save<'a>(
        &mut self,
        changes: &Changes,
        wallets: impl IntoIterator<Item = &'a Wallet>,
    ) -> Result<(), BrokenConstraint> {
        for wallet in wallets {
            let rows = self.wallets.entry(wallet.id).or_default();
            rows.remainder = wallet.remainder;
            rows.head = wallet.head;
        }
        for ((wallet, id), grant) in &changes.issued {
            self.rows(*wallet)?.insert_grant(*id, grant)?;
        }
        for ((wallet, id), left) in &changes.spent {
            // Only a correction, or a refund that comes back, lets a grant grow.
            let gives_back = |kind| matches!(kind, TransferKind::Correction | TransferKind::Refund);
            let mut given = changes.transfers.iter().filter(|given| given.wallet == *wallet && gives_back(given.kind));
            let may_grow = given.any(|given| given.to == Account::Grant(*id));
            self.rows(*wallet)?.update_left(*id, *left, may_grow)?;
        }
        for ((wallet, id), left) in &changes.revived {
            self.rows(*wallet)?.revive(*id, *left)?;
        }
        for ((wallet, id), marks) in &changes.marked {
            self.rows(*wallet)?.mark(*id, *marks)?;
        }
        self.save_amendments(changes)?;
        for (wallet, id) in &changes.closed {
            let gone = self.rows(*wallet)?.holds.remove(id);
            gone.ok_or_else(|| format!("closed hold {id} has no row"))?;
        }
        for ((wallet, id), hold) in &changes.opened {
            let before = self.rows(*wallet)?.holds.insert(*id, hold.clone());
            refuse_if(before.is_some() || hold.id != *id || hold.wallet != *wallet, || format!("{id} opened twice"))?;
        }
        for ((wallet, id), until) in &changes.renewed {
            let row = self.rows(*wallet)?.holds.get_mut(id);
            row.ok_or_else(|| format!("renewed hold {id} has no row"))?.lease_until = *until;
        }
        for (wallet, id, fate) in &changes.ended {
            let before = self.rows(*wallet)?.ended.insert(*id, fate.clone());
            refuse_if(before.is_some(), || format!("{id} ended twice"))?;
        }
        for charge in &changes.charges {
            let rows = self.rows(charge.wallet)?;
            let before = rows.charges.insert(charge.id, charge.clone());
            refuse_if(before.is_some(), || format!("{} charged twice", charge.id))?;
            rows.draws.insert(charge.id, Vec::new());
        }
        for transfer in changes.transfers.iter().filter(|transfer| transfer.kind == TransferKind::Charge) {
            let charge = HoldId::from_uuid(uuid::Uuid::from_bytes(transfer.reference));
            if let (Some(draws), Some(grant)) =
                (self.rows(transfer.wallet)?.draws.get_mut(&charge), transfer.from.grant())
            {
                draws.push(Draw { grant, amount: transfer.amount });
            }
        }
        Ok(())
    }

    fn save_amendments(&mut self, changes: &Changes) -> Result<(), BrokenConstraint> {
        for (wallet, owed) in &changes.receivables {
            refuse_if(owed.is_negative(), || format!("{wallet} owes {owed}"))?;
            self.rows(*wallet)?.receivable = *owed;
        }
        for ((wallet, id), refund) in &changes.refunds {
            self.rows(*wallet)?.refunds.insert(*id, refund.clone());
        }
        for ((wallet, id), dispute) in &changes.disputes {
            self.rows(*wallet)?.disputes.insert(*id, dispute.clone());
        }
        for correction in &changes.corrections {
            let rows = self.rows(correction.wallet)?;
            let is_twice =
                rows.corrections.iter().any(|known| (known.charge, known.id) == (correction.charge, correction.id));
            refuse_if(is_twice, || format!("{} corrected twice", correction.id))?;
            rows.corrections.push(correction.clone());
        }
        Ok(())
    }

    /// The wallet as it is stored; without history, when nothing is.
    pub fn load(&self, wallet: WalletId) -> Wallet {
        let Some(rows) = self.wallets.get(&wallet) else { return Wallet::new(wallet) };
        let grants = rows.live.values().cloned().collect();
        let holds = rows.holds.values().map(|hold| (hold.id, hold.clone())).collect();
        Wallet::restore(wallet, rows.remainder, rows.receivable, rows.head, grants, holds)
    }

    /// What became of a hold that is not open. A charge is the last word: it may follow a lapse.
    fn fate(&self, wallet: WalletId, hold: HoldId) -> Option<Fate> {
        let rows = self.wallets.get(&wallet)?;
        match rows.charges.get(&hold) {
            Some(charge) => Some(Fate::Settled(charge.clone())),
            None => rows.ended.get(&hold).cloned(),
        }
    }

    /// What a store does before a decision: it tells what became of a hold that the command names, and what
    /// the command must know of the past.
    pub fn tell(&self, wallet: &mut Wallet, command: &Command) {
        if command.stands_alone()
            && let Some(rows) = self.wallets.get(&wallet.id)
        {
            wallet.learn_past(rows.past(command));
        }
        if let Some(hold) = command.needs_fate(wallet)
            && let Some(fate) = self.fate(wallet.id, hold)
        {
            wallet.learn_fate(hold, fate);
        }
    }

    /// Every grant that the wallet ever had, with what is left of it.
    pub fn grants(&self, wallet: WalletId) -> impl Iterator<Item = &Grant> {
        self.wallets.get(&wallet).into_iter().flat_map(|rows| rows.live.values().chain(rows.used_up.values()))
    }

    fn rows(&mut self, wallet: WalletId) -> Result<&mut WalletRows, BrokenConstraint> {
        self.wallets.get_mut(&wallet).ok_or_else(|| format!("{wallet} was changed but not written"))
    }
}

impl Default for WalletRows {
    fn default() -> Self {
        Self {
            remainder: Remainder::default(),
            receivable: Amount::ZERO,
            head: ChainHead::START,
            live: BTreeMap::new(),
            used_up: BTreeMap::new(),
            holds: BTreeMap::new(),
            ended: BTreeMap::new(),
            charges: BTreeMap::new(),
            draws: BTreeMap::new(),
            refunds: BTreeMap::new(),
            disputes: BTreeMap::new(),
            corrections: Vec::new(),
        }
    }
}

impl WalletRows {
    fn insert_grant(&mut self, id: GrantId, grant: &Grant) -> Result<(), BrokenConstraint> {
        let is_taken = self.live.contains_key(&id) || self.used_up.contains_key(&id);
        refuse_if(is_taken || grant.id != id, || format!("{id} issued twice"))?;
        self.put(grant.clone())
    }

    fn update_left(&mut self, id: GrantId, left: Amount, may_grow: bool) -> Result<(), BrokenConstraint> {
        let mut row = self.live.remove(&id).ok_or_else(|| format!("spent grant {id} has no row"))?;
        refuse_if(left >= row.left && !may_grow, || format!("{id} was {} and grew to {left}", row.left))?;
        row.left = left;
        self.put(row)
    }

    fn revive(&mut self, id: GrantId, left: Amount) -> Result<(), BrokenConstraint> {
        let mut row = self.used_up.remove(&id).ok_or_else(|| format!("revived grant {id} was not used up"))?;
        row.left = left;
        self.put(row)
    }

    fn mark(&mut self, id: GrantId, marks: Marks) -> Result<(), BrokenConstraint> {
        let row = self.live.get_mut(&id).or_else(|| self.used_up.get_mut(&id));
        let row = row.ok_or_else(|| format!("marked grant {id} has no row"))?;
        row.marks = marks;
        let parts = [row.left, marks.refunded, marks.expired, marks.taken].into_iter().sum::<Amount>();
        refuse_if(parts > row.amount || marks.refunding > row.left, || format!("{id} is marked {marks:?}"))
    }

    /// Everything that a command asks about what is over.
    fn past(&self, command: &Command) -> Past {
        let mut past = Past::default();
        let mut grants = Vec::new();
        match command {
            Command::ReserveRefund(asked) => {
                past.refund = self.refunds.get(&asked.refund).cloned();
                grants.push(asked.grant);
            }
            Command::FinishRefund(asked) => {
                past.refund = self.refunds.get(&asked.refund).cloned();
                grants.extend(past.refund.iter().map(|refund| refund.grant));
            }
            Command::Contest(asked) => {
                past.dispute = self.disputes.get(&asked.dispute).cloned();
                grants.push(asked.grant);
            }
            Command::Correct(asked) => {
                past.charge = self.charges.get(&asked.charge).cloned();
                past.draws = self.draws.get(&asked.charge).cloned().unwrap_or_default();
                let of_charge = self.corrections.iter().filter(|known| known.charge == asked.charge);
                past.corrections = of_charge.cloned().collect();
                grants.extend(past.draws.iter().map(|draw| draw.grant));
            }
            _ => {}
        }
        past.grants =
            grants.iter().filter_map(|id| self.live.get(id).or_else(|| self.used_up.get(id))).cloned().collect();
        past
    }

    /// Files a grant among the live or the used up ones. What is held is not stored.
    fn put(&mut self, mut grant: Grant) -> Result<(), BrokenConstraint> {
        let is_in_range = !grant.left.is_negative() && grant.left <= grant.amount;
        refuse_if(!is_in_range, || format!("{} has {} left of {}", grant.id, grant.left, grant.amount))?;
        grant.held = Amount::ZERO;
        let shelf = if grant.left.is_zero() { &mut self.used_up } else { &mut self.live };
        shelf.insert(grant.id, grant);
        Ok(())
    }
}

fn refuse_if(is_broken: bool, rule: impl FnOnce() -> String) -> Result<(), BrokenConstraint> {
    if is_broken { Err(rule()) } else { Ok(()) }
}
