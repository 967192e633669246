//! Makes a person an operator, or no longer one.

use serde_json::{Value, json};
use units::UserId;

use crate::audit::{Change, Scope, record};
use crate::{Caller, Context, Error, Services, access};

/// Lets a person run this server.
pub async fn appoint(services: &Services, ctx: &Context, caller: &Caller, user: UserId) -> Result<(), Error> {
    set(services, ctx, caller, user, true).await
}

/// Lets them no longer. The last one can be dismissed from the command line only, where a new one can be appointed.
pub async fn dismiss(services: &Services, ctx: &Context, caller: &Caller, user: UserId) -> Result<(), Error> {
    set(services, ctx, caller, user, false).await
}

async fn set(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    user: UserId,
    is_operator: bool,
) -> Result<(), Error> {
    let (context, caller) = (ctx.clone(), *caller);
    services
        .store
        .write(async move |tx| {
            access::operator(tx, &caller).await?;
            let not_found = || Error::NotFound { what: "user", name: user.to_string() };
            let before = tx.find_user(user).await?.ok_or_else(not_found)?;
            if before.is_operator == is_operator {
                return Ok(());
            }
            if !is_operator && caller != Caller::Operator && tx.count_operators().await? == 1 {
                return Err(Error::Forbidden { what: "dismiss the last operator", who: "the command line".to_owned() });
            }
            tx.set_operator(user, is_operator).await?;
            let appointed = change(user, before.is_operator, is_operator, Value::Null);
            record(tx, &context, &caller, appointed).await
        })
        .await
}

/// The line in the server's log.
pub(super) fn change(user: UserId, before: bool, after: bool, note: Value) -> Change {
    let (before, mut after) = (json!({"operator": before}), json!({"operator": after}));
    if !note.is_null() {
        after["note"] = note;
    }
    let (action, subject) = ("operator.set", user.to_string());
    Change { scope: Scope::Server, action, subject, person: Some(user), before, after }
}
