//! How a payment stands now: for a person who comes back from their bank.

use billing::role::Action;
use units::{PaymentId, WalletId};

use super::buy::{Bought, answer};
use super::look::{find, learn};
use crate::secret::content_hash;
use crate::{Caller, Context, Error, Services, access};

/// Asks the processor if the fate is open, and answers as [`super::buy`] does.
pub async fn see(services: &Services, ctx: &Context, caller: &Caller, payment: PaymentId) -> Result<Bought, Error> {
    let unknown = || Error::NotFound { what: "payment", name: payment.to_string() };
    let (row, attempt) = find(services, payment).await?.ok_or_else(unknown)?;
    access::read_wallet(services.store.reader(), caller, row.wallet, Action::ManageBilling).await.map_err(|error| {
        // A payment of somebody else is not there.
        if matches!(error, Error::NotFound { .. }) { unknown() } else { error }
    })?;
    if row.paid_at.is_some() || !attempt.is_live || attempt.foreign_id.is_none() {
        super::credit(services, ctx, payment).await?;
        return answer(&row, &attempt);
    }
    let (applied, _) = learn(services, ctx, &row, &attempt).await?;
    answer(&applied.payment, &applied.attempt)
}

/// How the payment stands that was wished under this key, if one was: so that a page that somebody comes back to can say
/// what became of it.
///
/// # Errors
/// As [`see`].
pub async fn see_by_key(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    wallet: WalletId,
    key: &str,
) -> Result<Option<Bought>, Error> {
    let reader = services.store.reader();
    access::read_wallet(reader, caller, wallet, Action::ManageBilling).await?;
    match reader.find_payment_by_key(wallet, content_hash(key)).await? {
        Some(row) => see(services, ctx, caller, row.id).await.map(Some),
        None => Ok(None),
    }
}
