//! Changes a key's name, expiry or limit. The secret stays.

use billing::SpendingLimit;
use store::ApiKeyRow;
use units::{ApiKeyId, Instant};

use super::{check_expiry, check_limit, load_for_change, shown};
use crate::audit::{Change, record};
use crate::{Caller, Context, Error, Services, words};

/// What to change. What is `None` stays as it is; an inner `None` takes the expiry or the limit away.
#[derive(Clone, Debug, Default)]
pub struct ChangeApiKey {
    /// What its owner calls it.
    pub name: Option<String>,
    /// From when it is refused.
    pub expires_at: Option<Option<Instant>>,
    /// How much it may spend.
    pub limit: Option<Option<SpendingLimit>>,
}

/// Changes the key, and answers with it. A revoked key stays as it was.
pub async fn change(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    id: ApiKeyId,
    request: ChangeApiKey,
) -> Result<ApiKeyRow, Error> {
    let name = request.name.as_deref().map(|name| words::name("name", name)).transpose()?;
    check_expiry(ctx, request.expires_at.flatten())?;
    check_limit(request.limit.flatten())?;
    let (context, caller) = (ctx.clone(), *caller);
    services
        .store
        .write(async move |tx| {
            let (before, standing) = load_for_change(tx, &caller, id).await?;
            if before.revoked_at.is_some() {
                let reason = "this key was revoked and cannot be changed any more; make a new one".to_owned();
                return Err(Error::Invalid { field: "key", reason });
            }
            let after = ApiKeyRow {
                name: name.clone().unwrap_or_else(|| before.name.clone()),
                expires_at: request.expires_at.unwrap_or(before.expires_at),
                limit: request.limit.unwrap_or(before.limit),
                ..before.clone()
            };
            if after == before {
                return Ok(after);
            }
            tx.update_api_key(&after).await?;
            let change = Change {
                scope: standing.scope(),
                action: "api_key.change",
                subject: id.to_string(),
                person: after.user,
                before: shown(&before),
                after: shown(&after),
            };
            record(tx, &context, &caller, change).await?;
            Ok(after)
        })
        .await
}
