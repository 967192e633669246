//! Questions about what is in a wallet.

use std::collections::HashMap;

use ledger::{Grant, Transfer, Wallet};
use units::{Amount, GrantId, WalletId};

use crate::session::Session;
use crate::{Fault, Reader, batch, books};

impl Reader {
    /// The live state of a wallet, from one state of the database: grants with something left, open holds.
    pub async fn load_wallet(&self, id: WalletId) -> Result<Option<Wallet>, Fault> {
        self.snapshot_wallet(id, "loading a wallet", move |session| Box::pin(books::load_wallet(session, id))).await
    }

    /// Grants in the order of their ids, drained ones too, with what is left and held.
    pub async fn list_grants(&self, wallet: WalletId, after: Option<GrantId>, limit: u32) -> Result<Vec<Grant>, Fault> {
        self.snapshot_wallet(wallet, "listing grants", move |session| {
            Box::pin(list_grants(session, wallet, after, limit))
        })
        .await
    }

    /// The hash of what was asked with a caller's key, when a change of the wallet was made with it.
    pub async fn find_key_content(&self, wallet: WalletId, key: &str) -> Result<Option<[u8; 32]>, Fault> {
        let hash = batch::text_hash(key);
        self.read_wallet(wallet, "looking for a key", move |session| {
            Box::pin(async move {
                let sql = "SELECT content FROM idempotency WHERE wallet = $1 AND key_hash = $2";
                session.find(sql, &[wallet.into(), hash.into()]).await?.map(|mut row| row.take()).transpose()
            })
        })
        .await
    }

    /// The journal in its order, from behind a seq: 0 for the beginning.
    pub async fn list_transfers(&self, wallet: WalletId, after_seq: u64, limit: u32) -> Result<Vec<Transfer>, Fault> {
        self.read_wallet(wallet, "listing transfers", move |session| {
            Box::pin(list_transfers(session, wallet, after_seq, limit))
        })
        .await
    }
}

async fn list_grants(
    session: &mut Session<'_>,
    wallet: WalletId,
    after: Option<GrantId>,
    limit: u32,
) -> Result<Vec<Grant>, Fault> {
    let mut held: HashMap<GrantId, Amount> = HashMap::new();
    for draw in books::open_holds(session, wallet).await?.into_iter().flat_map(|hold| hold.draws) {
        let sum = held.entry(draw.grant).or_default();
        *sum = [*sum, draw.amount].into_iter().sum();
    }
    let after = after.map(|id| id.uuid()).unwrap_or_default();
    let sql = format!("SELECT {} FROM grants WHERE wallet = $1 AND id > $2 ORDER BY id LIMIT $3", books::GRANT);
    let rows = session.query(&sql, &[wallet.into(), after.into(), limit.into()]).await?;
    let grants = rows.into_iter().map(|mut row| {
        let (_, mut grant) = books::grant(&mut row)?;
        let on_holds = held.get(&grant.id).copied().unwrap_or_default();
        grant.held = [grant.held, on_holds].into_iter().sum();
        Ok(grant)
    });
    grants.collect()
}

pub(crate) async fn list_transfers(
    session: &mut Session<'_>,
    wallet: WalletId,
    after_seq: u64,
    limit: u32,
) -> Result<Vec<Transfer>, Fault> {
    let sql = format!("SELECT {} FROM transfers WHERE wallet = $1 AND seq > $2 ORDER BY seq LIMIT $3", books::TRANSFER);
    let rows = session.query(&sql, &[wallet.into(), (after_seq as i64).into(), limit.into()]).await?;
    rows.into_iter().map(|mut row| books::transfer(&mut row)).collect()
}
