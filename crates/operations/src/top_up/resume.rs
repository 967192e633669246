//! Resumes automatic top-up after it was paused.

use billing::role::Action;
use billing::top_up::State;
use units::WalletId;

use super::logged::change;
use super::see::{TopUp, see};
use super::{in_state, look, read, require_good, watch};
use crate::audit::record;
use crate::{Caller, Context, Error, Services, access};

/// Goes on as before the pause, with the same settings. Below the threshold it buys at once, and the answer says how
/// that ended. Resuming what is on changes nothing.
///
/// # Errors
/// `invalid_field` when it is off, `payment_method_missing` without a saved card, `card_blocked` when a payment of it is
/// contested, `account_suspended`, `not_found` and `forbidden`.
pub async fn resume(services: &Services, ctx: &Context, caller: &Caller, wallet: WalletId) -> Result<TopUp, Error> {
    let reader = services.store.reader();
    access::read_wallet(reader, caller, wallet, Action::ManageBilling).await?;
    let processor = services.outside.processor()?;
    let card = reader.list_cards(wallet, processor.name()).await?.pop().ok_or(Error::CardMissing)?;
    let (context, by, catalog) = (ctx.clone(), *caller, services.catalog.current());
    services
        .store
        .write(async move |tx| {
            let standing = access::wallet(tx, &by, wallet, Action::ManageBilling).await?;
            access::require_good_standing(tx, &context, &catalog, &standing.wallet).await?;
            let before = tx.find_top_up(wallet).await?.ok_or_else(is_off)?;
            match read(&before)?.0 {
                State::Off => return Err(is_off()),
                State::On => return Ok(()),
                State::Paused(_) => {}
            }
            require_good(tx, &card).await?;
            let row = in_state(&before, State::On, context.now);
            tx.save_top_up(&row).await?;
            tx.save_watch(&watch(&row, context.now)).await?;
            record(tx, &context, &by, change(standing.scope(), "top_up.resume", Some(&before), &row)).await
        })
        .await?;
    look(services, ctx, wallet).await?;
    see(services, ctx, caller, wallet).await
}

fn is_off() -> Error {
    Error::Invalid { field: "auto_top_up", reason: "it is off. Turn it on instead".to_owned() }
}
