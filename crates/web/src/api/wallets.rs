//! What is in a wallet.

use axum::{Json, extract::State};
use billing::role::Action;
use ledger::{Grant, Source};
use serde::{Deserialize, Serialize};
use units::{Amount, GrantId, Instant, WalletId};
use utoipa::{IntoParams, ToSchema};

use super::suspension::Suspension;
use crate::{
    access::Caller,
    extract::{Asked, Named},
    problem::Problem,
    site::Site,
    visit::Visit,
    wire::{self, Credits, Page, WalletName, schema},
};

/// Credits now.
#[derive(Serialize, ToSchema)]
pub(super) struct WalletNow {
    /// The wallet.
    #[schema(value_type = schema::WalletId)]
    id: WalletId,
    /// What is available and held: the number that pages show.
    #[schema(value_type = Credits)]
    balance: Amount,
    /// What a new hold could reserve.
    #[schema(value_type = Credits)]
    available: Amount,
    /// What open holds have reserved.
    #[schema(value_type = Credits)]
    held: Amount,
    /// How many holds are open.
    open_holds: usize,
    /// Absent unless whoever runs this server has suspended it: requests are refused then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    suspension: Option<Suspension>,
}

/// Credits that entered at once.
#[derive(Serialize, ToSchema)]
pub(super) struct GrantNow {
    /// The grant.
    #[schema(value_type = schema::GrantId)]
    id: GrantId,
    /// Where it came from.
    #[schema(value_type = String, example = "welcome")]
    source: Source,
    /// What entered.
    #[schema(value_type = Credits)]
    amount: Amount,
    /// What is not charged, expired or taken away. What is held is still in it.
    #[schema(value_type = Credits)]
    left: Amount,
    /// The part of it that open holds have reserved.
    #[schema(value_type = Credits)]
    held: Amount,
    /// Whether real money paid for it.
    paid: bool,
    /// From when it can be spent.
    #[schema(value_type = schema::Moment)]
    effective_at: Instant,
    /// From when it can no longer be spent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Moment, required = false)]
    expires_at: Option<Instant>,
}

/// Which page of a list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageOf {
    /// The `next` of the page before.
    #[param(required = false, nullable = false)]
    pub(super) cursor: Option<String>,
    /// How many items: 50 unless you say, at most 200.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200)]
    pub(super) limit: Option<u32>,
}

/// Show a wallet
///
/// What is in it now. `available` is what a new hold could reserve; `balance` counts what is held too.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet}", tag = "wallets",
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 200, description = "The wallet now.", body = WalletNow)))]
pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(wallet): Named<String>,
) -> Result<Json<WalletNow>, Problem> {
    let id = caller.may_read(&site, &wallet, Action::SeeOrganization).await?;
    let (now, reader) = (visit.context.now, site.services.store.reader());
    let not_found = || Problem::NotFound { what: "wallet", name: id.to_string() };
    let (wallet, row) = (reader.load_wallet(id).await?, reader.find_wallet(id).await?);
    let (wallet, row) = wallet.zip(row).ok_or_else(not_found)?;
    Ok(Json(WalletNow {
        id,
        balance: wallet.balance(now),
        available: wallet.available(now),
        held: wallet.held(),
        open_holds: wallet.holds().count(),
        suspension: row.suspension.map(Suspension::from),
    }))
}

/// List grants
///
/// Every grant with what is left of it, the oldest first.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet}/grants", tag = "wallets",
    params(("wallet" = WalletName, Path, description = "The wallet."), PageOf),
    responses((status = 200, description = "A page of grants.", body = Page<GrantNow>)))]
pub(super) async fn grants(
    State(site): State<Site>,
    caller: Caller,
    Named(wallet): Named<String>,
    Asked(page): Asked<PageOf>,
) -> Result<Json<Page<GrantNow>>, Problem> {
    let id = caller.may_read(&site, &wallet, Action::SeeBilling).await?;
    let limit = wire::page_size(page.limit)?;
    let after = wire::cursor(page.cursor.as_deref())?;
    let grants = site.services.store.reader().list_grants(id, after, limit + 1).await?;
    let grants = grants.into_iter().map(GrantNow::from).collect();
    Ok(Json(Page::cut(grants, limit, |grant| grant.id.to_string())))
}

impl From<Grant> for GrantNow {
    fn from(grant: Grant) -> Self {
        let Grant { id, source, amount, left, held, paid, effective_at, expires_at, .. } = grant;
        Self { id, source, amount, left, held, paid, effective_at, expires_at }
    }
}
