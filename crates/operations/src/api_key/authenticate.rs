//! Who is knocking.

use units::{ApiKeyId, UserId, WalletId};

use super::secret;
use crate::{Context, Error, Services};

/// Who a request acts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Principal {
    /// With which key.
    pub api_key: ApiKeyId,
    /// Whose credits it spends.
    pub wallet: WalletId,
    /// Who uses it, when a person is known.
    pub user: Option<UserId>,
}

/// Finds the key by its hash. The comparison is the store's lookup of a SHA-256, which tells nothing
/// about the key by its timing.
pub async fn authenticate(services: &Services, ctx: &Context, text: &str) -> Result<Principal, Error> {
    let hash = secret::key_hash(text).ok_or(Error::Unauthenticated("this is not an API key of this server"))?;
    let key = services
        .store
        .reader()
        .find_api_key_by_hash(hash)
        .await?
        .ok_or(Error::Unauthenticated("this API key is not known here"))?;
    if key.revoked_at.is_some() {
        return Err(Error::Unauthenticated("this API key was revoked; create a new one"));
    }
    if key.expires_at.is_some_and(|end| end <= ctx.now) {
        return Err(Error::Unauthenticated("this API key has expired; create a new one"));
    }
    Ok(Principal { api_key: key.id, wallet: key.wallet, user: key.user })
}
