//! Ends a key at once.

use units::ApiKeyId;

use crate::{Context, Error, Services};

/// Revokes the key. Revoking again is harmless.
pub async fn revoke(services: &Services, ctx: &Context, key: ApiKeyId) -> Result<(), Error> {
    let now = ctx.now;
    let was_there =
        services.store.write(async move |tx| tx.revoke_api_key(key, now).await.map_err(Error::from)).await?;
    match was_there {
        true => Ok(()),
        false => Err(Error::NotFound { what: "API key", name: key.to_string() }),
    }
}
