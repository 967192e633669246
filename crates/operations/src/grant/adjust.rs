//! An operator's signed correction, with its reason.

use billing::Catalog;
use ledger::{Adjust, Adjusted, Command, Outcome, Refusal};
use store::{IdempotencyKey, Posting};
use units::{Amount, GrantId, WalletId};

use crate::{Context, Error, Services, secret::content_hash};

/// What to correct.
#[derive(Clone, Debug)]
pub struct AdjustWallet {
    /// Whose wallet.
    pub wallet: WalletId,
    /// How much, signed, not zero; either way at most `limits.adjustment` of the catalog.
    pub amount: Amount,
    /// Why; kept in the operator's log.
    pub reason: String,
    /// The caller's idempotency key.
    pub key: Option<String>,
}

/// Adds or takes away credits. Available never goes below zero by it.
pub async fn adjust(services: &Services, ctx: &Context, request: AdjustWallet) -> Result<Adjusted, Error> {
    request.check(&services.catalog.current())?;
    let content = content_hash(&format!("adjust {} {}", request.amount, request.reason));
    let key = request.key.map(|key| IdempotencyKey { key, content });
    let grant = GrantId::from_uuid(ctx.ids.uuid());
    let command = Command::Adjust(Adjust { grant, amount: request.amount });
    match services.store.post(Posting { wallet: request.wallet, now: ctx.now, command, key, usage: None }).await? {
        Outcome::Adjusted(adjusted) => {
            tracing::info!(wallet = %request.wallet, amount = %request.amount, adjustment = %grant, reason = %request.reason, "adjusted");
            Ok(adjusted)
        }
        other => unreachable!("an adjustment was answered with {other:?}"),
    }
}

impl AdjustWallet {
    /// What is refused whatever is in the wallet.
    pub(crate) fn check(&self, catalog: &Catalog) -> Result<(), Error> {
        if self.reason.trim().is_empty() {
            return Err(Error::Invalid { field: "reason", reason: "say why, in a few words".to_owned() });
        }
        let most = catalog.limits.adjustment;
        if self.amount > most || self.amount.negated().is_ok_and(|taken| taken > most) {
            return Err(Error::Refused(Refusal::AmountOutOfRange {
                what: "the adjustment",
                given: self.amount.to_string(),
                allowed: format!("at most {most} either way, as `limits.adjustment` of the catalog says"),
            }));
        }
        Ok(())
    }
}
