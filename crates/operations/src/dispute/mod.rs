//! Payments that their payer contests at the bank.

use ledger::{Command, Contest, Contested, DisputeState, Outcome};
use store::Posting;

use crate::{Context, Error, Services};

mod open;
pub use open::{OpenDispute, open};

mod close;
pub use close::{CloseDispute, close};

/// What the bank says about a payment, told to the books.
async fn contest(
    services: &Services,
    ctx: &Context,
    OpenDispute { wallet, dispute, grant }: OpenDispute,
    state: DisputeState,
) -> Result<Contested, Error> {
    let command = Command::Contest(Contest { dispute, grant, state });
    match services.store.post(Posting { wallet, now: ctx.now, command, key: None, usage: None }).await? {
        Outcome::Contested(contested) => {
            tracing::info!(%wallet, %dispute, %grant, state = contested.state.name(), owed = %contested.receivable, "disputed");
            Ok(contested)
        }
        other => unreachable!("a dispute was answered with {other:?}"),
    }
}
