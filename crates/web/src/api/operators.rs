//! What operators do: find people, correct wallets, appoint each other.

use axum::{Json, extract::State};
use http::StatusCode;
use operations::{grant::AdjustWallet, operator};
use serde::{Deserialize, Serialize};
use store::UserRow;
use units::{Amount, Instant, UserId, WalletId};
use utoipa::ToSchema;

use super::wallets::PageOf;
use crate::{
    access::Caller,
    extract::{Asked, Body, Named},
    once::OnceKey,
    problem::Problem,
    site::Site,
    visit::Visit,
    wire::{self, Credits, Page, SignedCredits, schema},
};

/// Somebody who has an account.
#[derive(Serialize, ToSchema)]
pub(super) struct User {
    /// Their id.
    #[schema(value_type = schema::UserId)]
    id: UserId,
    /// What they signed up with.
    name: String,
    /// Their mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    email: Option<String>,
    /// Their own wallet.
    #[schema(value_type = schema::WalletId)]
    wallet: WalletId,
    /// Since when.
    #[schema(value_type = schema::Moment)]
    created_at: Instant,
    /// Whether they run this server.
    is_operator: bool,
}

/// A correction.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Adjustment {
    /// How much, not zero; with a minus, credits are taken away.
    amount: SignedCredits,
    /// Why; kept in the log.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// A correction that is booked.
#[derive(Serialize, ToSchema)]
pub(super) struct Adjusted {
    /// By how much.
    #[schema(value_type = SignedCredits)]
    amount: Amount,
    /// What can be spent after it.
    #[schema(value_type = Credits)]
    available: Amount,
}

/// List users
///
/// In the order in which they came.
#[utoipa::path(get, path = "/api/v1/operator/users", tag = "operator", params(PageOf),
    responses((status = 200, description = "A page of users.", body = Page<User>)))]
pub(super) async fn users(State(site): State<Site>, Asked(page): Asked<PageOf>) -> Result<Json<Page<User>>, Problem> {
    let (limit, after) = (wire::page_size(page.limit)?, wire::cursor(page.cursor.as_deref())?);
    let rows = site.services.store.reader().list_users(after, limit + 1).await?;
    let users = rows.into_iter().map(User::from).collect();
    Ok(Json(Page::cut(users, limit, |user| user.id.to_string())))
}

/// Adjust a wallet
///
/// Adds or takes away credits. Available never goes below zero by it.
#[utoipa::path(post, path = "/api/v1/operator/wallets/{wallet}/adjustments", tag = "operator",
    request_body = Adjustment,
    params(("wallet" = schema::WalletId, Path, description = "The wallet.")),
    responses((status = 201, description = "It is booked.", body = Adjusted)))]
pub(super) async fn adjust(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    key: OnceKey,
    Named(wallet): Named<String>,
    Body(Adjustment { amount, reason }): Body<Adjustment>,
) -> Result<(StatusCode, Json<Adjusted>), Problem> {
    let key = Some(format!("POST /api/v1/operator/wallets/adjustments {}", key.text()));
    let wallet = wire::id("wallet", &wallet)?;
    let request = AdjustWallet { wallet, amount: amount.0, reason, key };
    let adjusted = operator::adjust(&site.services, &visit.context, &caller.who, request).await?;
    Ok((StatusCode::CREATED, Json(Adjusted { amount: adjusted.amount, available: adjusted.available })))
}

/// Appoint an operator
///
/// Lets a person run this server.
#[utoipa::path(put, path = "/api/v1/operator/operators/{user}", tag = "operator",
    params(("user" = schema::UserId, Path, description = "The person.")),
    responses((status = 204, description = "They are an operator.")))]
pub(super) async fn appoint(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(user): Named<String>,
) -> Result<StatusCode, Problem> {
    let user = wire::id("user", &user)?;
    operator::appoint(&site.services, &visit.context, &caller.who, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Dismiss an operator
///
/// The last one can be dismissed from the command line only.
#[utoipa::path(delete, path = "/api/v1/operator/operators/{user}", tag = "operator",
    params(("user" = schema::UserId, Path, description = "The person.")),
    responses((status = 204, description = "They are no operator any more.")))]
pub(super) async fn dismiss(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(user): Named<String>,
) -> Result<StatusCode, Problem> {
    let user = wire::id("user", &user)?;
    operator::dismiss(&site.services, &visit.context, &caller.who, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        let UserRow { id, name, email, wallet, created_at, is_operator, .. } = row;
        Self { id, name, email, wallet, created_at, is_operator }
    }
}
