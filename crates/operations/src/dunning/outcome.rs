//! What became of an attempt to take a debt.

use billing::Catalog;
use billing::payment::{AttemptState, Failure, FailureClass};
use store::{AttemptRow, DebtEnd, DebtRow, PaymentRow, Tx};
use units::Seconds;

use super::keep;
use crate::{Context, Error};

/// How long after an attempt that reached no bank the next one is made.
const AFTER_CALLED_OFF: Seconds = Seconds(3600);

/// A payment has become paid: its debt is none any more, and service is restored by that. Answers whether it was owed.
pub(crate) async fn paid(tx: &mut Tx<'_>, ctx: &Context, payment: &PaymentRow) -> Result<bool, Error> {
    let found = tx.find_debt_of_payment(payment.id).await?;
    let Some(row) = found.filter(|row| row.closed.is_none() && row.purged_at.is_none()) else { return Ok(false) };
    tx.update_debt(&DebtRow { closed: Some((ctx.now, DebtEnd::Paid)), ..row }).await?;
    Ok(true)
}

/// An attempt has ended without the money. `before` is where it stood.
pub(crate) async fn failed(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    payment: &PaymentRow,
    before: &AttemptRow,
    attempt: &AttemptRow,
) -> Result<(), Error> {
    let found = tx.find_debt_of_payment(payment.id).await?;
    let Some(mut row) = found.filter(|row| row.closed.is_none() && row.debt.is_trying) else { return Ok(()) };
    let latest = tx.find_attempt(payment.id).await?;
    if latest.is_some_and(|latest| latest.number != attempt.number) {
        return Ok(());
    }
    match class(before, attempt) {
        Some(class) => {
            row.debt.fails(class, row.is_asked, ctx.now);
            keep(tx, ctx, catalog, row, ctx.now).await
        }
        None => {
            row.debt.is_trying = false;
            keep(tx, ctx, catalog, row, ctx.now.plus(AFTER_CALLED_OFF)).await
        }
    }
}

/// What the bank meant; nothing when no bank was asked.
fn class(before: &AttemptRow, attempt: &AttemptRow) -> Option<FailureClass> {
    let code = attempt.code.clone().unwrap_or_default();
    match (AttemptState::from_name(&before.state), AttemptState::from_name(&attempt.state)) {
        (_, Some(AttemptState::Declined)) => Some(Failure { code, decline_code: attempt.decline_code.clone() }.class()),
        // It waited for its person in vain.
        (Some(AttemptState::ActionRequired), _) => Some(FailureClass::AuthenticationRequired),
        (Some(AttemptState::Planned | AttemptState::Created), _) => None,
        _ => Some(FailureClass::Soft),
    }
}
