//! Keeps people from trying stolen cards here. The limits are `billing::card_guard`'s and the catalog's.
//!
//! Tries are counted in the transaction that notes the next one, so that a hundred at once are no way around. The
//! command line and what is bought without asking are not counted.

use std::net::IpAddr;

use billing::card_guard::{CardLimits, DAY, HOUR, Tries, must_wait_until};
use store::{CardTryRow, Tx};
use units::{Instant, Seconds, WalletId};

use crate::network::network;
use crate::{Caller, Context, Error};

/// Notes a try of a person, unless there were too many. They must have proven their mail address: whoever signs in
/// with a code or with a provider has.
pub(crate) async fn admit(
    tx: &mut Tx<'_>,
    ctx: &Context,
    limits: &CardLimits,
    caller: &Caller,
    (wallet, reference): (WalletId, String),
    from: Option<IpAddr>,
) -> Result<(), Error> {
    let Some(user) = caller.user() else { return Ok(()) };
    if tx.find_user(user).await?.is_none_or(|user| user.email.is_none()) {
        let who = "a person who has proven their mail address".to_owned();
        return Err(Error::Forbidden { what: "pay with a card", who });
    }
    let network = from.map(network);
    let tries = tries(tx, ctx, wallet, network.as_deref()).await?;
    if let Some(until) = must_wait_until(limits, &tries, ctx.now) {
        return Err(Error::TooManyCardTries { retry_after: seconds_until(until, ctx.now) });
    }
    let row = CardTryRow { wallet, reference, network, tried_at: ctx.now, is_declined: None };
    Ok(tx.insert_card_try(&row).await?)
}

async fn tries(tx: &mut Tx<'_>, ctx: &Context, wallet: WalletId, network: Option<&str>) -> Result<Tries, Error> {
    let before = |window: Seconds| ctx.now.plus(Seconds(-window.0));
    let own = tx.list_card_tries(wallet, before(DAY)).await?;
    let of_network = match network {
        Some(network) => tx.list_card_tries_from(network, before(DAY)).await?,
        None => Vec::new(),
    };
    let of_account = own.iter().map(|row| row.tried_at).filter(|at| *at > before(HOUR)).collect();
    let known = own.iter().rev().filter(|row| row.is_declined.is_some());
    let declined: Vec<&CardTryRow> = known.take_while(|row| row.is_declined == Some(true)).collect();
    let declines = u32::try_from(declined.len()).unwrap_or(u32::MAX);
    Ok(Tries { of_account, of_network, declines, declined_at: declined.first().map(|row| row.tried_at) })
}

/// Refuses a card that would be one too many for a day. One that was saved before may be saved again.
pub(super) async fn admit_card(
    tx: &mut Tx<'_>,
    ctx: &Context,
    limits: &CardLimits,
    caller: &Caller,
    wallet: WalletId,
    fingerprint: &str,
) -> Result<(), Error> {
    let known = tx.list_new_cards(wallet, ctx.now.plus(Seconds(-DAY.0))).await?;
    let is_new = known.iter().all(|(known, _)| known != fingerprint);
    if caller.user().is_none() || !is_new || known.len() < limits.cards_per_day as usize {
        return Ok(());
    }
    let until = known.first().map_or(ctx.now, |(_, first)| first.plus(DAY));
    Err(Error::TooManyCards { limit: limits.cards_per_day, retry_after: seconds_until(until, ctx.now) })
}

fn seconds_until(until: Instant, now: Instant) -> u64 {
    (until.micros() - now.micros()).max(0).unsigned_abs().div_ceil(1_000_000).max(1)
}
