//! A person.

use units::{Instant, UserId, WalletId};

use super::{Holder, WalletRow, some_text, text};
use crate::session::Session;
use crate::value::{Row, Value};
use crate::{Fault, Reader, Tx};

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRow {
    /// Their id.
    pub id: UserId,
    /// What an operator calls them: a mail address, or a label. No two users have the same.
    pub name: String,
    /// Their own wallet.
    pub wallet: WalletId,
    /// Their country, as two letters, when it is known.
    pub country: Option<String>,
    /// Since when.
    pub created_at: Instant,
    /// Where sign-in codes go, in small letters. No two users have the same.
    pub email: Option<String>,
    /// What they call themselves.
    pub display_name: Option<String>,
    /// Whether they run this server.
    pub is_operator: bool,
}

impl UserRow {
    /// A person of whom nothing else is known.
    pub fn new(id: UserId, wallet: WalletId, name: String, created_at: Instant) -> Self {
        Self { id, name, wallet, country: None, created_at, email: None, display_name: None, is_operator: false }
    }
}

pub(super) const USER: &str = "id, name, wallet, country, created_at, email, display_name, is_operator";
pub(super) const USER_OF_U: &str =
    "u.id, u.name, u.wallet, u.country, u.created_at, u.email, u.display_name, u.is_operator";

impl Tx<'_> {
    /// Adds a person with an empty wallet.
    ///
    /// # Errors
    /// [`Fault::Taken`] when somebody has the name, the address, or one of the ids.
    pub async fn insert_user_with_wallet(&mut self, user: &UserRow) -> Result<(), Fault> {
        let sql = format!("INSERT INTO users ({USER}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING");
        let values: [Value; 8] = [
            user.id.into(),
            text(&user.name),
            user.wallet.into(),
            some_text(user.country.as_deref()),
            user.created_at.into(),
            some_text(user.email.as_deref()),
            some_text(user.display_name.as_deref()),
            user.is_operator.into(),
        ];
        self.insert(&sql, &values, "a user of this name").await?;
        let wallet =
            WalletRow { id: user.wallet, holder: Holder::User(user.id), created_at: user.created_at, suspension: None };
        self.insert_wallet(&wallet).await
    }

    /// Makes a person an operator, or no longer one. Answers whether there is such a person.
    pub async fn set_operator(&mut self, id: UserId, is_operator: bool) -> Result<bool, Fault> {
        self.change("UPDATE users SET is_operator = $2 WHERE id = $1", &[id.into(), is_operator.into()]).await
    }

    /// Changes what a person calls themselves. Answers whether there is such a person.
    pub async fn set_display_name(&mut self, id: UserId, name: Option<&str>) -> Result<bool, Fault> {
        self.change("UPDATE users SET display_name = $2 WHERE id = $1", &[id.into(), some_text(name)]).await
    }

    /// The person of this name.
    pub async fn find_user_by_name(&mut self, name: &str) -> Result<Option<UserRow>, Fault> {
        find_by_name(&mut self.session, name).await
    }

    /// The person of this address, which is in small letters.
    pub async fn find_user_by_email(&mut self, email: &str) -> Result<Option<UserRow>, Fault> {
        find_by_email(&mut self.session, email).await
    }

    /// The person of this id.
    pub async fn find_user(&mut self, id: UserId) -> Result<Option<UserRow>, Fault> {
        find_user(&mut self.session, id).await
    }

    /// How many operators there are.
    pub async fn count_operators(&mut self) -> Result<u64, Fault> {
        count_operators(&mut self.session).await
    }
}

impl Reader {
    /// The person of this id.
    pub async fn find_user(&self, id: UserId) -> Result<Option<UserRow>, Fault> {
        self.read_beside("looking for a user", move |session| Box::pin(find_user(session, id))).await
    }

    /// The person of this name.
    pub async fn find_user_by_name(&self, name: &str) -> Result<Option<UserRow>, Fault> {
        let name = name.to_owned();
        self.read_beside("looking for a user", move |session| {
            Box::pin(async move { find_by_name(session, &name).await })
        })
        .await
    }

    /// The person of this address, which is in small letters.
    pub async fn find_user_by_email(&self, email: &str) -> Result<Option<UserRow>, Fault> {
        let email = email.to_owned();
        self.read_beside("looking for a user", move |session| {
            Box::pin(async move { find_by_email(session, &email).await })
        })
        .await
    }

    /// People in the order of their ids, which is the order in which they came.
    pub async fn list_users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<UserRow>, Fault> {
        self.read_beside("listing users", move |session| Box::pin(list_users(session, after, limit))).await
    }

    /// Who runs this server.
    pub async fn list_operators(&self) -> Result<Vec<UserRow>, Fault> {
        self.read_beside("listing operators", move |session| Box::pin(list_operators(session))).await
    }
}

async fn find_user(session: &mut Session<'_>, id: UserId) -> Result<Option<UserRow>, Fault> {
    let sql = format!("SELECT {USER} FROM users WHERE id = $1");
    session.find(&sql, &[id.into()]).await?.map(user).transpose()
}

async fn find_by_name(session: &mut Session<'_>, name: &str) -> Result<Option<UserRow>, Fault> {
    let sql = format!("SELECT {USER} FROM users WHERE name = $1");
    session.find(&sql, &[text(name)]).await?.map(user).transpose()
}

async fn find_by_email(session: &mut Session<'_>, email: &str) -> Result<Option<UserRow>, Fault> {
    let sql = format!("SELECT {USER} FROM users WHERE email = $1");
    session.find(&sql, &[text(email)]).await?.map(user).transpose()
}

async fn list_users(session: &mut Session<'_>, after: Option<UserId>, limit: u32) -> Result<Vec<UserRow>, Fault> {
    let after = after.map(|id| id.uuid()).unwrap_or_default();
    let sql = format!("SELECT {USER} FROM users WHERE id > $1 ORDER BY id LIMIT $2");
    session.query(&sql, &[after.into(), limit.into()]).await?.into_iter().map(user).collect()
}

async fn list_operators(session: &mut Session<'_>) -> Result<Vec<UserRow>, Fault> {
    let sql = format!("SELECT {USER} FROM users WHERE is_operator = 1 ORDER BY id");
    session.query(&sql, &[]).await?.into_iter().map(user).collect()
}

async fn count_operators(session: &mut Session<'_>) -> Result<u64, Fault> {
    match session.find("SELECT count(*) FROM users WHERE is_operator = 1", &[]).await? {
        Some(mut row) => row.take(),
        None => Ok(0),
    }
}

fn user(mut row: Row) -> Result<UserRow, Fault> {
    take_user(&mut row)
}

/// The columns of [`USER`].
pub(super) fn take_user(row: &mut Row) -> Result<UserRow, Fault> {
    Ok(UserRow {
        id: row.take()?,
        name: row.take()?,
        wallet: row.take()?,
        country: row.take()?,
        created_at: row.take()?,
        email: row.take()?,
        display_name: row.take()?,
        is_operator: row.take()?,
    })
}
