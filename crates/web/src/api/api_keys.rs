//! API keys of a wallet.

use axum::{Json, extract::State};
use billing::{LimitPeriod, SpendingLimit};
use http::StatusCode;
use operations::api_key::{self, ChangeApiKey, CreateApiKey};
use serde::{Deserialize, Deserializer, Serialize};
use store::ApiKeyRow;
use units::{ApiKeyId, Instant, UserId};
use utoipa::ToSchema;

use crate::{
    access::{Bound, Caller},
    extract::{Body, Named},
    problem::Problem,
    site::Site,
    visit::Visit,
    wire::{self, Credits, Moment, Page, WalletName, schema},
};

/// How much a key may spend.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyLimit {
    /// So much; more than zero.
    amount: Credits,
    /// In each day or month (UTC), or in all: `day`, `month` or `total`.
    #[schema(value_type = Period)]
    period: LimitPeriod,
}

/// A period of a limit.
#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code, reason = "it describes `LimitPeriod`")]
pub(super) enum Period {
    Day,
    Month,
    Total,
}

/// A key to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewKey {
    /// What you call it.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// From when it is refused. Without it, never.
    #[schema(nullable = false)]
    expires_at: Option<Moment>,
    /// How much it may spend. Without it, all that is there.
    #[schema(nullable = false)]
    limit: Option<KeyLimit>,
}

/// What to change of a key. What is absent stays; `null` takes the expiry or the limit away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyChange {
    /// What you call it.
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    name: Option<String>,
    /// From when it is refused.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Moment>)]
    expires_at: Option<Option<Moment>>,
    /// How much it may spend.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<KeyLimit>)]
    limit: Option<Option<KeyLimit>>,
}

/// A key that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyMade {
    /// Its id, for lists and for revoking.
    #[schema(value_type = schema::ApiKeyId)]
    id: ApiKeyId,
    /// The key itself. It is shown now and never again.
    secret: String,
}

/// A key, without its secret.
#[derive(Serialize, ToSchema)]
pub(super) struct Key {
    /// Its id.
    #[schema(value_type = schema::ApiKeyId)]
    id: ApiKeyId,
    /// What its owner calls it.
    name: String,
    /// The last four characters of the secret.
    ends_in: String,
    /// Who uses it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::UserId, required = false)]
    user: Option<UserId>,
    /// Since when.
    #[schema(value_type = schema::Moment)]
    created_at: Instant,
    /// From when it is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Moment, required = false)]
    expires_at: Option<Instant>,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Moment, required = false)]
    revoked_at: Option<Instant>,
    /// When it was used last, to about a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Moment, required = false)]
    last_used_at: Option<Instant>,
    /// How much it may spend.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    limit: Option<KeyLimit>,
}

/// List API keys
///
/// All of the wallet for whoever manages them, otherwise the caller's own.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet}/api-keys", tag = "wallets",
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 200, description = "The keys.", body = Page<Key>)))]
pub(super) async fn list(
    State(site): State<Site>,
    caller: Caller,
    Named(wallet): Named<String>,
) -> Result<Json<Page<Key>>, Problem> {
    let rows = api_key::list(&site.services, &caller.who, caller.wallet_at(&wallet)?).await?;
    Ok(Json(Page { items: rows.into_iter().map(Key::from).collect(), next: None }))
}

/// Make an API key
///
/// The key is in this answer and in no other.
#[utoipa::path(post, path = "/api/v1/wallets/{wallet}/api-keys", tag = "wallets", request_body = NewKey,
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 201, description = "The key.", body = KeyMade)))]
pub(super) async fn create(
    visit: Visit,
    caller: Caller,
    Bound(services): Bound,
    Named(wallet): Named<String>,
    Body(NewKey { name, expires_at, limit }): Body<NewKey>,
) -> Result<(StatusCode, Json<KeyMade>), Problem> {
    let request = CreateApiKey {
        wallet: caller.wallet_at(&wallet)?,
        user: None,
        name,
        expires_at: expires_at.map(|moment| moment.0),
        limit: limit.map(SpendingLimit::from),
    };
    let made = api_key::create(&services, &visit.context, &caller.who, request).await?;
    Ok((StatusCode::CREATED, Json(KeyMade { id: made.id, secret: made.secret })))
}

/// Change an API key
///
/// Its name, its expiry or its limit. The secret stays.
#[utoipa::path(patch, path = "/api/v1/api-keys/{key}", tag = "wallets", request_body = KeyChange,
    params(("key" = schema::ApiKeyId, Path, description = "The key.")),
    responses((status = 200, description = "The key.", body = Key)))]
pub(super) async fn change(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(id): Named<String>,
    Body(KeyChange { name, expires_at, limit }): Body<KeyChange>,
) -> Result<Json<Key>, Problem> {
    let request = ChangeApiKey {
        name,
        expires_at: expires_at.map(|end| end.map(|moment| moment.0)),
        limit: limit.map(|limit| limit.map(SpendingLimit::from)),
    };
    let id = wire::id("API key", &id)?;
    let row = api_key::change(&site.services, &visit.context, &caller.who, id, request).await?;
    Ok(Json(row.into()))
}

/// Revoke an API key
///
/// It is refused from now on, on every node.
#[utoipa::path(delete, path = "/api/v1/api-keys/{key}", tag = "wallets",
    params(("key" = schema::ApiKeyId, Path, description = "The key.")),
    responses((status = 204, description = "It is refused from now on.")))]
pub(super) async fn revoke(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<StatusCode, Problem> {
    let id = wire::id("API key", &id)?;
    api_key::revoke(&site.services, &visit.context, &caller.who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tells a field that is `null` from one that is absent.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl From<KeyLimit> for SpendingLimit {
    fn from(KeyLimit { amount, period }: KeyLimit) -> Self {
        Self { amount: amount.0, period }
    }
}

impl From<ApiKeyRow> for Key {
    fn from(row: ApiKeyRow) -> Self {
        let ApiKeyRow { id, name, last4, user, created_at, expires_at, revoked_at, last_used_at, limit, .. } = row;
        let limit = limit.map(|SpendingLimit { amount, period }| KeyLimit { amount: Credits(amount), period });
        Self { id, name, ends_in: last4, user, created_at, expires_at, revoked_at, last_used_at, limit }
    }
}
