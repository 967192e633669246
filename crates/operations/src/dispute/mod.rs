//! Payments that their payer contests at the bank, and warnings that they may.
//!
//! What the processor tells is noted in a row, once for each change of it ([`see`]); the books freeze, take or thaw the
//! credits by a job that follows the row ([`book`]).

use ledger::{Command, Contest, Contested, DisputeState, Outcome};
use store::Posting;

use crate::{Context, Error, Services};

mod open;
pub use open::{OpenDispute, open};

mod close;
pub use close::{CloseDispute, close};

mod book;
pub(crate) use book::book;

mod see;
pub(crate) use see::{look_at_dispute, look_at_warning};

mod warning;
pub(crate) use warning::{answer_warning, thaw};

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
