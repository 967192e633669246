//! What becomes of an automatic payment, in the transaction in which it is learned.

use billing::payment::{AttemptState, Failure, FailureClass};
use billing::top_up::{Pause, State};
use store::{AttemptRow, PaymentRow, TopUpAttemptRow, TopUpAttemptState, Tx};

use super::{PURPOSE, pause, read, watch};
use crate::{Context, Error};

/// Follows the news of a payment. A payment of another kind is none of ours; the same news again changes nothing.
pub(crate) async fn follow(
    tx: &mut Tx<'_>,
    ctx: &Context,
    payment: &PaymentRow,
    attempt: &AttemptRow,
) -> Result<(), Error> {
    if payment.purpose != PURPOSE.name() {
        return Ok(());
    }
    let Some(row) = tx.find_top_up_attempt(payment.wallet, payment.id).await? else { return Ok(()) };
    let state = AttemptState::from_name(&attempt.state);
    let became = match state {
        _ if payment.paid_at.is_some() => TopUpAttemptState::Paid,
        _ if attempt.is_live => TopUpAttemptState::Open,
        _ if state == Some(AttemptState::Declined) => TopUpAttemptState::Declined,
        _ => TopUpAttemptState::CalledOff,
    };
    if became == row.state {
        // Nobody is there to answer the bank: the payment is called off next.
        return match state {
            Some(AttemptState::ActionRequired) => pause(tx, ctx, payment.wallet, Pause::AuthenticationRequired).await,
            _ => Ok(()),
        };
    }
    tx.end_top_up_attempt(&TopUpAttemptRow { state: became, ended_at: Some(ctx.now), ..row }).await?;
    match became {
        TopUpAttemptState::Declined => pause(tx, ctx, payment.wallet, reason(attempt)).await,
        // The wallet is as low as before.
        TopUpAttemptState::CalledOff => look_again(tx, ctx, payment).await,
        // Its credits come next, see `credited`.
        TopUpAttemptState::Paid | TopUpAttemptState::Open => Ok(()),
    }
}

/// The credits of a payment are there: the next crossing may come. The wallet may be below the threshold still.
pub(crate) async fn credited(tx: &mut Tx<'_>, ctx: &Context, payment: &PaymentRow) -> Result<(), Error> {
    match payment.purpose == PURPOSE.name() {
        true => look_again(tx, ctx, payment).await,
        false => Ok(()),
    }
}

async fn look_again(tx: &mut Tx<'_>, ctx: &Context, payment: &PaymentRow) -> Result<(), Error> {
    if let Some(row) = tx.find_top_up(payment.wallet).await?
        && read(&row)?.0 == State::On
    {
        tx.save_watch(&watch(&row, ctx.now)).await?;
    }
    Ok(())
}

fn reason(attempt: &AttemptRow) -> Pause {
    let code = attempt.code.clone().unwrap_or_default();
    match (Failure { code, decline_code: attempt.decline_code.clone() }).class() {
        FailureClass::AuthenticationRequired => Pause::AuthenticationRequired,
        FailureClass::Soft | FailureClass::Hard | FailureClass::Fraud => Pause::Declined,
    }
}
