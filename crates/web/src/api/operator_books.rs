//! Whether the books are sound, and what an operator has to see to.

use axum::{Json, extract::State};
use operations::operator::{self, Alarms, Reconciled};
use serde::Serialize;
use store::{FindingRow, SuspensionRow};
use units::{Amount, Instant, WalletId};
use utoipa::ToSchema;

use crate::{
    access::Caller,
    problem::Problem,
    site::Site,
    wire::{SignedCredits, schema},
};

/// The books against themselves.
#[derive(Serialize, ToSchema)]
pub(super) struct Reconciliation {
    /// What was moved into each of the platform's accounts, in all.
    accounts: Vec<AccountSum>,
    /// What is left on all grants and these accounts come to together: 0, or the books are wrong.
    #[schema(value_type = SignedCredits)]
    difference: Amount,
    /// How many wallets there are.
    wallets: u64,
    /// How many transfers.
    transfers: u64,
    /// How many charges.
    charges: u64,
}

/// One of the platform's accounts.
#[derive(Serialize, ToSchema)]
pub(super) struct AccountSum {
    /// Its name.
    #[schema(example = "revenue")]
    account: &'static str,
    /// What was moved into it; what was paid in stands below zero.
    #[schema(value_type = SignedCredits)]
    sum: Amount,
}

/// What an operator has to see to.
#[derive(Serialize, ToSchema)]
pub(super) struct AlarmsNow {
    /// What the self-check found, until it is sound again.
    findings: Vec<Finding>,
    /// Work that was given up.
    given_up: Vec<GivenUp>,
    /// Wallets that are suspended by hand.
    suspended: Vec<Suspended>,
    /// Events of the payment processor that were refused since this process began.
    refused_events: u64,
}

/// A difference that the self-check found.
#[derive(Serialize, ToSchema)]
pub(super) struct Finding {
    /// In which wallet; absent for the sums of everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::WalletId, required = false)]
    wallet: Option<WalletId>,
    /// Its stable code.
    code: String,
    /// What differs.
    what: String,
    /// When it was found.
    #[schema(value_type = schema::Moment)]
    found_at: Instant,
}

/// Work that was given up.
#[derive(Serialize, ToSchema)]
pub(super) struct GivenUp {
    /// What kind of work.
    kind: String,
    /// When it was given up.
    #[schema(value_type = schema::Moment)]
    at: Instant,
    /// How often it was tried.
    attempts: u32,
    /// What went wrong the last time.
    why: String,
}

/// A wallet that an operator has suspended.
#[derive(Serialize, ToSchema)]
pub(super) struct Suspended {
    /// Which.
    #[schema(value_type = schema::WalletId)]
    wallet: WalletId,
    /// Since when.
    #[schema(value_type = schema::Moment)]
    since: Instant,
    /// Why.
    reason: String,
}

/// Reconcile
///
/// What is in the platform's accounts, and whether all of the books sum to zero.
#[utoipa::path(get, path = "/api/v1/operator/reconciliation", tag = "operator",
    responses((status = 200, description = "The sums.", body = Reconciliation)))]
pub(super) async fn reconcile(State(site): State<Site>, caller: Caller) -> Result<Json<Reconciliation>, Problem> {
    let Reconciled { accounts, difference, size } = operator::reconcile(&site.services, &caller.who).await?;
    let accounts = accounts.into_iter().map(|(account, sum)| AccountSum { account: account.name(), sum }).collect();
    let (wallets, transfers, charges) = (size.wallets, size.transfers, size.charges);
    Ok(Json(Reconciliation { accounts, difference, wallets, transfers, charges }))
}

/// List alarms
///
/// What the self-check found, work that was given up, and wallets that are suspended by hand.
#[utoipa::path(get, path = "/api/v1/operator/alarms", tag = "operator",
    responses((status = 200, description = "The alarms.", body = AlarmsNow)))]
pub(super) async fn alarms(State(site): State<Site>, caller: Caller) -> Result<Json<AlarmsNow>, Problem> {
    let Alarms { findings, given_up, suspensions, events } = operator::alarms(&site.services, &caller.who).await?;
    let given_up = given_up.into_iter().map(|job| GivenUp {
        kind: job.kind,
        at: job.given_up_at,
        attempts: job.attempts,
        why: job.last_error,
    });
    let suspended = suspensions.into_iter().map(|(wallet, row)| {
        let SuspensionRow { since, reason } = row;
        Suspended { wallet, since, reason }
    });
    let findings = findings.into_iter().map(Finding::from).collect();
    let (given_up, suspended) = (given_up.collect(), suspended.collect());
    Ok(Json(AlarmsNow { findings, given_up, suspended, refused_events: events.refused }))
}

impl From<FindingRow> for Finding {
    fn from(FindingRow { wallet, code, what, found_at, .. }: FindingRow) -> Self {
        Self { wallet, code, what, found_at }
    }
}
