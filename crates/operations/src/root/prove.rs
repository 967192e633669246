//! The published roots, and a proof for one wallet.

use ledger::merkle::{self, TreeHash};
use serde::Serialize;
use store::{Reader, RootRow};
use units::{Day, Instant, WalletId};

use super::Proof;
use crate::Error;
use crate::receipt::hex;

/// A root as it is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RootAnswer {
    /// Of which UTC day.
    pub day: Day,
    /// The root, in hexadecimal.
    pub root: String,
    /// How many wallets are in it.
    pub wallets: u64,
    /// When it was made.
    pub made_at: Instant,
}

impl From<RootRow> for RootAnswer {
    fn from(row: RootRow) -> Self {
        Self { day: row.day, root: hex(&row.root), wallets: row.wallets, made_at: row.made_at }
    }
}

const PAGE: u32 = 5_000;

/// The root of a day, or the latest one.
pub async fn latest(reader: &Reader, day: Option<Day>) -> Result<RootAnswer, Error> {
    Ok(find(reader, day).await?.into())
}

async fn find(reader: &Reader, day: Option<Day>) -> Result<RootRow, Error> {
    let found = match day {
        Some(day) => reader.find_root(day).await?,
        None => reader.list_roots(None, 1).await?.pop(),
    };
    let name = day.map_or("of any day yet".to_owned(), |day| format!("of {day}"));
    found.ok_or(Error::NotFound { what: "root", name })
}

/// Proves where a wallet's journal ended in a root: reads all leaves of that day.
pub async fn prove(reader: &Reader, wallet: WalletId, day: Option<Day>) -> Result<Proof, Error> {
    let root = find(reader, day).await?;
    let (mut leaves, mut found, mut after): (Vec<TreeHash>, _, _) = (Vec::new(), None, None);
    loop {
        let page = reader.list_root_heads(root.day, after, PAGE).await?;
        for head in &page {
            if head.wallet == wallet {
                found = Some((leaves.len(), *head));
            }
            leaves.push(merkle::leaf(head.wallet, head.seq, head.hash));
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = Some(last.wallet),
            _ => break,
        }
    }
    let name = || format!("of {wallet} in the root of {}", root.day);
    let (index, head) = found.ok_or_else(|| Error::NotFound { what: "entry", name: name() })?;
    Ok(Proof {
        day: root.day,
        root: hex(&root.root),
        wallet,
        seq: head.seq,
        seal: head.hash.to_string(),
        index: index as u64,
        wallets: leaves.len() as u64,
        path: merkle::prove(&leaves, index).iter().map(|hash| hex(hash)).collect(),
    })
}
