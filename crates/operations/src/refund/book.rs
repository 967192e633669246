//! The books follow a refund that has ended.

use billing::refund::RefundState;
use ledger::Refusal;
use units::RefundId;

use super::finish;
use crate::{Context, Error, Services};

/// Burns or frees the credits as the refund stands now. Again, it changes nothing.
pub(crate) async fn book(services: &Services, ctx: &Context, refund: RefundId) -> Result<(), Error> {
    let Some(row) = services.store.reader().find_card_refund(refund).await? else { return Ok(()) };
    let is_paid = match RefundState::from_name(&row.state) {
        Some(RefundState::Paid) => true,
        Some(RefundState::Failed) => false,
        _ => return Ok(()),
    };
    match finish(services, ctx, row.wallet, refund, is_paid).await {
        // Nothing was ever set aside for it, or it has come back meanwhile.
        Ok(_) | Err(Error::Refused(Refusal::RefundUnknown { .. } | Refusal::RefundClosed { .. })) => Ok(()),
        Err(error) => Err(error),
    }
}
