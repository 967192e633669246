//! A running request keeps its hold.

use ledger::{Command, Lease};
use store::Posting;
use units::{HoldId, Seconds, WalletId};

use crate::{Context, Error, Services};

/// Moves the end of the hold's lease to `lease` from now. It is never shortened.
pub async fn renew(
    services: &Services,
    ctx: &Context,
    wallet: WalletId,
    hold: HoldId,
    lease: Seconds,
) -> Result<(), Error> {
    let command = Command::Renew(Lease { hold, until: ctx.now.plus(lease) });
    services.store.post(Posting { wallet, now: ctx.now, command, key: None, usage: None }).await?;
    Ok(())
}
