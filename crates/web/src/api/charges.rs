//! Where credits went, request by request.

use axum::{Json, extract::State};
use billing::role::Action;
use billing::{CostSource, Usage, UsageRecord};
use ledger::Charge;
use serde::Serialize;
use store::ChargeRow;
use units::{Amount, ApiKeyId, Cost, HoldId, Instant, RequestId, UserId};
use utoipa::ToSchema;

use super::{holds::Paid, wallets::PageOf};
use crate::{
    access::Caller,
    extract::{Asked, Named},
    problem::Problem,
    site::Site,
    wire::{self, Credits, Exact, Page, WalletName, schema},
};

/// The debit of one request.
#[derive(Serialize, ToSchema)]
pub(super) struct Charged {
    /// The id of the charge, and of the hold that it ended.
    #[schema(value_type = schema::HoldId)]
    id: HoldId,
    /// When.
    #[schema(value_type = schema::Moment)]
    at: Instant,
    /// The exact cost.
    #[schema(value_type = Exact)]
    cost: Cost,
    /// What was taken from the wallet.
    #[schema(value_type = Credits)]
    debited: Amount,
    /// What no credits covered.
    #[schema(value_type = Credits)]
    lost: Amount,
    /// What was held for it.
    #[schema(value_type = Credits)]
    held: Amount,
    /// What was used, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    usage: Option<Used>,
}

/// What a request used.
#[derive(Serialize, ToSchema)]
pub(super) struct Used {
    /// The request at the door.
    #[schema(value_type = String)]
    request: RequestId,
    /// Who asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    user: Option<UserId>,
    /// With which key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    api_key: Option<ApiKeyId>,
    /// The model, or what a metering client called it.
    model: String,
    /// Who provided it.
    provider: String,
    /// The client's project.
    project: String,
    /// Where the cost came from: reported, priced, free or metered.
    #[schema(value_type = String, example = "priced")]
    cost_source: CostSource,
    /// The version of the price list.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    price_version: Option<String>,
    /// Prompt tokens, cached ones included.
    input: u64,
    /// Those of them that were read from a cache.
    cache_read: u64,
    /// Those of them that were written to one.
    cache_write: u64,
    /// Completion tokens, reasoning included.
    output: u64,
    /// Those of them that were spent on reasoning.
    reasoning: u64,
    /// Whether the tokens were counted here, since the provider reported none.
    estimated: bool,
}

/// A charge with the grants that paid for it.
#[derive(Serialize, ToSchema)]
pub(super) struct ChargedBy {
    #[serde(flatten)]
    charge: Charged,
    /// Which grant paid which part, in the order in which they were used.
    draws: Vec<Paid>,
}

/// List charges
///
/// The requests that were charged, the latest ids first.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet}/charges", tag = "wallets",
    params(("wallet" = WalletName, Path, description = "The wallet."), PageOf),
    responses((status = 200, description = "A page of charges.", body = Page<Charged>)))]
pub(super) async fn list(
    State(site): State<Site>,
    caller: Caller,
    Named(wallet): Named<String>,
    Asked(page): Asked<PageOf>,
) -> Result<Json<Page<Charged>>, Problem> {
    let id = caller.may_read(&site, &wallet, Action::SeeUsageOfPeople).await?;
    let limit = wire::page_size(page.limit)?;
    let before = wire::cursor(page.cursor.as_deref())?;
    let rows = site.services.store.reader().list_charges(id, before, limit + 1).await?;
    let charges = rows.into_iter().map(Charged::from).collect();
    Ok(Json(Page::cut(charges, limit, |charge| charge.id.to_string())))
}

/// Show a charge
///
/// One charge, with the grants that paid for it.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet}/charges/{charge}", tag = "wallets",
    params(("wallet" = WalletName, Path, description = "The wallet."),
        ("charge" = schema::HoldId, Path, description = "The charge.")),
    responses((status = 200, description = "The charge.", body = ChargedBy)))]
pub(super) async fn show(
    State(site): State<Site>,
    caller: Caller,
    Named((wallet, charge)): Named<(String, String)>,
) -> Result<Json<ChargedBy>, Problem> {
    let id = caller.may_read(&site, &wallet, Action::SeeUsageOfPeople).await?;
    let hold: HoldId = wire::id("charge", &charge)?;
    let reader = site.services.store.reader();
    let absent = || Problem::NotFound { what: "charge", name: hold.to_string() };
    let row = reader.find_charge(id, hold).await?.ok_or_else(absent)?;
    let draws = reader.draws_of(&row.charge).await?;
    Ok(Json(ChargedBy { charge: row.into(), draws: draws.into_iter().map(Paid::from).collect() }))
}

impl From<ChargeRow> for Charged {
    fn from(row: ChargeRow) -> Self {
        let Charge { id, at, cost, debited, lost, held, .. } = row.charge;
        Self { id, at, cost, debited, lost, held, usage: row.usage.map(Used::from) }
    }
}

impl From<UsageRecord> for Used {
    fn from(record: UsageRecord) -> Self {
        let Usage { input, cache_read, cache_write, cache_write_1h, output, reasoning, estimated, .. } = record.usage;
        Self {
            request: record.request,
            user: record.user,
            api_key: record.api_key,
            model: record.model,
            provider: record.provider,
            project: record.project,
            cost_source: record.cost_source,
            price_version: record.price_version,
            input,
            cache_read,
            cache_write: cache_write.saturating_add(cache_write_1h),
            output,
            reasoning,
            estimated,
        }
    }
}
