//! Ends a metering client's hold without a charge.

use ledger::{Command, Freed, Outcome};
use units::{HoldId, WalletId};

use super::{CallKey, Keyed, post};
use crate::{Context, Error, Services};

/// What to release.
#[derive(Clone, Debug)]
pub struct ReleaseMetered {
    /// Whose credits.
    pub wallet: WalletId,
    /// The hold that ends.
    pub hold: HoldId,
    /// The caller's key.
    pub key: CallKey,
}

/// Returns what was reserved to the wallet.
pub async fn release(services: &Services, ctx: &Context, request: ReleaseMetered) -> Result<Freed, Error> {
    let ReleaseMetered { wallet, hold, key } = &request;
    let content = format!("release {hold}");
    let command = Command::Release(*hold);
    match post(services, ctx, Keyed { wallet: *wallet, key, content, command, usage: None }).await? {
        Outcome::Released(freed) => Ok(freed),
        other => unreachable!("a released hold was answered with {other:?}"),
    }
}
