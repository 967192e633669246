//! Turns automatic top-up off.

use billing::role::Action;
use billing::top_up::State;
use units::WalletId;

use super::logged::change;
use super::see::{TopUp, see};
use super::{at_rest, in_state, read};
use crate::audit::record;
use crate::{Caller, Context, Error, Services, access};

/// Nothing more is bought without asking. A payment that is on its way ends as it ends. Its settings are kept; turning
/// off what is off changes nothing.
///
/// # Errors
/// `not_found` and `forbidden`.
pub async fn turn_off(services: &Services, ctx: &Context, caller: &Caller, wallet: WalletId) -> Result<TopUp, Error> {
    let (context, by) = (ctx.clone(), *caller);
    services
        .store
        .write(async move |tx| {
            let standing = access::wallet(tx, &by, wallet, Action::ManageBilling).await?;
            let Some(before) = tx.find_top_up(wallet).await? else { return Ok(()) };
            if read(&before)?.0 == State::Off {
                return Ok(());
            }
            let row = in_state(&before, State::Off, context.now);
            tx.save_top_up(&row).await?;
            tx.save_watch(&at_rest(&row)).await?;
            record(tx, &context, &by, change(standing.scope(), "top_up.turn_off", Some(&before), &row)).await
        })
        .await?;
    see(services, ctx, caller, wallet).await
}
