//! Tells a holder when available credits fall below a line of their choice.

use billing::role::Action;
use connectors::mail::Letter;
use ledger::Refusal;
use serde_json::{Value, json};
use store::{Tx, WatchKind, WatchRow};
use units::{Amount, WalletId};

use crate::audit::{Change, record};
use crate::{Caller, Context, Error, Services, access, holder};

/// The alert as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LowBalance {
    /// Where the line is; absent when nobody is told.
    pub below: Option<Amount>,
}

/// Shows it. Who may see billing may see it.
///
/// # Errors
/// `not_found` and `forbidden`.
pub async fn see(services: &Services, caller: &Caller, wallet: WalletId) -> Result<LowBalance, Error> {
    let reader = services.store.reader();
    access::read_wallet(reader, caller, wallet, Action::SeeBilling).await?;
    let watch = reader.find_watch(wallet, WatchKind::LowBalance).await?;
    Ok(LowBalance { below: watch.map(|watch| watch.below) })
}

/// Has the holder told by mail when a charge or an expiry takes what is available below the line; `None` ends it. A
/// wallet that is below it already is told the next time, after credits have come in.
///
/// # Errors
/// `amount_out_of_range` for a line that is not above zero, `not_found` and `forbidden`.
pub async fn set(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    wallet: WalletId,
    below: Option<Amount>,
) -> Result<LowBalance, Error> {
    if let Some(given) = below.filter(|below| !below.is_positive()) {
        let (what, allowed) = ("the line of the alert", "more than 0".to_owned());
        return Err(Error::Refused(Refusal::AmountOutOfRange { what, given: given.to_string(), allowed }));
    }
    let reader = services.store.reader();
    access::read_wallet(reader, caller, wallet, Action::ManageBilling).await?;
    let books = reader.load_wallet(wallet).await?;
    let available = books.map_or(Amount::ZERO, |books| books.available(ctx.now));
    let (context, caller) = (ctx.clone(), *caller);
    services.store.write(async move |tx| save(tx, &context, &caller, wallet, below, available).await).await?;
    Ok(LowBalance { below })
}

async fn save(
    tx: &mut Tx<'_>,
    ctx: &Context,
    caller: &Caller,
    wallet: WalletId,
    below: Option<Amount>,
    available: Amount,
) -> Result<(), Error> {
    let standing = access::wallet(tx, caller, wallet, Action::ManageBilling).await?;
    let before = tx.find_watch(wallet, WatchKind::LowBalance).await?.map(|watch| watch.below);
    if before == below {
        return Ok(());
    }
    match below {
        Some(below) => {
            let (kind, is_armed) = (WatchKind::LowBalance, available >= below);
            let row = WatchRow { wallet, kind, below, is_armed, rearms: true, look_at: None, version: 0 };
            tx.save_watch(&row).await?;
        }
        None => tx.delete_watch(wallet, WatchKind::LowBalance).await?,
    }
    let shown = |below: Option<Amount>| below.map_or(Value::Null, |below| json!({"below": below}));
    let change = Change {
        scope: standing.scope(),
        action: "alert.set_low_balance",
        subject: wallet.to_string(),
        person: None,
        before: shown(before),
        after: shown(below),
    };
    record(tx, ctx, caller, change).await
}

/// Writes to the holder of a wallet whose watch was crossed. It is armed again by credits that come in.
pub(crate) async fn look(services: &Services, ctx: &Context, wallet: WalletId) -> Result<bool, Error> {
    let books = services.store.reader().load_wallet(wallet).await?;
    let available = books.map_or(Amount::ZERO, |books| books.available(ctx.now));
    let context = ctx.clone();
    services
        .store
        .write(async move |tx| {
            let found = tx.find_watch(wallet, WatchKind::LowBalance).await?;
            let due = found.filter(|watch| watch.look_at.is_some_and(|at| at <= context.now));
            let (Some(watch), Some(known)) = (due, tx.find_wallet(wallet).await?) else { return Ok(false) };
            let is_armed = watch.is_armed || available >= watch.below;
            tx.save_watch(&WatchRow { is_armed, look_at: None, ..watch.clone() }).await?;
            if available < watch.below {
                let (available, below) = (available.to_cents_floor().to_string(), watch.below.to_string());
                let letter = |organization, link| Letter::LowBalance { organization, available, below, link };
                holder::write_to(tx, &context, &known.holder, letter).await?;
            }
            Ok::<_, Error>(true)
        })
        .await
}
