//! Tells holders of credits that are about to expire: a week before, and a day before.
//!
//! How far it was told is written down with the letters, so each grant is told of once for each notice, whoever dies
//! in between. Credits that come in with less time than a notice gives have no such notice.

use std::collections::BTreeMap;

use connectors::mail::Letter;
use store::{ExpiringRow, Tx};
use units::{Amount, Day, WalletId};

use crate::{Context, Error, Services, holder};

/// How many days before.
pub const NOTICES: [u32; 2] = [7, 1];

/// How many grants are told of at once.
const PAGE: u32 = 200;

/// Writes the letters that are due. Answers of how many grants they tell.
pub async fn tell_expiring(services: &Services, ctx: &Context) -> Result<u64, Error> {
    let mut told = 0;
    for days in NOTICES {
        loop {
            let ctx = ctx.clone();
            let page = services.store.write(async move |tx| tell_page(tx, &ctx, days).await).await?;
            told += page;
            if page < u64::from(PAGE) {
                break;
            }
        }
    }
    Ok(told)
}

async fn tell_page(tx: &mut Tx<'_>, ctx: &Context, days: u32) -> Result<u64, Error> {
    let until = ctx.now.plus_days(days);
    let due = tx.list_expiring(days, ctx.now, until, PAGE).await?;
    // Nearly always there is nothing, and nothing to write.
    let Some(last) = due.last() else { return Ok(0) };
    tx.save_expiry_notice(days, last).await?;
    let mut letters: BTreeMap<(WalletId, Day), Amount> = BTreeMap::new();
    for ExpiringRow { wallet, left, expires_at, .. } in &due {
        let sum = letters.entry((*wallet, expires_at.day())).or_default();
        *sum = [*sum, *left].into_iter().sum();
    }
    for ((wallet, day), left) in letters {
        let Some(known) = tx.find_wallet(wallet).await? else { continue };
        let (amount, on) = (left.to_cents_floor().to_string(), day.to_string());
        let letter = |organization, link| Letter::CreditsExpire { organization, amount, on, link };
        holder::write_to(tx, ctx, &known.holder, letter).await?;
    }
    Ok(due.len() as u64)
}
