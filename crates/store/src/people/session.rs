//! Where a person is signed in.

use units::{Instant, SessionId, UserId};

use super::suspension::{SUSPENSION_OF_X, SuspensionRow, take_suspension};
use super::user::{USER_OF_U, take_user};
use super::{UserRow, text};
use crate::session::Session;
use crate::value::{FromValue, Row, Value};
use crate::{Fault, Reader, Tx};

/// What holds the session's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SessionKind {
    /// A browser, in a cookie.
    Browser,
    /// A command line or another device that its person allowed.
    Device,
}

/// A session, without its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// Its id.
    pub id: SessionId,
    /// Who.
    pub user: UserId,
    /// On what.
    pub kind: SessionKind,
    /// The SHA-256 of the token.
    pub secret_hash: [u8; 32],
    /// What the browser or device calls itself.
    pub client: String,
    /// Since when.
    pub created_at: Instant,
    /// When it was used last, to about a minute.
    pub last_seen_at: Instant,
    /// When it ends at the latest.
    pub expires_at: Instant,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
}

/// A session as somebody knocks with its token: the session, whose it is, and whether their own wallet is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownSessionRow {
    /// The session.
    pub session: SessionRow,
    /// Its person.
    pub user: UserRow,
    /// Whether an operator has stopped the service of that person's own wallet.
    pub suspension: Option<SuspensionRow>,
}

/// That a session was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionUse(pub SessionId, pub Instant);

const SESSION_OF_S: &str = "s.id, s.user_id, s.kind, s.secret_hash, s.client, s.created_at, s.last_seen_at, \
                            s.expires_at, s.revoked_at";

impl SessionKind {
    /// As it is stored and sent.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Device => "device",
        }
    }
}

impl Tx<'_> {
    /// Adds a session.
    ///
    /// # Errors
    /// [`Fault::Taken`] when the id or the token exists.
    pub async fn insert_session(&mut self, session: &SessionRow) -> Result<(), Fault> {
        let sql = "INSERT INTO sessions (id, user_id, kind, secret_hash, client, created_at, last_seen_at, expires_at, \
                   revoked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
        let values: [Value; 9] = [
            session.id.into(),
            session.user.into(),
            session.kind.name().into(),
            session.secret_hash.into(),
            text(&session.client),
            session.created_at.into(),
            session.last_seen_at.into(),
            session.expires_at.into(),
            session.revoked_at.into(),
        ];
        self.insert(sql, &values, "this session").await
    }

    /// Ends a session of a person. Answers whether this call did it.
    pub async fn revoke_session(&mut self, user: UserId, id: SessionId, at: Instant) -> Result<bool, Fault> {
        let sql = "UPDATE sessions SET revoked_at = $3 WHERE id = $2 AND user_id = $1 AND revoked_at IS NULL";
        self.change(sql, &[user.into(), id.into(), at.into()]).await
    }

    /// Ends every session of a person but one, and answers how many ended.
    pub async fn revoke_other_sessions(
        &mut self,
        user: UserId,
        but: Option<SessionId>,
        at: Instant,
    ) -> Result<u64, Fault> {
        let but = but.map(|id| id.uuid()).unwrap_or_default();
        let sql = "UPDATE sessions SET revoked_at = $3 WHERE user_id = $1 AND id <> $2 AND revoked_at IS NULL";
        self.session.execute(sql, &[user.into(), but.into(), at.into()]).await
    }

    /// The session of this id, when it is that person's.
    pub async fn find_session(&mut self, user: UserId, id: SessionId) -> Result<Option<SessionRow>, Fault> {
        let sql = format!("SELECT {SESSION_OF_S} FROM sessions s WHERE s.id = $2 AND s.user_id = $1");
        let found = self.session.find(&sql, &[user.into(), id.into()]).await?;
        found.map(|mut row| take_session(&mut row)).transpose()
    }

    /// Notes that sessions were used. An earlier moment than the noted one changes nothing.
    pub async fn touch_sessions(&mut self, uses: &[SessionUse]) -> Result<(), Fault> {
        let sql = "UPDATE sessions SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2";
        for SessionUse(id, at) in uses {
            self.change(sql, &[(*id).into(), (*at).into()]).await?;
        }
        Ok(())
    }
}

impl Reader {
    /// The session whose token has this SHA-256, also when it has ended, and its person.
    pub async fn find_session_by_hash(&self, hash: [u8; 32]) -> Result<Option<KnownSessionRow>, Fault> {
        self.read_beside("looking for a session", move |session| Box::pin(find_by_hash(session, hash))).await
    }

    /// Sessions of a person that were not revoked and have time left, the newest first.
    pub async fn list_sessions(&self, user: UserId, now: Instant) -> Result<Vec<SessionRow>, Fault> {
        self.read_beside("listing sessions", move |session| Box::pin(list_sessions(session, user, now))).await
    }
}

async fn find_by_hash(session: &mut Session<'_>, hash: [u8; 32]) -> Result<Option<KnownSessionRow>, Fault> {
    let sql = format!(
        "SELECT {SESSION_OF_S}, {USER_OF_U}, {SUSPENSION_OF_X} FROM sessions s JOIN users u ON u.id = s.user_id \
         LEFT JOIN suspensions x ON x.wallet = u.wallet WHERE s.secret_hash = $1"
    );
    let found = session.find(&sql, &[hash.into()]).await?;
    let known = found.map(|mut row| {
        let (session, user) = (take_session(&mut row)?, take_user(&mut row)?);
        Ok(KnownSessionRow { session, user, suspension: take_suspension(&mut row)? })
    });
    known.transpose()
}

async fn list_sessions(session: &mut Session<'_>, user: UserId, now: Instant) -> Result<Vec<SessionRow>, Fault> {
    let sql = format!(
        "SELECT {SESSION_OF_S} FROM sessions s \
         WHERE s.user_id = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 ORDER BY s.id DESC"
    );
    let rows = session.query(&sql, &[user.into(), now.into()]).await?;
    rows.into_iter().map(|mut row| take_session(&mut row)).collect()
}

fn take_session(row: &mut Row) -> Result<SessionRow, Fault> {
    Ok(SessionRow {
        id: row.take()?,
        user: row.take()?,
        kind: row.take()?,
        secret_hash: row.take()?,
        client: row.take()?,
        created_at: row.take()?,
        last_seen_at: row.take()?,
        expires_at: row.take()?,
        revoked_at: row.take()?,
    })
}

impl FromValue for SessionKind {
    fn from_value(value: Value) -> Option<Self> {
        let name = String::from_value(value)?;
        [Self::Browser, Self::Device].into_iter().find(|kind| kind.name() == name)
    }
}
