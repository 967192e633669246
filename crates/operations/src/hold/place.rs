//! Reserves credits before anything is spent.

use ledger::{Command, Outcome, Place, Placed, Spender};
use store::Posting;
use units::{Amount, HoldId, Seconds, WalletId};

use crate::{Context, Error, Services};

/// What to reserve.
#[derive(Clone, Debug)]
pub struct PlaceHold {
    /// Whose credits.
    pub wallet: WalletId,
    /// The hold's id, chosen by the caller; the same id with the same amounts answers as before.
    pub hold: HoldId,
    /// What the request may cost.
    pub wanted: Amount,
    /// The least that is of use.
    pub least: Amount,
    /// How long the hold lives unless it is renewed.
    pub lease: Seconds,
    /// Whether the id was made for this very call.
    pub is_fresh: bool,
    /// For whom, and how much they may spend.
    pub spender: Spender,
}

/// Reserves `least` to `wanted`, or refuses with what is available.
pub async fn place(services: &Services, ctx: &Context, request: PlaceHold) -> Result<Placed, Error> {
    let command = Command::Place(Place {
        hold: request.hold,
        wanted: request.wanted,
        least: request.least,
        lease_until: ctx.now.plus(request.lease),
        is_fresh: request.is_fresh,
        spender: request.spender,
    });
    let posting = Posting { wallet: request.wallet, now: ctx.now, command, key: None, usage: None };
    match services.store.post(posting).await? {
        Outcome::Placed(placed) => Ok(placed),
        other => unreachable!("a placed hold was answered with {other:?}"),
    }
}
