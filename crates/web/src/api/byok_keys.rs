//! Provider keys of a wallet.

use axum::{Json, extract::State};
use http::StatusCode;
use operations::byok::{self, AddByokKey, KnownProviderKey};
use serde::{Deserialize, Serialize};
use units::{ByokKeyId, Instant, UserId};
use utoipa::ToSchema;

use crate::{
    access::{Bound, Caller},
    extract::{Body, Named},
    problem::Problem,
    site::Site,
    visit::Visit,
    wire::{self, Page, WalletName, schema},
};

/// A provider's key to keep.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewProviderKey {
    /// For which provider, by the name that this server has for it.
    #[schema(min_length = 1, max_length = 100)]
    provider: String,
    /// What you call it.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// The key, as the provider shows it. It is never shown again.
    #[schema(min_length = 12, max_length = 500)]
    key: String,
}

/// Another key in the place of a kept one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProviderKeyChange {
    /// The key, as the provider shows it. It is never shown again.
    #[schema(min_length = 12, max_length = 500)]
    key: String,
}

/// A kept key, without its secret.
#[derive(Serialize, ToSchema)]
pub(super) struct ProviderKey {
    /// Its id.
    #[schema(value_type = schema::ByokKeyId)]
    id: ByokKeyId,
    /// For which provider.
    provider: String,
    /// What its owner calls it.
    name: String,
    /// Its last four characters.
    ends_in: String,
    /// Who brought it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::UserId, required = false)]
    added_by: Option<UserId>,
    /// Since when there is one.
    #[schema(value_type = schema::Moment)]
    created_at: Instant,
    /// When it was brought or replaced.
    #[schema(value_type = schema::Moment)]
    changed_at: Instant,
}

/// List provider keys
///
/// Oldest first. Requests of the wallet to these providers go out with them, and take no credits.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet}/byok-keys", tag = "wallets",
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 200, description = "The keys.", body = Page<ProviderKey>)))]
pub(super) async fn list(
    State(site): State<Site>,
    caller: Caller,
    Named(wallet): Named<String>,
) -> Result<Json<Page<ProviderKey>>, Problem> {
    let known = byok::list(&site.services, &caller.who, caller.wallet_at(&wallet)?).await?;
    Ok(Json(Page { items: known.into_iter().map(ProviderKey::from).collect(), next: None }))
}

/// Keep a provider key
///
/// The provider is asked first whether it takes the key. A wallet has one for each provider.
#[utoipa::path(post, path = "/api/v1/wallets/{wallet}/byok-keys", tag = "wallets", request_body = NewProviderKey,
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 201, description = "The key is kept.", body = ProviderKey)))]
pub(super) async fn create(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Bound(services): Bound,
    Named(wallet): Named<String>,
    Body(NewProviderKey { provider, name, key }): Body<NewProviderKey>,
) -> Result<(StatusCode, Json<ProviderKey>), Problem> {
    let key = byok::ProviderKey::new(key)?;
    let request = AddByokKey { wallet: caller.wallet_at(&wallet)?, provider, name, key };
    let known = byok::add(&services, &site.upstreams, &visit.context, &caller.who, request).await?;
    Ok((StatusCode::CREATED, Json(known.into())))
}

/// Replace a provider key
///
/// No request goes out without one in between. The provider is asked first, as for a new one.
#[utoipa::path(patch, path = "/api/v1/wallets/{wallet}/byok-keys/{provider_key}", tag = "wallets",
    request_body = ProviderKeyChange,
    params(("wallet" = WalletName, Path, description = "The wallet."),
        ("provider_key" = schema::ByokKeyId, Path, description = "The kept key.")),
    responses((status = 200, description = "The new key is kept.", body = ProviderKey)))]
pub(super) async fn change(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named((wallet, id)): Named<(String, String)>,
    Body(ProviderKeyChange { key }): Body<ProviderKeyChange>,
) -> Result<Json<ProviderKey>, Problem> {
    let key = byok::ProviderKey::new(key)?;
    let place = (caller.wallet_at(&wallet)?, wire::id("provider key", &id)?);
    let known = byok::replace(&site.services, &site.upstreams, &visit.context, &caller.who, place, key).await?;
    Ok(Json(known.into()))
}

/// Forget a provider key
///
/// Requests spend credits again from now on.
#[utoipa::path(delete, path = "/api/v1/wallets/{wallet}/byok-keys/{provider_key}", tag = "wallets",
    params(("wallet" = WalletName, Path, description = "The wallet."),
        ("provider_key" = schema::ByokKeyId, Path, description = "The kept key.")),
    responses((status = 204, description = "It is not used any more.")))]
pub(super) async fn forget(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named((wallet, id)): Named<(String, String)>,
) -> Result<StatusCode, Problem> {
    let (wallet, id) = (caller.wallet_at(&wallet)?, wire::id("provider key", &id)?);
    byok::delete(&site.services, &visit.context, &caller.who, wallet, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<KnownProviderKey> for ProviderKey {
    fn from(known: KnownProviderKey) -> Self {
        let KnownProviderKey { id, provider, name, last4, added_by, created_at, changed_at } = known;
        Self { id, provider, name, ends_in: last4, added_by, created_at, changed_at }
    }
}
