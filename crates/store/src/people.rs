//! People, what they hold, and their API keys.

use units::{ApiKeyId, Instant, OrganizationId, UserId, WalletId};
use uuid::Uuid;

use crate::session::Session;
use crate::value::{Row, Value};
use crate::{Fault, Tx};

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRow {
    /// Their id.
    pub id: UserId,
    /// What they sign in with: a mail address, or a label. No two users have the same.
    pub name: String,
    /// Their own wallet.
    pub wallet: WalletId,
    /// Their country, as two letters, when it is known.
    pub country: Option<String>,
    /// Since when.
    pub created_at: Instant,
}

/// Whose wallet it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// A person's.
    User(UserId),
    /// An organization's.
    Organization(OrganizationId),
}

/// A wallet and its holder. What is in it is asked with [`crate::Reader::load_wallet`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalletRow {
    /// Its id.
    pub id: WalletId,
    /// Whose it is.
    pub holder: Holder,
    /// Since when.
    pub created_at: Instant,
}

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
}

const USER: &str = "id, name, wallet, country, created_at";
const API_KEY: &str = "id, wallet, user_id, name, secret_hash, last4, created_at, expires_at, revoked_at";

impl Tx<'_> {
    /// Adds a person with an empty wallet.
    ///
    /// # Errors
    /// [`Fault::Taken`] when somebody has the name, or one of the ids.
    pub async fn insert_user_with_wallet(&mut self, user: &UserRow) -> Result<(), Fault> {
        let sql = "INSERT INTO users (id, name, wallet, country, created_at) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT DO NOTHING";
        let values: [Value; 5] = [
            user.id.into(),
            text(&user.name),
            user.wallet.into(),
            user.country.as_deref().map(text).into(),
            user.created_at.into(),
        ];
        self.insert(sql, &values, "a user of this name").await?;
        let wallet = WalletRow { id: user.wallet, holder: Holder::User(user.id), created_at: user.created_at };
        self.insert_wallet(&wallet).await
    }

    /// Adds an empty wallet.
    ///
    /// # Errors
    /// [`Fault::Taken`] when it exists, or its holder has one.
    pub async fn insert_wallet(&mut self, wallet: &WalletRow) -> Result<(), Fault> {
        let start = ledger::ChainHead::START;
        let (kind, holder) = match wallet.holder {
            Holder::User(user) => (1, user.uuid()),
            Holder::Organization(organization) => (2, organization.uuid()),
        };
        let sql = "INSERT INTO wallets (id, holder_kind, holder, created_at, remainder, head_seq, head_hash, head_at) \
                   VALUES ($1, $2, $3, $4, 0, 0, $5, $6) ON CONFLICT DO NOTHING";
        let values: [Value; 6] = [
            wallet.id.into(),
            Value::Int(kind),
            holder.into(),
            wallet.created_at.into(),
            start.hash.0.into(),
            start.at.into(),
        ];
        self.insert(sql, &values, "a wallet of this holder").await
    }

    /// Adds an API key.
    ///
    /// # Errors
    /// [`Fault::Taken`] when the id or the secret exists.
    pub async fn insert_api_key(&mut self, key: &ApiKeyRow) -> Result<(), Fault> {
        let sql = format!(
            "INSERT INTO api_keys ({API_KEY}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING"
        );
        let values: [Value; 9] = [
            key.id.into(),
            key.wallet.into(),
            key.user.into(),
            text(&key.name),
            key.secret_hash.into(),
            text(&key.last4),
            key.created_at.into(),
            key.expires_at.into(),
            key.revoked_at.into(),
        ];
        self.insert(&sql, &values, "this API key").await
    }

    /// Revokes an API key. Answers whether this call did it: `false` when there is no such key, or when it
    /// was revoked before.
    pub async fn revoke_api_key(&mut self, id: ApiKeyId, at: Instant) -> Result<bool, Fault> {
        let sql = "UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
        Ok(self.session.execute(sql, &[id.into(), at.into()]).await? == 1)
    }

    /// The person of this name.
    pub async fn find_user_by_name(&mut self, name: &str) -> Result<Option<UserRow>, Fault> {
        find_user_by_name(&mut self.session, name).await
    }

    /// The person of this id.
    pub async fn find_user(&mut self, id: UserId) -> Result<Option<UserRow>, Fault> {
        find_user(&mut self.session, id).await
    }

    /// The wallet of this id.
    pub async fn find_wallet(&mut self, id: WalletId) -> Result<Option<WalletRow>, Fault> {
        find_wallet(&mut self.session, id).await
    }

    async fn insert(&mut self, sql: &str, values: &[Value], what: &'static str) -> Result<(), Fault> {
        match self.session.execute(sql, values).await? {
            0 => Err(Fault::Taken { what }),
            _ => Ok(()),
        }
    }
}

/// Text without zero bytes, which PostgreSQL does not take.
fn text(text: &str) -> Value {
    Value::Text(text.replace('\0', " "))
}

pub(crate) async fn find_wallet(session: &mut Session<'_>, id: WalletId) -> Result<Option<WalletRow>, Fault> {
    let sql = "SELECT id, holder_kind, holder, created_at FROM wallets WHERE id = $1";
    session.find(sql, &[id.into()]).await?.map(wallet).transpose()
}

fn wallet(mut row: Row) -> Result<WalletRow, Fault> {
    let (id, kind, holder): (WalletId, i64, Uuid) = (row.take()?, row.take()?, row.take()?);
    let holder = match kind {
        1 => Holder::User(UserId::from_uuid(holder)),
        2 => Holder::Organization(OrganizationId::from_uuid(holder)),
        _ => return Err(Fault::corrupt(format!("the holder of {id}"))),
    };
    Ok(WalletRow { id, holder, created_at: row.take()? })
}

pub(crate) async fn find_user(session: &mut Session<'_>, id: UserId) -> Result<Option<UserRow>, Fault> {
    let sql = format!("SELECT {USER} FROM users WHERE id = $1");
    session.find(&sql, &[id.into()]).await?.map(user).transpose()
}

pub(crate) async fn find_user_by_name(session: &mut Session<'_>, name: &str) -> Result<Option<UserRow>, Fault> {
    let sql = format!("SELECT {USER} FROM users WHERE name = $1");
    session.find(&sql, &[text(name)]).await?.map(user).transpose()
}

pub(crate) async fn list_users(
    session: &mut Session<'_>,
    after: Option<UserId>,
    limit: u32,
) -> Result<Vec<UserRow>, Fault> {
    // The UUID of zeros belongs to nobody, so it stands for the beginning.
    let after = after.map(|id| id.uuid()).unwrap_or_default();
    let sql = format!("SELECT {USER} FROM users WHERE id > $1 ORDER BY id LIMIT $2");
    session.query(&sql, &[after.into(), limit.into()]).await?.into_iter().map(user).collect()
}

fn user(mut row: Row) -> Result<UserRow, Fault> {
    Ok(UserRow {
        id: row.take()?,
        name: row.take()?,
        wallet: row.take()?,
        country: row.take()?,
        created_at: row.take()?,
    })
}

pub(crate) async fn find_api_key_by_hash(
    session: &mut Session<'_>,
    secret_hash: [u8; 32],
) -> Result<Option<ApiKeyRow>, Fault> {
    let sql = format!("SELECT {API_KEY} FROM api_keys WHERE secret_hash = $1");
    session.find(&sql, &[secret_hash.into()]).await?.map(api_key).transpose()
}

pub(crate) async fn list_api_keys(session: &mut Session<'_>, wallet: WalletId) -> Result<Vec<ApiKeyRow>, Fault> {
    let sql = format!("SELECT {API_KEY} FROM api_keys WHERE wallet = $1 ORDER BY id");
    session.query(&sql, &[wallet.into()]).await?.into_iter().map(api_key).collect()
}

fn api_key(mut row: Row) -> Result<ApiKeyRow, Fault> {
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
    })
}
