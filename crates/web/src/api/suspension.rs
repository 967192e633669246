//! Service that an operator stops by hand, and lets go on.

use axum::Json;
use operations::operator::{self, Service};
use serde::{Deserialize, Serialize};
use store::SuspensionRow;
use units::Instant;
use utoipa::ToSchema;

use crate::{
    access::{Bound, Caller},
    extract::{Body, Named},
    problem::Problem,
    visit::Visit,
    wire::{self, schema},
};

/// Why service stops, or goes on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason {
    /// Why; kept in the log. The holder reads why they are suspended.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Why service goes on, and which suspension ends.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Restoration {
    /// Why; kept in the log.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
    /// Which suspension is meant, by its `since`: where another is in force by now, it is refused. Whichever is in force,
    /// when absent.
    #[serde(default)]
    #[schema(value_type = schema::Moment, required = false, nullable = false)]
    since: Option<Instant>,
}

/// That an operator has suspended a wallet.
#[derive(Serialize, ToSchema)]
pub(super) struct Suspension {
    /// Since when.
    #[schema(value_type = schema::Moment)]
    since: Instant,
    /// Why.
    reason: String,
}

/// Whether a wallet is served.
#[derive(Serialize, ToSchema)]
pub(super) struct ServiceNow {
    /// Whether requests are, as far as it is neither suspended by hand nor by what it owes.
    is_served: bool,
    /// Where it stands by what it owes: `active`, `grace`, `suspended` or `purged`.
    #[schema(value_type = String, example = "active")]
    due: &'static str,
    /// Absent unless an operator has suspended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    suspension: Option<Suspension>,
}

/// Suspend a wallet
///
/// No request of it is served from the next one on, on any node, with its own provider keys neither; nothing is bought
/// automatically. It stays readable, and what is due can be paid, which does not end this. One that is suspended stays
/// as it is.
#[utoipa::path(post, path = "/api/v1/operator/wallets/{wallet}/suspend", tag = "operator", request_body = Reason,
    params(("wallet" = schema::WalletId, Path, description = "The wallet.")),
    responses((status = 200, description = "It is suspended.", body = ServiceNow)))]
pub(super) async fn suspend(
    visit: Visit,
    caller: Caller,
    Bound(services): Bound,
    Named(wallet): Named<String>,
    Body(Reason { reason }): Body<Reason>,
) -> Result<Json<ServiceNow>, Problem> {
    let wallet = wire::id("wallet", &wallet)?;
    let service = operator::suspend(&services, &visit.context, &caller.who, wallet, &reason).await?;
    Ok(Json(service.into()))
}

/// Restore a wallet
///
/// Ends a suspension by hand; with `since`, that one or none. What is due is due as before, and can keep it suspended.
#[utoipa::path(post, path = "/api/v1/operator/wallets/{wallet}/restore", tag = "operator", request_body = Restoration,
    params(("wallet" = schema::WalletId, Path, description = "The wallet.")),
    responses((status = 200, description = "It is not suspended by hand.", body = ServiceNow)))]
pub(super) async fn restore(
    visit: Visit,
    caller: Caller,
    Bound(services): Bound,
    Named(wallet): Named<String>,
    Body(Restoration { reason, since }): Body<Restoration>,
) -> Result<Json<ServiceNow>, Problem> {
    let wallet = wire::id("wallet", &wallet)?;
    let service = operator::restore(&services, &visit.context, &caller.who, wallet, since, &reason).await?;
    Ok(Json(service.into()))
}

impl From<Service> for ServiceNow {
    fn from(service: Service) -> Self {
        let (is_served, due) = (service.goes_on(), service.owes.name());
        Self { is_served, due, suspension: service.suspension.map(Suspension::from) }
    }
}

impl From<SuspensionRow> for Suspension {
    fn from(SuspensionRow { since, reason }: SuspensionRow) -> Self {
        Self { since, reason }
    }
}
