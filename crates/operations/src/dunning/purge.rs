//! The end of retention: deletes what `billing::dunning::Belonging` says, and ends the subscription.

use billing::Catalog;
use billing::dunning::State;
use billing::seat::Command;
use serde::Serialize;
use serde_json::{Value, json};
use store::{Buys, DebtRow, Holder, PurgeCounts, Reader, Tx, WalletRow};
use units::Instant;

use super::status;
use crate::audit::{Change, Scope, record_by_server};
use crate::{Caller, Context, Error, access, seat};

/// A purge that is due, or comes if nothing is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Purge {
    /// Of which organization: its id.
    pub organization: String,
    /// What it is called.
    pub name: String,
    /// When.
    pub at: Instant,
    /// What would be deleted now.
    pub deletes: PurgeCounts,
}

/// Purges the organization of an unpaid term. What it owed is given up with its subscription, and nobody tries it again.
pub(super) async fn purge(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    wallet: &WalletRow,
    row: &mut DebtRow,
) -> Result<(), Error> {
    let Buys::SeatsTerm { organization, bill } = &row.buys else { return Ok(()) };
    row.purged_at = Some(ctx.now);
    let counts = tx.purge(wallet.id, *organization, ctx.now).await?;
    seat::happened(tx, ctx, catalog, *organization, Command::GiveUp(bill.term)).await?;
    let change = Change {
        scope: Scope::Organization(*organization),
        action: "organization.purge",
        subject: organization.to_string(),
        person: None,
        before: Value::Null,
        after: json!({"deleted": counts}),
    };
    record_by_server(tx, ctx, change).await
}

/// What purges would delete if nothing is paid until they come: the dry run of an operator. Soonest first.
///
/// # Errors
/// `forbidden` for whoever does not run this server.
pub async fn preview_purge(
    reader: &Reader,
    catalog: &Catalog,
    ctx: &Context,
    caller: &Caller,
) -> Result<Vec<Purge>, Error> {
    access::read_operator(reader, caller).await?;
    let mut purges = Vec::new();
    for wallet in reader.list_owing_wallets().await? {
        let state = status(reader, catalog, wallet, ctx.now).await?;
        let State::Suspended { purges_at, .. } = state else { continue };
        let holder = reader.find_wallet(wallet).await?.map(|wallet| wallet.holder);
        let Some(Holder::Organization(id)) = holder else { continue };
        let Some(standing) = reader.find_standing(id, None).await? else { continue };
        purges.push(Purge {
            organization: id.to_string(),
            name: standing.organization.name,
            at: purges_at,
            deletes: reader.count_purge(wallet, id).await?,
        });
    }
    purges.sort_by_key(|purge| purge.at);
    Ok(purges)
}
