//! What a pass's own time, or the use of its credits, makes due.

use billing::pass::Command;
use units::{PassId, WalletId};

use super::book::book;
use super::contest;
use super::keep::{Used, keep};
use crate::{Context, Error, Services};

/// Does what is due, in order, until nothing is: one transaction after the other, each with its grants in the books
/// before the next. Answers whether there was something.
pub(crate) async fn advance(services: &Services, ctx: &Context, pass: PassId) -> Result<bool, Error> {
    let reader = services.store.reader();
    let mut is_changed = false;
    loop {
        book(services, ctx, pass).await?;
        let Some(known) = reader.find_pass(pass).await? else { return Ok(is_changed) };
        let used = Used::seen(reader.find_gauge(known.wallet, pass).await?);
        let prepayment = contest::prepayment(services, &known).await?;
        let (context, catalog) = (ctx.clone(), services.catalog.current());
        let effects = services
            .store
            .write(async move |tx| {
                let Some(row) = tx.find_pass(pass).await? else { return Ok(Vec::new()) };
                // Nothing comes of money that the bank may take back, until it has decided.
                if contest::is_contested(tx, prepayment).await? {
                    return Ok(Vec::new());
                }
                keep(tx, &context, &catalog, row, Command::Advance, used, None).await
            })
            .await?;
        if effects.is_empty() {
            return Ok(is_changed);
        }
        is_changed = true;
    }
}

/// Gives the bonuses of a wallet that its use has unlocked. Answers whether there were any.
pub(crate) async fn look(services: &Services, ctx: &Context, wallet: WalletId) -> Result<bool, Error> {
    let mut is_changed = false;
    for gauge in services.store.reader().list_due_gauges_of(wallet, ctx.now).await? {
        is_changed |= advance(services, ctx, gauge.pass).await?;
    }
    // Another node may have granted it a moment ago, and not posted it yet.
    for row in services.store.reader().list_passes(wallet).await? {
        book(services, ctx, row.id).await?;
    }
    Ok(is_changed)
}
