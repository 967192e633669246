//! Purchases that go back to their card.

use axum::{Json, extract::State};
use billing::{refund::RefundState, role::Action};
use http::StatusCode;
use operations::refund::{self, RefundPurchase};
use serde::{Deserialize, Serialize};
use store::CardRefundRow;
use units::{Cents, Instant, PaymentId, RefundId};
use utoipa::{IntoParams, ToSchema};

use super::wallets::PageOf;
use crate::{
    access::{Bound, Caller},
    extract::{Asked, Body, Named},
    once::OnceKey,
    problem::Problem,
    site::Site,
    visit::Visit,
    wire::{self, Dollars, Page, WalletName, schema},
};

/// What is to go back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRefund {
    /// Which purchase.
    #[schema(value_type = schema::PaymentId)]
    purchase: PaymentId,
    /// How much of what was bought, without the tax, which goes back with it; all that can be when absent.
    #[serde(default)]
    #[schema(required = false, nullable = false)]
    amount: Option<Dollars>,
    /// Why; kept in the log.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// How much.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct HowMuch {
    /// How much of what was bought; all that can be when absent.
    #[param(value_type = Dollars, required = false, nullable = false)]
    amount: Option<Dollars>,
}

/// What a refund would be.
#[derive(Serialize, ToSchema)]
pub(super) struct RefundPreview {
    /// How much of what was bought can be refunded: what is unused and held by no request.
    #[schema(value_type = Dollars)]
    refundable: Cents,
    /// How much of the credits would go.
    #[schema(value_type = Dollars)]
    credits: Cents,
    /// How much the card would get back, with the tax.
    #[schema(value_type = Dollars)]
    amount: Cents,
}

/// A refund as it stands.
#[derive(Serialize, ToSchema)]
pub(super) struct RefundNow {
    /// Its id.
    #[schema(value_type = schema::RefundId)]
    id: RefundId,
    /// Of which purchase.
    #[schema(value_type = schema::PaymentId)]
    purchase: PaymentId,
    /// `paid`: the card has it back. `pending`: the credits are set aside until the bank has it. `failed`: the bank did
    /// not take it, and the credits are free again.
    #[schema(value_type = String, example = "paid")]
    state: &'static str,
    /// How much the card gets back, with the tax.
    #[schema(value_type = Dollars)]
    amount: Cents,
    /// How much of the credits goes for it.
    #[schema(value_type = Dollars)]
    credits: Cents,
    /// Why.
    reason: String,
    /// When it was asked for.
    #[schema(value_type = schema::Moment)]
    created_at: Instant,
}

/// List refunds
///
/// The newest first.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet}/refunds", tag = "buying",
    params(("wallet" = WalletName, Path, description = "The wallet."), PageOf),
    responses((status = 200, description = "A page of refunds.", body = Page<RefundNow>)))]
pub(super) async fn list(
    State(site): State<Site>,
    caller: Caller,
    Named(wallet): Named<String>,
    Asked(page): Asked<PageOf>,
) -> Result<Json<Page<RefundNow>>, Problem> {
    let wallet = caller.may_read(&site, &wallet, Action::SeeBilling).await?;
    let (limit, before) = (wire::page_size(page.limit)?, wire::cursor(page.cursor.as_deref())?);
    let rows = site.services.store.reader().list_refunds_of_wallet(wallet, before, limit + 1).await?;
    let refunds = rows.into_iter().map(RefundNow::from).collect();
    Ok(Json(Page::cut(refunds, limit, |refund: &RefundNow| refund.id.to_string())))
}

/// Preview a refund
///
/// What would go back to the card, and how much of the credits would go for it. Nothing changes.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet}/purchases/{purchase}/refund-preview", tag = "buying",
    params(("wallet" = WalletName, Path, description = "The wallet."),
        ("purchase" = schema::PaymentId, Path, description = "The purchase."), HowMuch),
    responses((status = 200, description = "What would be.", body = RefundPreview)))]
pub(super) async fn preview(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named((wallet, purchase)): Named<(String, String)>,
    Asked(HowMuch { amount }): Asked<HowMuch>,
) -> Result<Json<RefundPreview>, Problem> {
    let wallet = caller.may_read(&site, &wallet, Action::ManageBilling).await?;
    let at = (wallet, wire::id("paid payment", &purchase)?);
    let amount = amount.map(|dollars| dollars.0);
    let preview = refund::preview_refund(&site.services, &visit.context, &caller.who, at, amount).await?;
    Ok(Json(RefundPreview { refundable: preview.most, credits: preview.credits, amount: preview.amount }))
}

/// Refund a purchase
///
/// Sends what is unused of it back to its card, and removes the credits. It gets a credit note. What was used, or is
/// held by a request that runs, cannot go back.
#[utoipa::path(post, path = "/api/v1/wallets/{wallet}/refunds", tag = "buying", request_body = NewRefund,
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 201, description = "It is paid, or on its way.", body = RefundNow)))]
pub(super) async fn create(
    visit: Visit,
    caller: Caller,
    key: OnceKey,
    Bound(services): Bound,
    Named(wallet): Named<String>,
    Body(NewRefund { purchase, amount, reason }): Body<NewRefund>,
) -> Result<(StatusCode, Json<RefundNow>), Problem> {
    let request = RefundPurchase {
        caller: caller.who,
        wallet: caller.wallet_at(&wallet)?,
        payment: purchase,
        amount: amount.map(|dollars| dollars.0),
        reason,
        key: Some(caller.own_key(&key)),
    };
    let refunded = refund::refund_purchase(&services, &visit.context, request).await?;
    let row = services.store.reader().find_card_refund(refunded.refund).await?;
    Ok((StatusCode::CREATED, Json(row.ok_or(Problem::Internal)?.into())))
}

impl From<CardRefundRow> for RefundNow {
    fn from(row: CardRefundRow) -> Self {
        let CardRefundRow { id, payment: purchase, amount, credits, state, reason, created_at, .. } = row;
        let state = match RefundState::from_name(&state) {
            Some(RefundState::Paid) => "paid",
            Some(RefundState::Failed) => "failed",
            _ => "pending",
        };
        Self { id, purchase, state, amount, credits, reason, created_at }
    }
}
