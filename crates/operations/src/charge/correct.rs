//! A charge was wrong, and some of it is given back.

use ledger::{Command, Correct, Corrected, Outcome};
use store::{IdempotencyKey, Posting};
use units::{Amount, CorrectionId, HoldId, WalletId};

use crate::{Context, Error, Services, secret::content_hash};

/// What to give back.
#[derive(Clone, Debug)]
pub struct CorrectCharge {
    /// Whose charge.
    pub wallet: WalletId,
    /// The charge; it has the id of the hold that it ended.
    pub charge: HoldId,
    /// How much; at most what the charge took and was not given back before.
    pub amount: Amount,
    /// Why; kept in the operator's log.
    pub reason: String,
    /// The caller's idempotency key.
    pub key: Option<String>,
}

/// Unwinds the charge from its end: what the platform lost first, then the grants that paid, the last first.
///
/// # Errors
/// `charge_unknown`, and `correction_too_large` with what can be given back.
pub async fn correct(services: &Services, ctx: &Context, request: CorrectCharge) -> Result<Corrected, Error> {
    let CorrectCharge { wallet, charge, amount, reason, key } = request;
    if reason.trim().is_empty() {
        return Err(Error::Invalid { field: "reason", reason: "say why, in a few words".to_owned() });
    }
    let content = content_hash(&format!("correct {charge} {amount} {reason}"));
    let key = key.map(|key| IdempotencyKey { key, content });
    let correction = CorrectionId::from_uuid(ctx.ids.uuid());
    let command = Command::Correct(Correct { correction, charge, amount });
    match services.store.post(Posting { wallet, now: ctx.now, command, key, usage: None }).await? {
        Outcome::Corrected(corrected) => {
            tracing::info!(%wallet, %charge, %amount, %correction, %reason, "corrected");
            Ok(corrected)
        }
        other => unreachable!("a correction was answered with {other:?}"),
    }
}
