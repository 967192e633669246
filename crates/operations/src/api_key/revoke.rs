//! Ends a key at once.

use serde_json::Value;
use units::ApiKeyId;

use super::{load_for_change, shown};
use crate::audit::{Change, record};
use crate::{Caller, Context, Error, Services};

/// Revokes the key. Revoking it again is harmless.
pub async fn revoke(services: &Services, ctx: &Context, caller: &Caller, id: ApiKeyId) -> Result<(), Error> {
    let (context, caller) = (ctx.clone(), *caller);
    services
        .store
        .write(async move |tx| {
            let (key, standing) = load_for_change(tx, &caller, id).await?;
            if !tx.revoke_api_key(id, context.now).await? {
                return Ok(());
            }
            let change = Change {
                scope: standing.scope(),
                action: "api_key.revoke",
                subject: id.to_string(),
                person: key.user,
                before: shown(&key),
                after: Value::Null,
            };
            record(tx, &context, &caller, change).await
        })
        .await
}
