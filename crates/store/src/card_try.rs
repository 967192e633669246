//! Who tried which card. What is too much is not decided here.

use units::{Instant, WalletId};

use crate::value::{Row, Value};
use crate::{Fault, Tx};

/// One try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardTryRow {
    /// For which wallet.
    pub wallet: WalletId,
    /// Which: the id of a payment, or the processor's id of a card that is typed.
    pub reference: String,
    /// From where.
    pub network: Option<String>,
    /// When.
    pub tried_at: Instant,
    /// What the bank said, once it did.
    pub is_declined: Option<bool>,
}

const TRY: &str = "wallet, reference, network, tried_at, is_declined";

impl Tx<'_> {
    /// Adds a try. One that is there stays as it is.
    pub async fn insert_card_try(&mut self, row: &CardTryRow) -> Result<(), Fault> {
        let sql = format!("INSERT INTO card_tries ({TRY}) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING");
        let values: [Value; 5] = [
            row.wallet.into(),
            (&row.reference).into(),
            row.network.as_ref().into(),
            row.tried_at.into(),
            row.is_declined.into(),
        ];
        self.session.execute(&sql, &values).await.map(drop)
    }

    /// The processor's name for a try that had only ours.
    pub async fn rename_card_try(&mut self, wallet: WalletId, ours: &str, theirs: &str) -> Result<(), Fault> {
        let sql = "UPDATE card_tries SET reference = $3 WHERE wallet = $1 AND reference = $2";
        self.session.execute(sql, &[wallet.into(), ours.into(), theirs.into()]).await.map(drop)
    }

    /// Notes what the bank said to a try. What is no try is not noted.
    pub async fn end_card_try(&mut self, wallet: WalletId, reference: &str, is_declined: bool) -> Result<(), Fault> {
        let sql = "UPDATE card_tries SET is_declined = $3 WHERE wallet = $1 AND reference = $2";
        self.session.execute(sql, &[wallet.into(), reference.into(), is_declined.into()]).await.map(drop)
    }

    /// What was tried for a wallet since a moment, oldest first.
    pub async fn list_card_tries(&mut self, wallet: WalletId, since: Instant) -> Result<Vec<CardTryRow>, Fault> {
        let sql =
            format!("SELECT {TRY} FROM card_tries WHERE wallet = $1 AND tried_at > $2 ORDER BY tried_at, reference");
        self.session.query(&sql, &[wallet.into(), since.into()]).await?.into_iter().map(card_try).collect()
    }

    /// When somebody tried from a network since a moment, oldest first.
    pub async fn list_card_tries_from(&mut self, network: &str, since: Instant) -> Result<Vec<Instant>, Fault> {
        let sql = "SELECT tried_at FROM card_tries WHERE network = $1 AND tried_at > $2 ORDER BY tried_at";
        let rows = self.session.query(sql, &[network.into(), since.into()]).await?;
        rows.into_iter().map(|mut row| row.take()).collect()
    }

    /// The fingerprints of the cards that were saved for a wallet since a moment, removed ones too, with the first time of each.
    pub async fn list_new_cards(&mut self, wallet: WalletId, since: Instant) -> Result<Vec<(String, Instant)>, Fault> {
        let sql = "SELECT fingerprint, min(added_at) FROM cards WHERE wallet = $1 AND added_at > $2 \
                   GROUP BY fingerprint ORDER BY min(added_at), fingerprint";
        let rows = self.session.query(sql, &[wallet.into(), since.into()]).await?;
        rows.into_iter().map(|mut row| Ok((row.take()?, row.take()?))).collect()
    }

    /// Forgets tries before a moment. Answers how many.
    pub async fn delete_card_tries(&mut self, before: Instant) -> Result<u64, Fault> {
        self.session.execute("DELETE FROM card_tries WHERE tried_at < $1", &[before.into()]).await
    }
}

fn card_try(mut row: Row) -> Result<CardTryRow, Fault> {
    Ok(CardTryRow {
        wallet: row.take()?,
        reference: row.take()?,
        network: row.take()?,
        tried_at: row.take()?,
        is_declined: row.take()?,
    })
}
