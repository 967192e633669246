//! A store in memory: what the two databases keep of the wallets, with the constraints that they have.
//!
//! It writes nothing but what [`Changes`] says, so that a change which the ledger forgets to report is
//! lost here as it would be in a database, and shows when the wallet is loaded again.

use std::collections::BTreeMap;

use ledger::{ChainHead, Changes, Charge, Command, Fate, Grant, Hold, Wallet};
use units::{Amount, GrantId, HoldId, Remainder, WalletId};

/// The rows of all wallets.
#[derive(Debug, Default)]
pub struct Rows {
    wallets: BTreeMap<WalletId, WalletRows>,
}

#[derive(Debug)]
struct WalletRows {
    remainder: Remainder,
    head: ChainHead,
    /// Grants with something left.
    live: BTreeMap<GrantId, Grant>,
    /// Grants with nothing left; kept because their ids stay taken.
    used_up: BTreeMap<GrantId, Grant>,
    holds: BTreeMap<HoldId, Hold>,
    /// Released and lapsed holds.
    ended: BTreeMap<HoldId, Fate>,
    charges: BTreeMap<HoldId, Charge>,
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
            self.rows(*wallet)?.update_left(*id, *left)?;
        }
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
            let before = self.rows(charge.wallet)?.charges.insert(charge.id, charge.clone());
            refuse_if(before.is_some(), || format!("{} charged twice", charge.id))?;
        }
        Ok(())
    }

    /// The wallet as it is stored; without history, when nothing is.
    pub fn load(&self, wallet: WalletId) -> Wallet {
        let Some(rows) = self.wallets.get(&wallet) else { return Wallet::new(wallet) };
        let grants = rows.live.values().cloned().collect();
        let holds = rows.holds.values().cloned().collect();
        Wallet::restore(wallet, rows.remainder, rows.head, grants, holds)
    }

    /// What became of a hold that is not open. A charge is the last word: it may follow a lapse.
    fn fate(&self, wallet: WalletId, hold: HoldId) -> Option<Fate> {
        let rows = self.wallets.get(&wallet)?;
        match rows.charges.get(&hold) {
            Some(charge) => Some(Fate::Settled(charge.clone())),
            None => rows.ended.get(&hold).cloned(),
        }
    }

    /// What a store does before a decision: it tells what became of a hold that the command names.
    pub fn tell_fate(&self, wallet: &mut Wallet, command: &Command) {
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
            head: ChainHead::START,
            live: BTreeMap::new(),
            used_up: BTreeMap::new(),
            holds: BTreeMap::new(),
            ended: BTreeMap::new(),
            charges: BTreeMap::new(),
        }
    }
}

impl WalletRows {
    fn insert_grant(&mut self, id: GrantId, grant: &Grant) -> Result<(), BrokenConstraint> {
        let is_taken = self.live.contains_key(&id) || self.used_up.contains_key(&id);
        refuse_if(is_taken || grant.id != id, || format!("{id} issued twice"))?;
        self.put(grant.clone())
    }

    fn update_left(&mut self, id: GrantId, left: Amount) -> Result<(), BrokenConstraint> {
        let mut row = self.live.remove(&id).ok_or_else(|| format!("spent grant {id} has no row"))?;
        refuse_if(left >= row.left, || format!("{id} was {} and grew to {left}", row.left))?;
        row.left = left;
        self.put(row)
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
