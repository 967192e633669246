//! What a wallet owes for terms, and paying it.

use axum::{Json, extract::State};
use billing::dunning;
use http::StatusCode;
use operations::{
    dunning::{PayDue, list_due, pay_due, status},
    payment::{Bought, PaymentState},
};
use serde::{Deserialize, Serialize};
use units::{CardId, Cents, Instant, PaymentId};
use utoipa::ToSchema;

use super::payment_methods::return_url;
use crate::{
    access::Caller,
    extract::{MaybeBody, Named},
    problem::Problem,
    site::Site,
    visit::Visit,
    wire::{Dollars, Page, WalletName, schema},
};

/// What is due, and where the wallet stands by it.
#[derive(Serialize, ToSchema)]
pub(super) struct DueNow {
    /// `active`; `grace`: a payment failed, and service goes on; `suspended`: requests are refused; `purged`.
    #[schema(value_type = String, example = "active")]
    status: &'static str,
    /// Until when service goes on, or when keys and details are deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Moment, required = false)]
    until: Option<Instant>,
    /// The oldest first.
    items: Vec<DueItem>,
}

/// A term that is not paid.
#[derive(Serialize, ToSchema)]
pub(super) struct DueItem {
    /// Since when it is due.
    #[schema(value_type = schema::Moment)]
    since: Instant,
    /// What stands on its invoice.
    text: String,
    /// What a card pays for it.
    #[schema(value_type = Dollars)]
    amount: Cents,
    /// Whether an attempt is on its way.
    is_trying: bool,
}

/// With what it is paid.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Payer {
    /// With which card; the newest when absent.
    #[serde(default)]
    #[schema(value_type = schema::CardId, required = false)]
    payment_method: Option<CardId>,
    /// Where the person comes back to from their bank: a path of this server.
    #[serde(default)]
    #[schema(required = false, nullable = false, min_length = 1, max_length = 500, pattern = "^/[!-~]*$")]
    return_to: Option<String>,
}

/// A payment of something that was due.
#[derive(Serialize, ToSchema)]
pub(super) struct DuePaid {
    /// Its id.
    #[schema(value_type = schema::PaymentId)]
    id: PaymentId,
    /// `paid`, `pending` or `action_required`.
    #[schema(value_type = String, example = "paid")]
    state: &'static str,
    /// Where the bank sees the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    page: Option<String>,
}

/// List what is due
///
/// Terms of seats or of a pass that are not paid.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet}/due", tag = "buying",
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 200, description = "What is due.", body = DueNow)))]
pub(super) async fn list(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(wallet): Named<String>,
) -> Result<Json<DueNow>, Problem> {
    let (wallet, services) = (caller.wallet_at(&wallet)?, &site.services);
    let due = list_due(services, &caller.who, wallet).await?;
    let state = status(services.store.reader(), &services.catalog.current(), wallet, visit.context.now).await?;
    let until = match state {
        dunning::State::Grace { until } => Some(until),
        dunning::State::Suspended { purges_at, .. } => Some(purges_at),
        dunning::State::Active | dunning::State::Purged { .. } => None,
    };
    let items = due.into_iter().map(|due| DueItem {
        since: due.since,
        text: due.text,
        amount: due.amount,
        is_trying: due.is_trying,
    });
    Ok(Json(DueNow { status: state.name(), until, items: items.collect() }))
}

/// Pay what is due
///
/// All of it, one after the other. What was suspended for it is served again at once. Nothing due is nothing charged,
/// and a payment that is on its way is not made again.
#[utoipa::path(post, path = "/api/v1/wallets/{wallet}/pay-due", tag = "buying", request_body(content = Option<Payer>),
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 200, description = "How each payment stands.", body = Page<DuePaid>)))]
pub(super) async fn pay(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(wallet): Named<String>,
    MaybeBody(Payer { payment_method, return_to }): MaybeBody<Payer>,
) -> Result<(StatusCode, Json<Page<DuePaid>>), Problem> {
    let request = PayDue {
        caller: caller.who,
        wallet: caller.wallet_at(&wallet)?,
        card: payment_method,
        return_url: return_url(&site, return_to.as_deref(), "/due")?,
        from: Some(visit.client),
    };
    let paid = pay_due(&site.services, &visit.context, request).await?;
    Ok((StatusCode::OK, Json(Page { items: paid.into_iter().map(DuePaid::from).collect(), next: None })))
}

impl From<Bought> for DuePaid {
    fn from(Bought { payment: id, state }: Bought) -> Self {
        let (state, page) = match state {
            PaymentState::Paid => ("paid", None),
            PaymentState::Pending => ("pending", None),
            PaymentState::ActionRequired { page } => ("action_required", Some(page)),
        };
        Self { id, state, page }
    }
}
