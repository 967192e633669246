//! Stops the service of a wallet by hand, and lets it go on.
//!
//! This is apart from what the wallet owes: paying does not end it, and ending it forgives no debt. Each changes the
//! wallet in one transaction with its line in the server's log and the letter to the holder; the next request on every
//! node finds it. What is in force already stays as it is, without another line or letter.

use billing::dunning::State;
use connectors::mail::Letter;
use serde_json::{Value, json};
use store::{Holder, SuspensionRow, Tx, WalletRow};
use units::{Instant, WalletId};

use super::acts::require_reason;
use crate::audit::{Change, Scope, record};
use crate::{Caller, Context, Error, Services, access, dunning, holder};

/// The longest reason, in characters: a letter and a banner repeat it.
const LONGEST_REASON: usize = 500;

/// Whether a wallet is served, and what stops it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// What an operator has said.
    pub suspension: Option<SuspensionRow>,
    /// Where it stands by what it owes.
    pub owes: State,
}

impl Service {
    /// Whether neither stops it.
    pub fn goes_on(&self) -> bool {
        self.suspension.is_none() && self.owes.is_served()
    }
}

/// Whether the wallet is served.
///
/// # Errors
/// `not_found` and `forbidden`.
pub async fn service(services: &Services, ctx: &Context, caller: &Caller, wallet: WalletId) -> Result<Service, Error> {
    let reader = services.store.reader();
    access::read_operator(reader, caller).await?;
    let row = reader.find_wallet(wallet).await?.ok_or_else(|| not_found(wallet))?;
    let owes = dunning::status(reader, &services.catalog.current(), wallet, ctx.now).await?;
    Ok(Service { suspension: row.suspension, owes })
}

/// Suspends a wallet: no request of it is served, with its own provider keys neither; nothing is changed but by paying;
/// automatic top-up pauses when it would buy. Requests that run are settled. The holder reads the reason.
///
/// # Errors
/// `invalid_field` without a reason, `not_found` and `forbidden`.
pub async fn suspend(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    wallet: WalletId,
    reason: &str,
) -> Result<Service, Error> {
    let act = Act { wallet, reason: read_reason(reason)?, ctx: ctx.clone(), caller: *caller };
    let support = services.catalog.current().brand.support.clone();
    services
        .store
        .write(async move |tx| {
            let row = act.load(tx).await?;
            let suspension = SuspensionRow { since: act.ctx.now, reason: act.reason.clone() };
            if !tx.insert_suspension(wallet, &suspension).await? {
                return Ok(());
            }
            act.note(tx, &row, "wallet.suspend", Value::Null).await?;
            let (reason, support) = (act.reason.clone(), support.clone());
            let letter = |organization, link| Letter::Suspended { organization, reason, support, link };
            holder::write_to(tx, &act.ctx, &row.holder, letter).await
        })
        .await?;
    service(services, ctx, caller, wallet).await
}

/// Ends what [`suspend`] began; with `since`, only the suspension that began then. A wallet that owes too long stays
/// suspended by that.
///
/// # Errors
/// As [`suspend`]; `changed_meanwhile` when another suspension is in force than the one that is meant.
pub async fn restore(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    wallet: WalletId,
    since: Option<Instant>,
    reason: &str,
) -> Result<Service, Error> {
    let act = Act { wallet, reason: read_reason(reason)?, ctx: ctx.clone(), caller: *caller };
    let catalog = services.catalog.current();
    services
        .store
        .write(async move |tx| {
            let row = act.load(tx).await?;
            if let (Some(meant), Some(newer)) = (since, &row.suspension)
                && newer.since != meant
            {
                let now = format!("Another one is in force since {}: {}. Look at that one", newer.since, newer.reason);
                return Err(Error::ChangedMeanwhile { what: "the suspension", now });
            }
            if !tx.delete_suspension(wallet).await? {
                return Ok(());
            }
            let before = row.suspension.as_ref().map(|row| json!({"since": row.since, "reason": row.reason}));
            act.note(tx, &row, "wallet.restore", before.unwrap_or_default()).await?;
            let owes = dunning::status_of(&tx.list_debts(wallet).await?, &catalog.dunning, act.ctx.now);
            let is_served = owes.is_served();
            let letter = |organization, link| Letter::Restored { organization, is_served, link };
            holder::write_to(tx, &act.ctx, &row.holder, letter).await
        })
        .await?;
    service(services, ctx, caller, wallet).await
}

/// Either of them.
struct Act {
    wallet: WalletId,
    reason: String,
    ctx: Context,
    caller: Caller,
}

impl Act {
    async fn load(&self, tx: &mut Tx<'_>) -> Result<WalletRow, Error> {
        access::operator(tx, &self.caller).await?;
        tx.find_wallet(self.wallet).await?.ok_or_else(|| not_found(self.wallet))
    }

    async fn note(&self, tx: &mut Tx<'_>, row: &WalletRow, action: &'static str, before: Value) -> Result<(), Error> {
        let person = match row.holder {
            Holder::User(user) => Some(user),
            Holder::Organization(_) => None,
        };
        let (subject, after) = (self.wallet.to_string(), json!({"reason": self.reason}));
        let change = Change { scope: Scope::Server, action, subject, person, before, after };
        record(tx, &self.ctx, &self.caller, change).await
    }
}

/// The reason on one line, as letters and refusals repeat it.
fn read_reason(text: &str) -> Result<String, Error> {
    require_reason(text)?;
    let text = text.split(|letter: char| letter.is_whitespace() || letter.is_control());
    let text = text.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    match text.chars().count() {
        0..=LONGEST_REASON => Ok(text),
        _ => Err(Error::Invalid { field: "reason", reason: format!("at most {LONGEST_REASON} characters") }),
    }
}

fn not_found(wallet: WalletId) -> Error {
    Error::NotFound { what: "wallet", name: wallet.to_string() }
}
