//! Sets credits aside before the processor is asked to pay their money back.

use billing::top_up::Pause;
use ledger::{Command, Outcome, RefundReserved};
use store::Posting;
use units::{Amount, GrantId, RefundId, WalletId};

use crate::{Context, Error, Services, top_up};

/// What to refund.
#[derive(Clone, Debug)]
pub struct ReserveRefund {
    /// Whose purchase.
    pub wallet: WalletId,
    /// The refund's id, the same at the processor.
    pub refund: RefundId,
    /// The grant that the payment brought.
    pub grant: GrantId,
    /// How much; at most what is left of the grant and not held.
    pub amount: Amount,
}

/// Reserves the credits, so that nothing else can use them until [`super::finish`]. Asked again while it is
/// open, it answers as before. Automatic top-up pauses when it takes the wallet below its threshold.
///
/// # Errors
/// `refund_too_large` with what can be refunded, `grant_disputed`, `grant_unknown`, and `refund_closed` when
/// the refund has ended.
pub async fn reserve(services: &Services, ctx: &Context, request: ReserveRefund) -> Result<RefundReserved, Error> {
    let ReserveRefund { wallet, refund, grant, amount } = request;
    let command = Command::ReserveRefund(ledger::ReserveRefund { refund, grant, amount });
    match services.store.post(Posting { wallet, now: ctx.now, command, key: None, usage: None }).await? {
        Outcome::RefundReserved(reserved) => {
            // Before the money leaves: what is set aside cannot be spent any more, and would be bought back.
            top_up::pause_when_low(services, ctx, wallet, Pause::Refund).await?;
            Ok(reserved)
        }
        other => unreachable!("a reserved refund was answered with {other:?}"),
    }
}
