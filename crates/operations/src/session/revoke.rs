//! Signs somebody out.

use serde_json::{Value, json};
use units::SessionId;

use crate::audit::{Change, Scope, record};
use crate::{Caller, Context, Error, Services, access};

/// Ends one of the caller's sessions, at once and on every node. Ending it again is harmless.
pub async fn revoke(services: &Services, ctx: &Context, caller: &Caller, session: SessionId) -> Result<(), Error> {
    let user = access::person(caller, "end sessions")?;
    let (context, caller) = (ctx.clone(), *caller);
    services
        .store
        .write(async move |tx| {
            let not_found = || Error::NotFound { what: "session", name: session.to_string() };
            let found = tx.find_session(user, session).await?.ok_or_else(not_found)?;
            if !tx.revoke_session(user, session, context.now).await? {
                return Ok(());
            }
            let change = Change {
                scope: Scope::Person(user),
                action: "session.revoke",
                subject: session.to_string(),
                person: Some(user),
                before: json!({"kind": found.kind.name(), "client": found.client}),
                after: Value::Null,
            };
            record(tx, &context, &caller, change).await
        })
        .await
}

/// Ends all of the caller's sessions but the one that asks. Answers how many ended.
pub async fn revoke_others(services: &Services, ctx: &Context, caller: &Caller) -> Result<u64, Error> {
    let user = access::person(caller, "end sessions")?;
    let (context, caller) = (ctx.clone(), *caller);
    services
        .store
        .write(async move |tx| {
            let Caller::Person { session, .. } = caller else { return Ok(0) };
            let ended = tx.revoke_other_sessions(user, Some(session), context.now).await?;
            if ended == 0 {
                return Ok(0);
            }
            let change = Change {
                scope: Scope::Person(user),
                action: "session.revoke_others",
                subject: session.to_string(),
                person: Some(user),
                before: json!({"sessions": ended}),
                after: Value::Null,
            };
            record(tx, &context, &caller, change).await?;
            Ok(ended)
        })
        .await
}
