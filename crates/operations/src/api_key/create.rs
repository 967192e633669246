//! Makes a key for a wallet.

use billing::SpendingLimit;
use billing::role::{Action, allows};
use serde_json::Value;
use store::{ApiKeyRow, Tx};
use units::{ApiKeyId, Instant, UserId, WalletId};

use super::{check_expiry, check_limit, shown};
use crate::access::{self, WalletStanding};
use crate::audit::{Change, record};
use crate::secret::{API_KEY, content_hash};
use crate::{Caller, Context, Error, Services, words};

/// Which key.
#[derive(Clone, Debug)]
pub struct CreateApiKey {
    /// Whose credits it spends.
    pub wallet: WalletId,
    /// Who uses it, when the command line asks. A person makes keys for themselves.
    pub user: Option<UserId>,
    /// What its owner calls it.
    pub name: String,
    /// From when it is refused.
    pub expires_at: Option<Instant>,
    /// How much it may spend.
    pub limit: Option<SpendingLimit>,
}

/// A new key. `secret` is shown now and never again.
pub struct CreatedApiKey {
    /// Its id, for lists and for revoking.
    pub id: ApiKeyId,
    /// The key itself.
    pub secret: String,
}

/// Stores the key's hash and answers with the key.
pub async fn create(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    request: CreateApiKey,
) -> Result<CreatedApiKey, Error> {
    let name = words::name("name", &request.name)?;
    check_expiry(ctx, request.expires_at)?;
    check_limit(request.limit)?;
    let user = match caller {
        Caller::Operator => request.user,
        _ => Some(access::person(caller, "make API keys")?),
    };
    let secret = API_KEY.text(ctx.ids.secret());
    let key = ApiKeyRow {
        id: ApiKeyId::from_uuid(ctx.ids.uuid()),
        wallet: request.wallet,
        user,
        name,
        secret_hash: content_hash(&secret),
        last4: secret[secret.len() - 4..].to_owned(),
        created_at: ctx.now,
        expires_at: request.expires_at,
        revoked_at: None,
        limit: request.limit,
        last_used_at: None,
    };
    let id = key.id;
    let (context, caller, catalog) = (ctx.clone(), *caller, services.catalog.current());
    services
        .store
        .write(async move |tx| {
            let standing = access::wallet(tx, &caller, key.wallet, Action::ManageOwnKeys).await?;
            access::require_served_wallet(tx, &context, &catalog, &caller, &standing).await?;
            require_user_of(tx, &standing, key.user).await?;
            tx.insert_api_key(&key).await?;
            let change = Change {
                scope: standing.scope(),
                action: "api_key.create",
                subject: key.id.to_string(),
                person: key.user,
                before: Value::Null,
                after: shown(&key),
            };
            record(tx, &context, &caller, change).await
        })
        .await?;
    Ok(CreatedApiKey { id, secret })
}

/// A key gives its person nothing that they do not have: in an organization they must be there and use credits.
async fn require_user_of(tx: &mut Tx<'_>, standing: &WalletStanding, user: Option<UserId>) -> Result<(), Error> {
    let Some(user) = user else { return Ok(()) };
    let not_found = || Error::NotFound { what: "member", name: user.to_string() };
    match &standing.organization {
        Some(organization) => {
            let member = tx.find_member(organization.id, user).await?.ok_or_else(not_found)?;
            match allows(member.role, Action::ManageOwnKeys) {
                true => Ok(()),
                false => {
                    Err(Error::Forbidden { what: Action::ManageOwnKeys.words(), who: Action::ManageOwnKeys.who() })
                }
            }
        }
        None => {
            tx.find_user(user).await?.map(drop).ok_or_else(|| Error::NotFound { what: "user", name: user.to_string() })
        }
    }
}
