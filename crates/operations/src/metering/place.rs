//! Reserves credits for what a metering client is about to do.

use ledger::{Command, Outcome, Place, Placed, Spender};
use units::{Amount, HoldId, Seconds, WalletId};

use super::{CallKey, Keyed, post};
use crate::{Context, Error, Services};

/// What to reserve.
#[derive(Clone, Debug)]
pub struct PlaceMetered {
    /// Whose credits.
    pub wallet: WalletId,
    /// The hold's id, chosen by the caller.
    pub hold: HoldId,
    /// What it may cost.
    pub wanted: Amount,
    /// The least that is of use.
    pub least: Amount,
    /// How long the hold lives.
    pub lease: Seconds,
    /// For whom, and how much they may spend.
    pub spender: Spender,
    /// The caller's key.
    pub key: CallKey,
}

/// Reserves `least` to `wanted`, or refuses with what is available.
pub async fn place(services: &Services, ctx: &Context, request: PlaceMetered) -> Result<Placed, Error> {
    let PlaceMetered { wallet, hold, wanted, least, lease, spender, key } = &request;
    let content = format!("place {hold} {wanted} {least} {}", lease.0);
    let command = Command::Place(Place {
        hold: *hold,
        wanted: *wanted,
        least: *least,
        lease_until: ctx.now.plus(*lease),
        is_fresh: false,
        spender: spender.clone(),
    });
    match post(services, ctx, Keyed { wallet: *wallet, key, content, command, usage: None }).await? {
        Outcome::Placed(placed) => Ok(placed),
        other => unreachable!("a placed hold was answered with {other:?}"),
    }
}
