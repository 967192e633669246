//! An API key: the hash of its secret, whose credits it spends and how much of them.

use billing::{Role, SpendingLimit};
use units::{ApiKeyId, Instant, UserId, WalletId};

use super::suspension::{SUSPENSION_OF_X, SuspensionRow, take_suspension};
use super::{Holder, text, wallet};
use crate::session::Session;
use crate::value::{Row, Value};
use crate::{Fault, Reader, Tx};

/// An API key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKeyRow {
    /// Its id.
    pub id: ApiKeyId,
    /// Which wallet its requests are charged to.
    pub wallet: WalletId,
    /// The person behind it, when there is one.
    pub user: Option<UserId>,
    /// What its owner calls it.
    pub name: String,
    /// The SHA-256 of the secret.
    pub secret_hash: [u8; 32],
    /// The last four characters of the secret, to recognise it.
    pub last4: String,
    /// Since when.
    pub created_at: Instant,
    /// From when it is refused.
    pub expires_at: Option<Instant>,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
    /// How much it may spend.
    pub limit: Option<SpendingLimit>,
    /// When it was used last, to about a minute.
    pub last_used_at: Option<Instant>,
}

/// A key as somebody knocks with it: the key, whose wallet it is, and what its person is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKeyRow {
    /// The key.
    pub key: ApiKeyRow,
    /// Whose wallet it spends from.
    pub holder: Holder,
    /// What the key's person is in the organization whose wallet it is. Absent for a personal wallet, and for
    /// somebody who is not there any more.
    pub role: Option<Role>,
    /// The most that person may spend of that organization's credits in a UTC day.
    pub daily_limit: Option<units::Amount>,
    /// When that person used the organization last.
    pub last_active_at: Option<Instant>,
    /// Whether an operator has stopped the service of the wallet.
    pub suspension: Option<SuspensionRow>,
}

/// That a key was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ApiKeyUse(pub ApiKeyId, pub Instant);

const API_KEY: &str = "k.id, k.wallet, k.user_id, k.name, k.secret_hash, k.last4, k.created_at, k.expires_at, \
                       k.revoked_at, k.limit_nanos, k.limit_period, k.last_used_at";

impl Tx<'_> {
    /// Adds an API key.
    ///
    /// # Errors
    /// [`Fault::Taken`] when the id or the secret exists.
    pub async fn insert_api_key(&mut self, key: &ApiKeyRow) -> Result<(), Fault> {
        let sql = "INSERT INTO api_keys (id, wallet, user_id, name, secret_hash, last4, created_at, expires_at, \
                   revoked_at, limit_nanos, limit_period, last_used_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING";
        let values: [Value; 12] = [
            key.id.into(),
            key.wallet.into(),
            key.user.into(),
            text(&key.name),
            key.secret_hash.into(),
            text(&key.last4),
            key.created_at.into(),
            key.expires_at.into(),
            key.revoked_at.into(),
            key.limit.map(|limit| limit.amount).into(),
            key.limit.map(|limit| limit.period.name()).into(),
            key.last_used_at.into(),
        ];
        self.insert(sql, &values, "this API key").await
    }

    /// Writes a key's name, expiry and limit. Answers whether there is such a key.
    pub async fn update_api_key(&mut self, key: &ApiKeyRow) -> Result<bool, Fault> {
        let sql = "UPDATE api_keys SET name = $2, expires_at = $3, limit_nanos = $4, limit_period = $5 WHERE id = $1";
        let values: [Value; 5] = [
            key.id.into(),
            text(&key.name),
            key.expires_at.into(),
            key.limit.map(|limit| limit.amount).into(),
            key.limit.map(|limit| limit.period.name()).into(),
        ];
        self.change(sql, &values).await
    }

    /// Revokes an API key. Answers whether this call did it: `false` when there is no such key, or when it
    /// was revoked before.
    pub async fn revoke_api_key(&mut self, id: ApiKeyId, at: Instant) -> Result<bool, Fault> {
        let sql = "UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
        self.change(sql, &[id.into(), at.into()]).await
    }

    /// Revokes every key that a person has for a wallet, and answers how many there were.
    pub async fn revoke_api_keys_of(&mut self, wallet: WalletId, user: UserId, at: Instant) -> Result<u64, Fault> {
        let sql = "UPDATE api_keys SET revoked_at = $3 WHERE wallet = $1 AND user_id = $2 AND revoked_at IS NULL";
        self.session.execute(sql, &[wallet.into(), user.into(), at.into()]).await
    }

    /// Notes that keys were used. An earlier use than the noted one changes nothing.
    pub async fn touch_api_keys(&mut self, uses: &[ApiKeyUse]) -> Result<(), Fault> {
        let sql = "UPDATE api_keys SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
        for ApiKeyUse(id, at) in uses {
            self.change(sql, &[(*id).into(), (*at).into()]).await?;
        }
        Ok(())
    }

    /// The key of this id.
    pub async fn find_api_key(&mut self, id: ApiKeyId) -> Result<Option<ApiKeyRow>, Fault> {
        let sql = format!("SELECT {API_KEY} FROM api_keys k WHERE k.id = $1");
        self.session.find(&sql, &[id.into()]).await?.map(api_key).transpose()
    }
}

impl Reader {
    /// The key whose secret has this SHA-256, also when it has expired or was revoked, with what its person is.
    pub async fn find_api_key_by_hash(&self, secret_hash: [u8; 32]) -> Result<Option<KnownKeyRow>, Fault> {
        self.read_beside("looking for an API key", move |session| Box::pin(find_by_hash(session, secret_hash))).await
    }

    /// All keys of a wallet, oldest first.
    pub async fn list_api_keys(&self, wallet: WalletId) -> Result<Vec<ApiKeyRow>, Fault> {
        self.read_beside("listing API keys", move |session| Box::pin(list_of_wallet(session, wallet))).await
    }
}

async fn find_by_hash(session: &mut Session<'_>, secret_hash: [u8; 32]) -> Result<Option<KnownKeyRow>, Fault> {
    let sql = format!(
        "SELECT {API_KEY}, w.holder_kind, w.holder, m.role, m.daily_limit_nanos, m.last_active_at, \
         {SUSPENSION_OF_X} FROM api_keys k JOIN wallets w ON w.id = k.wallet \
         LEFT JOIN suspensions x ON x.wallet = k.wallet \
         LEFT JOIN members m ON w.holder_kind = 2 AND m.organization = w.holder AND m.user_id = k.user_id \
         WHERE k.secret_hash = $1"
    );
    session.find(&sql, &[secret_hash.into()]).await?.map(known_key).transpose()
}

async fn list_of_wallet(session: &mut Session<'_>, wallet: WalletId) -> Result<Vec<ApiKeyRow>, Fault> {
    let sql = format!("SELECT {API_KEY} FROM api_keys k WHERE k.wallet = $1 ORDER BY k.id");
    session.query(&sql, &[wallet.into()]).await?.into_iter().map(api_key).collect()
}

fn known_key(mut row: Row) -> Result<KnownKeyRow, Fault> {
    Ok(KnownKeyRow {
        key: take_api_key(&mut row)?,
        holder: wallet::holder(row.take()?, row.take()?)?,
        role: row.take()?,
        daily_limit: row.take()?,
        last_active_at: row.take()?,
        suspension: take_suspension(&mut row)?,
    })
}

fn api_key(mut row: Row) -> Result<ApiKeyRow, Fault> {
    take_api_key(&mut row)
}

fn take_api_key(row: &mut Row) -> Result<ApiKeyRow, Fault> {
    Ok(ApiKeyRow {
        id: row.take()?,
        wallet: row.take()?,
        user: row.take()?,
        name: row.take()?,
        secret_hash: row.take()?,
        last4: row.take()?,
        created_at: row.take()?,
        expires_at: row.take()?,
        revoked_at: row.take()?,
        limit: limit(row.take()?, row.take()?)?,
        last_used_at: row.take()?,
    })
}

fn limit(amount: Option<units::Amount>, period: Option<String>) -> Result<Option<SpendingLimit>, Fault> {
    match (amount, period) {
        (Some(amount), Some(period)) => {
            let period = period.parse().map_err(|_| Fault::corrupt("the period of a key's limit"))?;
            Ok(Some(SpendingLimit { amount, period }))
        }
        _ => Ok(None),
    }
}
