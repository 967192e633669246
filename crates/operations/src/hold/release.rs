//! Ends a hold without a charge.

use ledger::{Command, Freed, Outcome};
use store::Posting;
use units::{HoldId, WalletId};

use crate::{Context, Error, Services};

/// Returns what was reserved to the wallet. Releasing again is harmless.
pub async fn release(services: &Services, ctx: &Context, wallet: WalletId, hold: HoldId) -> Result<Freed, Error> {
    let posting = Posting { wallet, now: ctx.now, command: Command::Release(hold), key: None, usage: None };
    match services.store.post(posting).await? {
        Outcome::Released(freed) => Ok(freed),
        other => unreachable!("a released hold was answered with {other:?}"),
    }
}
