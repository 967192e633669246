//! One line in the transaction of the change.

use serde_json::Value;
use store::{ActorKind, AuditRow, Tx};
use units::{AuditId, UserId};
use uuid::Uuid;

use super::Scope;
use crate::{Caller, Context, Error};

/// A change, as its line tells it. Secrets do not belong in it, nor their hashes.
pub(crate) struct Change {
    /// In whose log.
    pub scope: Scope,
    /// Noun and verb, such as `member.set_role`.
    pub action: &'static str,
    /// What was changed: an id, or an address.
    pub subject: String,
    /// Whom it was about.
    pub person: Option<UserId>,
    /// What it was; null for nothing.
    pub before: Value,
    /// What it is; null for nothing.
    pub after: Value,
}

/// Writes the line. A change has exactly one, in its own transaction.
pub(crate) async fn record(tx: &mut Tx<'_>, ctx: &Context, caller: &Caller, change: Change) -> Result<(), Error> {
    insert(tx, ctx, caller.actor(), change).await
}

/// Writes the line of a change that the server makes by a rule.
pub(crate) async fn record_by_server(tx: &mut Tx<'_>, ctx: &Context, change: Change) -> Result<(), Error> {
    insert(tx, ctx, (ActorKind::Server, None), change).await
}

async fn insert(
    tx: &mut Tx<'_>,
    ctx: &Context,
    (actor_kind, actor): (ActorKind, Option<Uuid>),
    change: Change,
) -> Result<(), Error> {
    let text = |value: Value| (!value.is_null()).then(|| value.to_string());
    let row = AuditRow {
        id: AuditId::from_uuid(ctx.ids.uuid()),
        scope: change.scope.uuid(),
        at: ctx.now,
        actor_kind,
        actor,
        action: change.action.to_owned(),
        subject: change.subject,
        person: change.person,
        before: text(change.before),
        after: text(change.after),
    };
    Ok(tx.insert_audit(&row).await?)
}
