//! What follows when real money has moved, in the transaction that notes it: the one place for each.
//!
//! Whatever belongs to such a moment (an invoice, a credit note, a pause) is written here, with the tables or as a
//! job, so that it happens with the change or not at all. Each function is called once for each change of its row.
//! Nobody outside is called here, and the books follow by a job that may run again.

use billing::Catalog;
use billing::contest::{ContestKind, ContestState};
use connectors::mail::Letter;
use store::{AttemptRow, CardRefundRow, ContestRow, PaymentRow, Tx};

use super::source;
use crate::invoice::CreditNote;
use crate::jobs::Task;
use crate::{Context, Error, bill, holder, invoice};

/// A payment has become paid: `row.paid_at` is set in this transaction, and never was before.
pub(crate) async fn paid(tx: &mut Tx<'_>, ctx: &Context, catalog: &Catalog, row: &PaymentRow) -> Result<(), Error> {
    invoice::issue(tx, ctx, row).await?;
    if source(row).is_none() {
        return bill::paid(tx, ctx, catalog, row).await;
    }
    tx.insert_job(&Task::Credit { payment: row.id }.job(ctx)).await?;
    Ok(())
}

/// An attempt has ended without the money: it was live before this transaction, and stood where `before` says.
pub(crate) async fn unpaid(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    row: &PaymentRow,
    before: &AttemptRow,
    attempt: &AttemptRow,
) -> Result<(), Error> {
    match source(row) {
        Some(_) => Ok(()),
        None => bill::unpaid(tx, ctx, catalog, row, before, attempt).await,
    }
}

/// A refund has succeeded: its row says so in this transaction, and never did before.
pub(crate) async fn refunded(tx: &mut Tx<'_>, ctx: &Context, row: &CardRefundRow) -> Result<(), Error> {
    let note = CreditNote { payment: row.payment, refund: row.id, net: row.credits };
    invoice::credit(tx, ctx, note).await?;
    tx.insert_job(&Task::BookRefund { refund: row.id }.job(ctx)).await?;
    Ok(())
}

/// A refund was not paid, and no money has moved.
pub(crate) async fn refund_failed(tx: &mut Tx<'_>, ctx: &Context, row: &CardRefundRow) -> Result<(), Error> {
    tx.insert_job(&Task::BookRefund { refund: row.id }.job(ctx)).await?;
    Ok(())
}

/// A refund that had succeeded came back: the money is here again, and so are the credits. Its credit note stands, as
/// what was issued does; an operator is called, and pays in another way.
pub(crate) async fn refund_came_back(tx: &mut Tx<'_>, ctx: &Context, row: &CardRefundRow) -> Result<(), Error> {
    tx.insert_job(&Task::BookRefund { refund: row.id }.job(ctx)).await?;
    Ok(())
}

/// A bank contests a payment, suspects a fraud, or has decided: `row.state` has changed in this transaction. While
/// `row.is_blocking`, the card pays nothing.
pub(crate) async fn contested(tx: &mut Tx<'_>, ctx: &Context, row: &ContestRow) -> Result<(), Error> {
    if ContestKind::from_name(&row.kind) == Some(ContestKind::Warning) {
        // What an operator does about a suspicion is nobody's business yet.
        return Ok(tx.insert_job(&Task::AnswerWarning { contest: row.id }.job(ctx)).await?);
    }
    tx.insert_job(&Task::BookContest { contest: row.id }.job(ctx)).await?;
    write_of(tx, ctx, row).await
}

/// The holder learns from us, and not from what fails, that credits are frozen, gone or there again.
async fn write_of(tx: &mut Tx<'_>, ctx: &Context, row: &ContestRow) -> Result<(), Error> {
    let (wallet, payment) = (tx.find_wallet(row.wallet).await?, tx.find_payment(row.payment).await?);
    let (Some(wallet), Some(payment), Some(state)) = (wallet, payment, ContestState::from_name(&row.state)) else {
        return Ok(());
    };
    let amount = payment.amount.to_string();
    let letter = |organization, link| Letter::Contested { organization, amount, state, link };
    holder::write_to(tx, ctx, &wallet.holder, letter).await
}
