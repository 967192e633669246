//! Resumes automatic top-up after it was paused.

use billing::role::Action;
use billing::top_up::State;
use units::WalletId;

use super::see::{TopUp, see};
use super::turn_on::shown;
use super::{in_state, look, read, watch};
use crate::audit::{Change, record};
use crate::{Caller, Context, Error, Services, access, dunning};

/// Goes on as before the pause, with the same settings. Below the threshold it buys at once, and the answer says how
/// that ended. Resuming what is on changes nothing.
///
/// # Errors
/// `invalid_field` when it is off, `payment_method_missing` without a saved card, `account_suspended`, `not_found` and `forbidden`.
pub async fn resume(services: &Services, ctx: &Context, caller: &Caller, wallet: WalletId) -> Result<TopUp, Error> {
    let reader = services.store.reader();
    access::read_wallet(reader, caller, wallet, Action::ManageBilling).await?;
    let processor = services.outside.processor()?;
    if reader.list_cards(wallet, processor.name()).await?.is_empty() {
        return Err(Error::CardMissing);
    }
    let (context, by, catalog) = (ctx.clone(), *caller, services.catalog.clone());
    services
        .store
        .write(async move |tx| {
            let standing = access::wallet(tx, &by, wallet, Action::ManageBilling).await?;
            dunning::require_served(&tx.list_debts(wallet).await?, &catalog.dunning, context.now)?;
            let before = tx.find_top_up(wallet).await?.ok_or_else(is_off)?;
            match read(&before)?.0 {
                State::Off => return Err(is_off()),
                State::On => return Ok(()),
                State::Paused(_) => {}
            }
            let row = in_state(&before, State::On, context.now);
            tx.save_top_up(&row).await?;
            tx.save_watch(&watch(&row, context.now)).await?;
            let change = Change {
                scope: standing.scope(),
                action: "top_up.resume",
                subject: wallet.to_string(),
                person: None,
                before: shown(&before),
                after: shown(&row),
            };
            record(tx, &context, &by, change).await
        })
        .await?;
    look(services, ctx, wallet).await?;
    see(services, ctx, caller, wallet).await
}

fn is_off() -> Error {
    Error::Invalid { field: "auto_top_up", reason: "it is off. Turn it on instead".to_owned() }
}
