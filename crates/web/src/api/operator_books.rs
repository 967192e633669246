//! Whether the books are sound, and what an operator has to see to.

use axum::{Json, extract::State};
use ledger::Account;
use serde::Serialize;
use store::{FindingRow, GivenUpJob, platform_difference};
use units::{Amount, Instant, WalletId};
use utoipa::ToSchema;

use crate::{
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
pub(super) struct Alarms {
    /// What the self-check found, until it is sound again.
    findings: Vec<Finding>,
    /// Work that was given up.
    given_up: Vec<GivenUp>,
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

/// So many of a kind are told.
pub(crate) const MOST: u32 = 100;

/// Reconcile
///
/// What is in the platform's accounts, and whether all of the books sum to zero.
#[utoipa::path(get, path = "/api/v1/operator/reconciliation", tag = "operator",
    responses((status = 200, description = "The sums.", body = Reconciliation)))]
pub(super) async fn reconcile(State(site): State<Site>) -> Result<Json<Reconciliation>, Problem> {
    let sums = sums(&site).await?;
    let size = site.services.store.reader().size().await?;
    let accounts = sums.accounts.into_iter().map(|(account, sum)| AccountSum { account: account.name(), sum });
    Ok(Json(Reconciliation {
        accounts: accounts.collect(),
        difference: sums.difference,
        wallets: size.wallets,
        transfers: size.transfers,
        charges: size.charges,
    }))
}

/// List alarms
///
/// What the self-check found, and work that was given up.
#[utoipa::path(get, path = "/api/v1/operator/alarms", tag = "operator",
    responses((status = 200, description = "The alarms.", body = Alarms)))]
pub(super) async fn alarms(State(site): State<Site>) -> Result<Json<Alarms>, Problem> {
    let reader = site.services.store.reader();
    Ok(Json(Alarms {
        findings: reader.list_findings(MOST).await?.into_iter().map(Finding::from).collect(),
        given_up: reader.list_given_up_jobs(None, MOST).await?.into_iter().map(GivenUp::from).collect(),
        refused_events: site.services.events.seen().refused,
    }))
}

/// The platform's accounts, and whether all sums to zero.
pub(crate) struct Sums {
    pub(crate) accounts: Vec<(Account, Amount)>,
    pub(crate) difference: Amount,
}

pub(crate) async fn sums(site: &Site) -> Result<Sums, Problem> {
    let reader = site.services.store.reader();
    let totals = reader.platform_totals().await?;
    Ok(Sums {
        accounts: totals.into_iter().map(|(account, nanos)| (account, amount(nanos))).collect(),
        difference: amount(platform_difference(reader).await?),
    })
}

/// Nobody has had more than fits in all of history; whoever would is shown the most that fits.
fn amount(nanos: i128) -> Amount {
    let most = if nanos < 0 { i64::MIN + 1 } else { i64::MAX };
    Amount::from_nanos(i64::try_from(nanos).unwrap_or(most))
}

impl From<FindingRow> for Finding {
    fn from(FindingRow { wallet, code, what, found_at, .. }: FindingRow) -> Self {
        Self { wallet, code, what, found_at }
    }
}

impl From<GivenUpJob> for GivenUp {
    fn from(GivenUpJob { kind, given_up_at: at, attempts, last_error: why, .. }: GivenUpJob) -> Self {
        Self { kind, at, attempts, why }
    }
}
