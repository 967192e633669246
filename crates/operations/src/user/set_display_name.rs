//! A person says what to be called.

use serde_json::json;

use crate::audit::{Change, Scope, record};
use crate::{Caller, Context, Error, Services, access, words};

/// Sets what the caller is called on pages and in letters, or takes it away.
pub async fn set_display_name(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    name: Option<&str>,
) -> Result<(), Error> {
    let user = access::person(caller, "change a name")?;
    let name = name.map(|name| words::name("display_name", name)).transpose()?;
    let (context, caller) = (ctx.clone(), *caller);
    services
        .store
        .write(async move |tx| {
            let not_found = || Error::NotFound { what: "user", name: user.to_string() };
            let before = tx.find_user(user).await?.ok_or_else(not_found)?.display_name;
            if before == name {
                return Ok(());
            }
            tx.set_display_name(user, name.as_deref()).await?;
            let change = Change {
                scope: Scope::Person(user),
                action: "user.set_display_name",
                subject: user.to_string(),
                person: Some(user),
                before: json!({"display_name": before}),
                after: json!({"display_name": name}),
            };
            record(tx, &context, &caller, change).await
        })
        .await
}
