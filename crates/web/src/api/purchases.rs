//! Buying credits.

use axum::{Json, extract::State};
use billing::{contest::ContestState, payment::AttemptState, role::Action};
use http::StatusCode;
use operations::payment::{self, BuyCredits};
use serde::{Deserialize, Serialize};
use store::PaymentRow;
use units::{CardId, Cents, Instant, PaymentId, WalletId};
use utoipa::ToSchema;

use super::{payment_methods::return_url, wallets::PageOf};
use crate::{
    access::Caller,
    aftermath::{self, Aftermath},
    extract::{Asked, Body, Named},
    once::OnceKey,
    problem::Problem,
    site::Site,
    visit::Visit,
    wire::{self, Dollars, Page, WalletName, schema},
};

/// Credits to buy.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPurchase {
    /// How much, in dollars and whole cents. A dollar is a dollar of credits.
    amount: Dollars,
    /// With which card; the newest when absent.
    #[serde(default)]
    #[schema(value_type = schema::CardId, required = false)]
    payment_method: Option<CardId>,
    /// Where the person comes back to from their bank: a path of this server.
    #[serde(default)]
    #[schema(required = false, nullable = false, min_length = 1, max_length = 500, pattern = "^/[!-~]*$")]
    return_to: Option<String>,
}

/// A purchase as it stands.
#[derive(Serialize, ToSchema)]
pub(super) struct PurchaseNow {
    /// Its id. The grant that it brings has the same number.
    #[schema(value_type = schema::PaymentId)]
    id: PaymentId,
    /// `paid`: the credits are there. `pending`: the bank has not answered. `action_required`: the bank wants to see the
    /// person. `declined`: nothing was charged, and nothing will be.
    #[schema(value_type = String, example = "paid")]
    state: &'static str,
    /// What was asked for.
    #[schema(value_type = Dollars)]
    amount: Cents,
    /// With which card.
    #[schema(value_type = schema::CardId)]
    payment_method: CardId,
    /// Where the bank sees the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    page: Option<String>,
    /// When it was asked for.
    #[schema(value_type = schema::Moment)]
    created_at: Instant,
    /// How much of it the card has back.
    #[schema(value_type = Dollars)]
    refunded: Cents,
    /// How far the bank is, where the payer contests it: `inquiry`, `open`, `won` or `lost`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    dispute: Option<&'static str>,
    /// When the money was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Moment, required = false)]
    paid_at: Option<Instant>,
}

/// Buy credits
///
/// Charges a saved card. The same key with the same wish buys once, and answers how it stands by now. A card that is
/// refused answers `card_declined`, and nothing was charged.
#[utoipa::path(post, path = "/api/v1/wallets/{wallet}/purchases", tag = "buying", request_body = NewPurchase,
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 201, description = "It is paid, or on its way.", body = PurchaseNow)))]
pub(super) async fn buy(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    key: OnceKey,
    Named(wallet): Named<String>,
    Body(NewPurchase { amount, payment_method, return_to }): Body<NewPurchase>,
) -> Result<(StatusCode, Json<PurchaseNow>), Problem> {
    let wallet = caller.wallet_at(&wallet)?;
    let request = BuyCredits {
        caller: caller.who,
        wallet,
        amount: amount.0,
        card: payment_method,
        key: Some(caller.own_key(&key)),
        return_url: return_url(&site, return_to.as_deref(), "/credits")?,
        from: Some(visit.client),
    };
    let bought = payment::buy(&site.services, &visit.context, request).await?;
    Ok((StatusCode::CREATED, Json(load(&site, wallet, bought.payment).await?)))
}

/// List purchases
///
/// Every payment for credits, the oldest first.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet}/purchases", tag = "buying",
    params(("wallet" = WalletName, Path, description = "The wallet."), PageOf),
    responses((status = 200, description = "A page of purchases.", body = Page<PurchaseNow>)))]
pub(super) async fn list(
    State(site): State<Site>,
    caller: Caller,
    Named(wallet): Named<String>,
    Asked(page): Asked<PageOf>,
) -> Result<Json<Page<PurchaseNow>>, Problem> {
    let wallet = caller.may_read(&site, &wallet, Action::SeeBilling).await?;
    let limit = wire::page_size(page.limit)?;
    let after = wire::cursor(page.cursor.as_deref())?;
    let rows = site.services.store.reader().list_purchases(wallet, after, limit + 1).await?;
    let Page { items, next } = Page::cut(rows, limit, |row| row.id.to_string());
    let mut after = aftermath::of_payments(&site, wallet, &items).await?;
    let mut purchases = Vec::new();
    for row in items {
        let after = after.remove(&row.id).unwrap_or_default();
        purchases.push(now(&site, row, &after).await?);
    }
    Ok(Json(Page { items: purchases, next }))
}

/// Show a purchase
///
/// How it stands. While its fate is open, the processor is asked.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet}/purchases/{purchase}", tag = "buying",
    params(("wallet" = WalletName, Path, description = "The wallet."),
        ("purchase" = schema::PaymentId, Path, description = "The purchase.")),
    responses((status = 200, description = "The purchase now.", body = PurchaseNow)))]
pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named((wallet, purchase)): Named<(String, String)>,
) -> Result<Json<PurchaseNow>, Problem> {
    let wallet = caller.may_read(&site, &wallet, Action::ManageBilling).await?;
    let id = wire::id("purchase", &purchase)?;
    let known = load(&site, wallet, id).await?;
    if known.paid_at.is_some() {
        return Ok(Json(known));
    }
    match payment::see(&site.services, &visit.context, &caller.who, id).await {
        // A refusal of the bank is how it stands, and no failure to look.
        Ok(_) | Err(operations::Error::CardDeclined { .. }) => Ok(Json(load(&site, wallet, id).await?)),
        Err(error) => Err(error.into()),
    }
}

/// A purchase of this wallet.
async fn load(site: &Site, wallet: WalletId, id: PaymentId) -> Result<PurchaseNow, Problem> {
    let found = site.services.store.reader().find_payment(id).await?;
    let row = found.filter(|row| row.wallet == wallet);
    let row = row.ok_or_else(|| Problem::NotFound { what: "purchase", name: id.to_string() })?;
    let after = aftermath::of_payments(site, wallet, std::slice::from_ref(&row)).await?.remove(&id);
    now(site, row, &after.unwrap_or_default()).await
}

async fn now(site: &Site, row: PaymentRow, after: &Aftermath) -> Result<PurchaseNow, Problem> {
    let attempt = match row.paid_at {
        Some(_) => None,
        None => site.services.store.reader().find_attempt(row.id).await?,
    };
    let state = attempt.as_ref().map(|attempt| AttemptState::from_name(&attempt.state));
    let (state, page) = match state {
        None => ("paid", None),
        Some(Some(AttemptState::ActionRequired)) => ("action_required", attempt.and_then(|attempt| attempt.page)),
        Some(Some(AttemptState::Declined | AttemptState::Canceled)) => ("declined", None),
        Some(_) => ("pending", None),
    };
    let PaymentRow { id, amount, card: payment_method, created_at, paid_at, .. } = row;
    let (refunded, dispute) = (after.refunded(), after.dispute().map(ContestState::name));
    Ok(PurchaseNow { id, state, amount, payment_method, page, created_at, refunded, dispute, paid_at })
}
