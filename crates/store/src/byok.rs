//! Provider keys that holders of wallets brought. What is sealed is opened elsewhere.

use units::{ByokKeyId, Instant, UserId, WalletId};

use crate::people::text;
use crate::session::Session;
use crate::value::{Row, Value};
use crate::{Fault, Reader, Tx};

/// A sealed key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByokKeyRow {
    /// Its id.
    pub id: ByokKeyId,
    /// Whose requests go out with it.
    pub wallet: WalletId,
    /// For which upstream, by its name.
    pub provider: String,
    /// What its owner calls it.
    pub name: String,
    /// The last four characters of the key, to recognise it.
    pub last4: String,
    /// Counts the secrets that this row has held, from 1.
    pub version: u32,
    /// The name of the master key that the data key is wrapped under.
    pub master_key: String,
    /// The data key, wrapped.
    pub wrapped: Vec<u8>,
    /// The provider's key, sealed under the data key.
    pub sealed: Vec<u8>,
    /// Who brought it; absent for the command line.
    pub added_by: Option<UserId>,
    /// Since when there is one.
    pub created_at: Instant,
    /// When it was brought or replaced.
    pub changed_at: Instant,
}

const BYOK_KEY: &str = "wallet, id, provider, name, last4, version, master_key, wrapped, sealed, added_by, created_at, \
    changed_at";

impl Tx<'_> {
    /// Adds a key.
    ///
    /// # Errors
    /// [`Fault::Taken`] when the wallet has one for this provider.
    pub async fn insert_byok_key(&mut self, key: &ByokKeyRow) -> Result<(), Fault> {
        let sql = format!(
            "INSERT INTO byok_keys ({BYOK_KEY}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
             ON CONFLICT DO NOTHING"
        );
        let values: [Value; 12] = [
            key.wallet.into(),
            key.id.into(),
            text(&key.provider),
            text(&key.name),
            (&key.last4).into(),
            key.version.into(),
            (&key.master_key).into(),
            Value::Bytes(key.wrapped.clone()),
            Value::Bytes(key.sealed.clone()),
            key.added_by.into(),
            key.created_at.into(),
            key.changed_at.into(),
        ];
        match self.session.execute(&sql, &values).await? {
            0 => Err(Fault::Taken { what: "a key for this provider" }),
            _ => Ok(()),
        }
    }

    /// Writes another secret and name over a key. Answers whether it was still at `version`.
    pub async fn replace_byok_key(&mut self, key: &ByokKeyRow, version: u32) -> Result<bool, Fault> {
        let sql = "UPDATE byok_keys SET name = $4, last4 = $5, version = $6, master_key = $7, wrapped = $8, \
                   sealed = $9, added_by = $10, changed_at = $11 WHERE wallet = $1 AND id = $2 AND version = $3";
        let values: [Value; 11] = [
            key.wallet.into(),
            key.id.into(),
            version.into(),
            text(&key.name),
            (&key.last4).into(),
            key.version.into(),
            (&key.master_key).into(),
            Value::Bytes(key.wrapped.clone()),
            Value::Bytes(key.sealed.clone()),
            key.added_by.into(),
            key.changed_at.into(),
        ];
        Ok(self.session.execute(sql, &values).await? == 1)
    }

    /// Writes the data key of a row under another master key. Answers whether the row was still as it was read.
    pub async fn rewrap_byok_key(
        &mut self,
        read: &ByokKeyRow,
        master_key: &str,
        wrapped: &[u8],
    ) -> Result<bool, Fault> {
        let sql = "UPDATE byok_keys SET master_key = $5, wrapped = $6 \
                   WHERE wallet = $1 AND id = $2 AND version = $3 AND master_key = $4";
        let values: [Value; 6] = [
            read.wallet.into(),
            read.id.into(),
            read.version.into(),
            (&read.master_key).into(),
            master_key.into(),
            Value::Bytes(wrapped.to_vec()),
        ];
        Ok(self.session.execute(sql, &values).await? == 1)
    }

    /// Takes a key out. Answers whether it was there.
    pub async fn delete_byok_key(&mut self, wallet: WalletId, id: ByokKeyId) -> Result<bool, Fault> {
        let sql = "DELETE FROM byok_keys WHERE wallet = $1 AND id = $2";
        Ok(self.session.execute(sql, &[wallet.into(), id.into()]).await? == 1)
    }

    /// The keys of a wallet, oldest first.
    pub async fn list_byok_keys(&mut self, wallet: WalletId) -> Result<Vec<ByokKeyRow>, Fault> {
        list(&mut self.session, wallet).await
    }
}

impl Reader {
    /// The keys of a wallet, oldest first.
    pub async fn list_byok_keys(&self, wallet: WalletId) -> Result<Vec<ByokKeyRow>, Fault> {
        self.read_beside("listing provider keys", move |session| Box::pin(list(session, wallet))).await
    }

    /// How many keys are under each master key.
    pub async fn count_byok_keys(&self) -> Result<Vec<(String, u64)>, Fault> {
        self.read_beside("counting provider keys", move |session| Box::pin(count(session))).await
    }

    /// The keys under a master key, by their ids from behind `after`.
    pub async fn list_byok_keys_under(
        &self,
        master_key: &str,
        after: Option<ByokKeyId>,
        limit: u32,
    ) -> Result<Vec<ByokKeyRow>, Fault> {
        let master_key = master_key.to_owned();
        self.read_beside("listing provider keys", move |session| {
            Box::pin(async move { list_under(session, &master_key, after, limit).await })
        })
        .await
    }
}

async fn list(session: &mut Session<'_>, wallet: WalletId) -> Result<Vec<ByokKeyRow>, Fault> {
    let sql = format!("SELECT {BYOK_KEY} FROM byok_keys WHERE wallet = $1 ORDER BY id");
    session.query(&sql, &[wallet.into()]).await?.into_iter().map(byok_key).collect()
}

async fn count(session: &mut Session<'_>) -> Result<Vec<(String, u64)>, Fault> {
    let sql = "SELECT master_key, count(*) FROM byok_keys GROUP BY master_key ORDER BY master_key";
    session.query(sql, &[]).await?.into_iter().map(|mut row| Ok((row.take()?, row.take()?))).collect()
}

async fn list_under(
    session: &mut Session<'_>,
    master_key: &str,
    after: Option<ByokKeyId>,
    limit: u32,
) -> Result<Vec<ByokKeyRow>, Fault> {
    let after = after.map(|id| id.uuid()).unwrap_or_default();
    let sql = format!("SELECT {BYOK_KEY} FROM byok_keys WHERE master_key = $1 AND id > $2 ORDER BY id LIMIT $3");
    let values = [master_key.into(), after.into(), limit.into()];
    session.query(&sql, &values).await?.into_iter().map(byok_key).collect()
}

fn byok_key(mut row: Row) -> Result<ByokKeyRow, Fault> {
    Ok(ByokKeyRow {
        wallet: row.take()?,
        id: row.take()?,
        provider: row.take()?,
        name: row.take()?,
        last4: row.take()?,
        version: row.take()?,
        master_key: row.take()?,
        wrapped: row.take()?,
        sealed: row.take()?,
        added_by: row.take()?,
        created_at: row.take()?,
        changed_at: row.take()?,
    })
}
