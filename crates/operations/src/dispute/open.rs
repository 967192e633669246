//! A payment is contested, or the bank only asks about it.

use ledger::{Contested, DisputeState};
use units::{DisputeId, GrantId, WalletId};

use crate::{Context, Error, Services};

/// Which payment.
#[derive(Clone, Debug)]
pub struct OpenDispute {
    /// Whose payment.
    pub wallet: WalletId,
    /// The dispute's id.
    pub dispute: DisputeId,
    /// The grant that the payment brought.
    pub grant: GrantId,
}

/// Freezes what is left of the grant. Told again, or after the dispute has ended, it changes nothing and
/// answers how things stand.
pub async fn open(services: &Services, ctx: &Context, request: OpenDispute) -> Result<Contested, Error> {
    super::contest(services, ctx, request, DisputeState::Open).await
}
