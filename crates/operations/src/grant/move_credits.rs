//! Credits move between two wallets of one budget.

use ledger::{Command, MoveOut, Moved, Outcome};
use store::{IdempotencyKey, Posting};
use units::{Amount, MoveId, WalletId};

use crate::{Context, Error, Services, secret::content_hash};

/// What to move.
#[derive(Clone, Debug)]
pub struct MoveCredits {
    /// From which wallet.
    pub from: WalletId,
    /// To which other wallet. The caller has made sure that both belong together.
    pub to: WalletId,
    /// How much; at most what is available.
    pub amount: Amount,
    /// The caller's idempotency key, of the wallet that gives.
    pub key: Option<String>,
}

/// Moves credits in the order of use, both sides or none. They stay paid or free, and end when they would have.
///
/// # Errors
/// `insufficient_credits`; `not_found` for a wallet that is not there; `amount_out_of_range` when the other
/// wallet cannot hold as much.
pub async fn move_credits(services: &Services, ctx: &Context, request: MoveCredits) -> Result<Moved, Error> {
    let MoveCredits { from, to, amount, key } = request;
    let key = key.map(|key| IdempotencyKey { key, content: content_hash(&format!("move {to} {amount}")) });
    let command = Command::MoveOut(MoveOut { id: MoveId::from_uuid(ctx.ids.uuid()), to, amount });
    match services.store.post(Posting { wallet: from, now: ctx.now, command, key, usage: None }).await? {
        Outcome::Moved(moved) => {
            tracing::info!(%from, %to, %amount, "moved");
            Ok(moved)
        }
        other => unreachable!("a move was answered with {other:?}"),
    }
}
