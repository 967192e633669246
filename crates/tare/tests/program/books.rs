//! What the database says, read beside the servers.

use std::collections::{HashMap, HashSet};
use std::time::{SystemTime, UNIX_EPOCH};

use ledger::Wallet;
use store::{ChargeRow, Database, Reader};
use units::{Amount, Cost, Instant, WalletId};

/// Rows that are read at once.
const PAGE: u32 = 1_000;

/// A look into the books.
#[derive(Clone)]
pub struct Books {
    reader: Reader,
}

impl Books {
    pub async fn open(database: &Database) -> Self {
        Self { reader: Reader::open(database).await.unwrap() }
    }

    /// The tables themselves.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    pub async fn wallet_of(&self, name: &str) -> WalletId {
        self.reader.find_user_by_name(name).await.unwrap().expect("the person was added").wallet
    }

    /// The wallet as it is now. Panics when more is held than is left: then available would be below zero.
    pub async fn wallet(&self, id: WalletId) -> Wallet {
        self.reader.load_wallet(id).await.unwrap().expect("it has books")
    }

    pub async fn balance(&self, id: WalletId) -> Amount {
        self.wallet(id).await.balance(now())
    }

    /// All charges, the latest first.
    pub async fn charges(&self, id: WalletId) -> Vec<ChargeRow> {
        self.charges_until(id, |_| false).await
    }

    /// The latest charges, as many as it takes to find these tags.
    pub async fn latest_charges(&self, id: WalletId, mut tags: HashSet<&str>) -> Vec<ChargeRow> {
        self.charges_until(id, |page| {
            page.iter().for_each(|row| _ = tags.remove(tag(row)));
            tags.is_empty()
        })
        .await
    }

    async fn charges_until(&self, id: WalletId, mut is_enough: impl FnMut(&[ChargeRow]) -> bool) -> Vec<ChargeRow> {
        let mut all: Vec<ChargeRow> = Vec::new();
        loop {
            let before = all.last().map(|row| row.charge.id);
            let page = self.reader.list_charges(id, before, PAGE).await.unwrap();
            let is_last = page.len() < PAGE as usize || is_enough(&page);
            all.extend(page);
            if is_last {
                return all;
            }
        }
    }
}

/// The tag of the request behind a charge: its client named it as its project.
pub fn tag(row: &ChargeRow) -> &str {
    &row.usage.as_ref().expect("charges of the gateway have a usage record").project
}

/// Charges by their tags. Each tag was sent once, so one that came twice was charged twice.
pub fn by_tag(rows: &[ChargeRow]) -> HashMap<&str, &ChargeRow> {
    let mut charges = HashMap::new();
    for row in rows {
        if let Some(other) = charges.insert(tag(row), row) {
            panic!("one request was charged twice: {:?} and {:?}", other.charge, row.charge);
        }
    }
    charges
}

/// What left the wallet for these charges: the sum of their costs in whole nanodollars, and nothing lost.
pub fn assert_debited(rows: &[ChargeRow], granted: Amount, balance: Amount) {
    let cost: Cost = rows.iter().map(|row| row.charge.cost).sum();
    let debited: Amount = rows.iter().map(|row| row.charge.debited).sum();
    let lost: Amount = rows.iter().map(|row| row.charge.lost).sum();
    assert_eq!(lost, Amount::ZERO, "the platform lost something");
    assert_eq!(i128::from(debited.nanos()), cost.attos() / 1_000_000_000, "debits are the costs in whole nanodollars");
    assert_eq!(balance, granted.checked_sub(debited).unwrap(), "the balance is lower by exactly the debits");
}

pub fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Instant::from_micros(since.as_micros().try_into().unwrap())
}
