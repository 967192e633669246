//! API keys: shown once, stored as a hash.

mod create;
pub use create::{CreateApiKey, CreatedApiKey, create};

mod list;
pub use list::list;

mod change;
pub use change::{ChangeApiKey, change};

mod revoke;
pub use revoke::revoke;

mod authenticate;
pub(crate) use authenticate::recognise;
pub use authenticate::{Principal, authenticate};

use billing::SpendingLimit;
use billing::role::{Action, allows};
use serde_json::{Value, json};
use store::{ApiKeyRow, Tx};
use units::{ApiKeyId, Instant};

use crate::access::{self, WalletStanding};
use crate::{Caller, Context, Error};

/// What every key begins with.
pub const KEY_PREFIX: &str = crate::secret::API_KEY.prefix;

/// The key, when the caller may change it: their own, or any of an organization whose keys they manage.
async fn load_for_change(tx: &mut Tx<'_>, caller: &Caller, id: ApiKeyId) -> Result<(ApiKeyRow, WalletStanding), Error> {
    let not_found = || Error::NotFound { what: "API key", name: id.to_string() };
    let key = tx.find_api_key(id).await?.ok_or_else(not_found)?;
    let is_foreign = |error| match error {
        Error::NotFound { .. } => not_found(),
        other => other,
    };
    let standing = access::wallet(tx, caller, key.wallet, Action::SeeOrganization).await.map_err(is_foreign)?;
    let is_own = key.user.is_some() && key.user == caller.user();
    let action = if is_own { Action::ManageOwnKeys } else { Action::ManageAllKeys };
    // A member does not see the keys of others, so they are not there.
    match access::wallet(tx, caller, key.wallet, action).await {
        Err(Error::Forbidden { .. }) if !is_own && !allows(standing.role, action) => Err(not_found()),
        Err(error) => Err(error),
        Ok(standing) => Ok((key, standing)),
    }
}

fn check_expiry(ctx: &Context, expires_at: Option<Instant>) -> Result<(), Error> {
    match expires_at {
        Some(end) if end <= ctx.now => {
            let reason = "the key would be expired already; choose a later moment or none".to_owned();
            Err(Error::Invalid { field: "expires_at", reason })
        }
        _ => Ok(()),
    }
}

fn check_limit(limit: Option<SpendingLimit>) -> Result<(), Error> {
    match limit {
        Some(limit) if !limit.amount.is_positive() => {
            Err(Error::Invalid { field: "limit", reason: "an amount above 0, or none at all".to_owned() })
        }
        _ => Ok(()),
    }
}

/// A key as the audit log shows it.
fn shown(key: &ApiKeyRow) -> Value {
    json!({"name": key.name, "ends_in": key.last4, "expires_at": key.expires_at, "limit": key.limit})
}
