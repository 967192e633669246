//! Who changed what. Rows are only added.

use std::fmt::Write as _;

use units::{AuditId, Instant, UserId};
use uuid::Uuid;

use super::{some_text, text};
use crate::session::Session;
use crate::value::{FromValue, Row, Value};
use crate::{Fault, Reader, Tx};

/// What kind of somebody made a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActorKind {
    /// A person who is signed in.
    Person,
    /// An API key.
    Key,
    /// Whoever sits at the server's command line.
    Operator,
    /// The server itself, by a rule.
    Server,
}

/// One line of an audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Its id; later ones sort behind earlier ones.
    pub id: AuditId,
    /// Whose log: an organization, a person, or the UUID of zeros for the server.
    pub scope: Uuid,
    /// When.
    pub at: Instant,
    /// What kind of actor.
    pub actor_kind: ActorKind,
    /// Which person or key.
    pub actor: Option<Uuid>,
    /// What was done, such as `member.set_role`.
    pub action: String,
    /// To what: an id, or an address.
    pub subject: String,
    /// To whom, when it was about a person.
    pub person: Option<UserId>,
    /// What it was before, as JSON without secrets.
    pub before: Option<String>,
    /// What it was after.
    pub after: Option<String>,
}

/// Which lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only these actions; one that ends in `.` stands for all that begin so.
    pub action: Option<String>,
    /// Only what this person did, or what was done about them.
    pub person: Option<UserId>,
    /// Not before.
    pub from: Option<Instant>,
    /// Before.
    pub until: Option<Instant>,
}

const AUDIT: &str = "id, scope, at, actor_kind, actor, action, subject, person, before, after";

impl ActorKind {
    /// As it is stored and sent.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Key => "key",
            Self::Operator => "operator",
            Self::Server => "server",
        }
    }
}

impl Tx<'_> {
    /// Adds a line.
    pub async fn insert_audit(&mut self, row: &AuditRow) -> Result<(), Fault> {
        let sql = format!("INSERT INTO audit_log ({AUDIT}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
        let values: [Value; 10] = [
            row.id.into(),
            row.scope.into(),
            row.at.into(),
            row.actor_kind.name().into(),
            row.actor.into(),
            text(&row.action),
            text(&row.subject),
            row.person.into(),
            some_text(row.before.as_deref()),
            some_text(row.after.as_deref()),
        ];
        self.change(&sql, &values).await.map(drop)
    }
}

impl Reader {
    /// Lines of one log, the newest first, from before a line.
    pub async fn list_audit(
        &self,
        scope: Uuid,
        filter: AuditFilter,
        before: Option<AuditId>,
        limit: u32,
    ) -> Result<Vec<AuditRow>, Fault> {
        self.read_beside("reading the audit log", move |session| {
            Box::pin(async move { list_audit(session, scope, &filter, before, limit).await })
        })
        .await
    }
}

async fn list_audit(
    session: &mut Session<'_>,
    scope: Uuid,
    filter: &AuditFilter,
    before: Option<AuditId>,
    limit: u32,
) -> Result<Vec<AuditRow>, Fault> {
    let mut sql = format!("SELECT {AUDIT} FROM audit_log WHERE scope = $1");
    let mut values: Vec<Value> = vec![scope.into()];
    let mut and = |condition: &str, value: Value| {
        values.push(value);
        let place = format!("${}", values.len());
        // Writing to a string cannot fail.
        _ = write!(sql, " AND {}", condition.replace('?', &place));
    };
    if let Some(before) = before {
        and("id < ?", before.into());
    }
    match filter.action.as_deref() {
        Some(family) if family.ends_with('.') => and("substr(action, 1, length(?)) = ?", text(family)),
        Some(action) => and("action = ?", text(action)),
        None => {}
    }
    if let Some(person) = filter.person {
        and("(person = ? OR actor = ?)", person.into());
    }
    if let Some(from) = filter.from {
        and("at >= ?", from.into());
    }
    if let Some(until) = filter.until {
        and("at < ?", until.into());
    }
    values.push(limit.into());
    _ = write!(sql, " ORDER BY id DESC LIMIT ${}", values.len());
    session.query(&sql, &values).await?.into_iter().map(audit).collect()
}

fn audit(mut row: Row) -> Result<AuditRow, Fault> {
    Ok(AuditRow {
        id: row.take()?,
        scope: row.take()?,
        at: row.take()?,
        actor_kind: row.take()?,
        actor: row.take()?,
        action: row.take()?,
        subject: row.take()?,
        person: row.take()?,
        before: row.take()?,
        after: row.take()?,
    })
}

impl FromValue for ActorKind {
    fn from_value(value: Value) -> Option<Self> {
        let name = String::from_value(value)?;
        [Self::Person, Self::Key, Self::Operator, Self::Server].into_iter().find(|kind| kind.name() == name)
    }
}
