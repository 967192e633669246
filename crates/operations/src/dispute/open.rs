//! A payment is contested, or the bank only asks about it.

use billing::top_up::Pause;
use ledger::{Contested, DisputeState};
use units::{DisputeId, GrantId, WalletId};

use crate::{Context, Error, Services, top_up};

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
/// answers how things stand. Automatic top-up pauses: whose payment is disputed is not charged without asking.
pub async fn open(services: &Services, ctx: &Context, request: OpenDispute) -> Result<Contested, Error> {
    let wallet = request.wallet;
    let contested = super::contest(services, ctx, request, DisputeState::Open).await?;
    let context = ctx.clone();
    if contested.state == DisputeState::Open {
        services.store.write(async move |tx| top_up::pause(tx, &context, wallet, Pause::Dispute).await).await?;
    }
    Ok(contested)
}
