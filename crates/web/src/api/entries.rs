//! The journal of a wallet.

use axum::{Json, extract::State};
use billing::role::Action;
use ledger::{Account, Transfer};
use serde::{Deserialize, Serialize};
use units::{Amount, Instant};
use utoipa::{IntoParams, ToSchema};

use crate::{
    access::Caller,
    extract::{Asked, Named},
    problem::Problem,
    site::Site,
    wire::{self, Credits, Page, WalletName, schema},
};

/// One movement between two accounts. It is appended and never changed.
#[derive(Serialize, ToSchema)]
pub(super) struct Entry {
    /// Its place in the journal of the wallet: 1, 2, 3 and so on.
    seq: u64,
    /// When.
    #[schema(value_type = schema::Moment)]
    at: Instant,
    /// What happened: grant, charge, loss, expiry or adjustment.
    #[schema(example = "charge")]
    kind: String,
    /// From which account: a grant by its id, or one of the platform's.
    from: String,
    /// To which account.
    to: String,
    /// How much.
    #[schema(value_type = Credits)]
    amount: Amount,
    /// The seal: a hash over this movement and the seal before it, in hexadecimal.
    seal: String,
}

/// Which part of the journal.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Part {
    /// The `next` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
    /// How many items: 50 unless you say, at most 200.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Only what had happened by this moment.
    #[param(value_type = schema::Moment, required = false, nullable = false)]
    at: Option<String>,
}

/// List entries
///
/// The double-entry journal, the oldest first: each item moves one amount from one account to another.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet}/entries", tag = "wallets",
    params(("wallet" = WalletName, Path, description = "The wallet."), Part),
    responses((status = 200, description = "A page of the journal.", body = Page<Entry>)))]
pub(super) async fn list(
    State(site): State<Site>,
    caller: Caller,
    Named(wallet): Named<String>,
    Asked(part): Asked<Part>,
) -> Result<Json<Page<Entry>>, Problem> {
    let id = caller.may_read(&site, &wallet, Action::SeeBilling).await?;
    let limit = wire::page_size(part.limit)?;
    let after = wire::cursor::<u32>(part.cursor.as_deref())?.unwrap_or(0);
    let at = part.at.as_deref().map(moment).transpose()?;
    let transfers = site.services.store.reader().list_transfers(id, after.into(), limit + 1).await?;
    // Time never goes back in a journal, so what is later is the rest.
    let known = transfers.iter().take_while(|transfer| at.is_none_or(|at| transfer.at <= at));
    let entries = known.map(Entry::from).collect();
    Ok(Json(Page::cut(entries, limit, |entry| entry.seq.to_string())))
}

fn moment(text: &str) -> Result<Instant, Problem> {
    text.parse().map_err(|error| Problem::Field { field: "at".to_owned(), reason: format!("{error}") })
}

impl From<&Transfer> for Entry {
    fn from(transfer: &Transfer) -> Self {
        Self {
            seq: transfer.seq,
            at: transfer.at,
            kind: transfer.kind.name().to_owned(),
            from: account(transfer.from),
            to: account(transfer.to),
            amount: transfer.amount,
            seal: transfer.hash.0.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

fn account(account: Account) -> String {
    match account.grant() {
        Some(grant) => grant.to_string(),
        None => account.name().to_owned(),
    }
}
