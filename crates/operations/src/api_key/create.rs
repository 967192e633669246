//! Makes a key for a wallet.

use store::ApiKeyRow;
use units::{ApiKeyId, Instant, UserId, WalletId};

use super::secret;
use crate::{Context, Error, Services};

/// Which key.
#[derive(Clone, Debug)]
pub struct CreateApiKey {
    /// Whose credits it spends.
    pub wallet: WalletId,
    /// Who uses it.
    pub user: Option<UserId>,
    /// What its owner calls it.
    pub name: String,
    /// From when it is refused.
    pub expires_at: Option<Instant>,
}

/// A new key. `secret` is shown now and never again.
pub struct CreatedApiKey {
    /// Its id, for lists and for revoking.
    pub id: ApiKeyId,
    /// The key itself.
    pub secret: String,
}

/// Stores the key's hash and answers with the key.
pub async fn create(services: &Services, ctx: &Context, request: CreateApiKey) -> Result<CreatedApiKey, Error> {
    if request.expires_at.is_some_and(|end| end <= ctx.now) {
        let reason = "the key would be expired already; choose a later moment or none".to_owned();
        return Err(Error::Invalid { field: "expires_at", reason });
    }
    if services.store.reader().find_wallet(request.wallet).await?.is_none() {
        return Err(Error::NotFound { what: "wallet", name: request.wallet.to_string() });
    }
    let text = secret::key_text(ctx.ids.secret());
    let row = ApiKeyRow {
        id: ApiKeyId::from_uuid(ctx.ids.uuid()),
        wallet: request.wallet,
        user: request.user,
        name: request.name,
        secret_hash: secret::content_hash(&text),
        last4: text[text.len() - 4..].to_owned(),
        created_at: ctx.now,
        expires_at: request.expires_at,
        revoked_at: None,
    };
    let id = row.id;
    services.store.write(async move |tx| tx.insert_api_key(&row).await.map_err(Error::from)).await?;
    Ok(CreatedApiKey { id, secret: text })
}
