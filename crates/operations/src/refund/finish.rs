//! The processor has paid a refund, or will not.

use ledger::{Command, FinishRefund, Outcome, RefundFinished};
use store::Posting;
use units::{RefundId, WalletId};

use crate::{Context, Error, Services};

/// Burns the credits that were set aside when the refund `is_paid`, or frees them. The same outcome again
/// answers as before.
///
/// # Errors
/// `refund_unknown`, and `refund_closed` when it ended the other way.
pub async fn finish(
    services: &Services,
    ctx: &Context,
    wallet: WalletId,
    refund: RefundId,
    is_paid: bool,
) -> Result<RefundFinished, Error> {
    let command = Command::FinishRefund(FinishRefund { refund, is_paid });
    match services.store.post(Posting { wallet, now: ctx.now, command, key: None, usage: None }).await? {
        Outcome::RefundFinished(finished) => Ok(finished),
        other => unreachable!("a finished refund was answered with {other:?}"),
    }
}
