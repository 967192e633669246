//! The bank has decided about a payment.

use ledger::{Contested, DisputeState};
use units::{DisputeId, GrantId, WalletId};

use super::OpenDispute;
use crate::{Context, Error, Services};

/// How a dispute ended.
#[derive(Clone, Debug)]
pub struct CloseDispute {
    /// Whose payment.
    pub wallet: WalletId,
    /// The dispute's id.
    pub dispute: DisputeId,
    /// The grant that the payment brought.
    pub grant: GrantId,
    /// Whether the payment stands, or an inquiry ended without a dispute.
    pub is_won: bool,
}

/// Won, what was frozen thaws; lost, what is left goes and what was spent is owed. Once, however often it is
/// told, and whether or not anybody saw the dispute opening.
///
/// # Errors
/// `dispute_closed` when it ended the other way before.
pub async fn close(services: &Services, ctx: &Context, request: CloseDispute) -> Result<Contested, Error> {
    let CloseDispute { wallet, dispute, grant, is_won } = request;
    let state = if is_won { DisputeState::Won } else { DisputeState::Lost };
    super::contest(services, ctx, OpenDispute { wallet, dispute, grant }, state).await
}
