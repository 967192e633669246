//! Closes a hold with the exact cost; what is left of it returns to the wallet.

use billing::UsageRecord;
use ledger::{Command, LateSettle, Outcome, Settle, Settled};
use store::Posting;
use units::{Cost, HoldId, WalletId};

use crate::{Context, Error, Services};

/// What a request cost.
#[derive(Clone, Debug)]
pub struct SettleHold {
    /// Whose credits.
    pub wallet: WalletId,
    /// The hold that ends.
    pub hold: HoldId,
    /// What the provider charges, exactly.
    pub cost: Cost,
    /// What was used, written with the charge.
    pub usage: Option<UsageRecord>,
    /// What to do when the hold is gone.
    pub late: LateSettle,
}

/// Charges once. The same hold with the same cost answers as before.
pub async fn settle(services: &Services, ctx: &Context, request: SettleHold) -> Result<Settled, Error> {
    let command = Command::Settle(Settle { hold: request.hold, cost: request.cost, late: request.late });
    let watched = tracing::enabled!(tracing::Level::DEBUG).then(|| request.usage.clone()).flatten();
    let posting = Posting { wallet: request.wallet, now: ctx.now, command, key: None, usage: request.usage };
    match services.store.post(posting).await? {
        Outcome::Settled(settled) => {
            if settled.lost.is_positive() {
                tracing::warn!(wallet = %request.wallet, charge = %request.hold, lost = %settled.lost, "a cost was above everything available; the platform bears the rest");
            }
            if let Some(UsageRecord { model, usage, .. }) = watched {
                let (input, output) = (usage.input, usage.output);
                tracing::debug!(%model, input, output, cost = %request.cost, balance = %settled.balance, "charged");
            }
            Ok(settled)
        }
        other => unreachable!("a settled hold was answered with {other:?}"),
    }
}
