//! A debt begins, hears of a new card, and is forgotten.

use billing::Catalog;
use billing::dunning::Debt;
use store::{Buys, DebtEnd, DebtKey, DebtRow, Tx};
use units::{Instant, WalletId};

use super::keep;
use crate::{Context, Error};

/// A term is due: it is owed from now on, and its money is taken next. Once for each term, whoever finds it due.
pub(crate) async fn owe(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    key: DebtKey,
    billed_at: Instant,
    buys: Buys,
) -> Result<(), Error> {
    let row = DebtRow {
        key,
        buys,
        payment: None,
        debt: Debt::new(key.cause, billed_at, None),
        is_asked: false,
        letter: None,
        purged_at: None,
        closed: None,
    };
    match tx.insert_debt(&row).await? {
        true => keep(tx, ctx, catalog, row, ctx.now).await,
        false => Ok(()),
    }
}

/// The wallet has a new card: what it owes is tried with it at once.
pub(crate) async fn card_added(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    wallet: WalletId,
) -> Result<(), Error> {
    for mut row in tx.list_debts(wallet).await? {
        row.debt.card_since = Some(ctx.now);
        keep(tx, ctx, catalog, row, ctx.now).await?;
    }
    Ok(())
}

/// Nobody wants this term any more: it is not tried again. An attempt that is on its way ends as it ends.
pub(crate) async fn void(tx: &mut Tx<'_>, ctx: &Context, key: DebtKey) -> Result<(), Error> {
    if let Some(row) = tx.find_debt(key).await?.filter(|row| row.closed.is_none()) {
        tx.update_debt(&DebtRow { closed: Some((ctx.now, DebtEnd::Void)), ..row }).await?;
    }
    Ok(())
}

/// Somebody begins anew: what was given up is owed no more.
pub(crate) async fn forget(tx: &mut Tx<'_>, ctx: &Context, wallet: WalletId) -> Result<(), Error> {
    for row in tx.list_debts(wallet).await? {
        if row.purged_at.is_some() {
            tx.update_debt(&DebtRow { closed: Some((ctx.now, DebtEnd::Void)), ..row }).await?;
        }
    }
    Ok(())
}
