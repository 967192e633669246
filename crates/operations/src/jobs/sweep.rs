//! Closes holds whose lease ran out and books credits that have expired.

use ledger::{Command, Outcome};
use store::Posting;
use units::{Amount, WalletId};

use crate::{Context, Error, Services};

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Holds that were closed.
    pub lapsed: u64,
    /// Credits that were booked as expired.
    pub expired: Amount,
}

/// How many rows a sweep reads at once.
const PAGE: u32 = 500;

/// Sweeps until nothing is due.
pub async fn sweep(services: &Services, ctx: &Context) -> Result<Swept, Error> {
    let mut swept = Swept::default();
    let reader = services.store.reader();
    loop {
        let due = reader.lapsed_holds(ctx.now, PAGE).await?;
        for (wallet, hold) in &due {
            post(services, ctx, *wallet, Command::Lapse(*hold)).await?;
            swept.lapsed += 1;
        }
        if due.len() < PAGE as usize {
            break;
        }
    }
    loop {
        let due = reader.wallets_with_expired_credits(ctx.now, PAGE).await?;
        let mut booked = Amount::ZERO;
        for wallet in &due {
            if let Outcome::Expired(freed) = post(services, ctx, *wallet, Command::Expire).await? {
                booked = [booked, freed.amount].into_iter().sum();
            }
        }
        swept.expired = [swept.expired, booked].into_iter().sum();
        // What is held on an expired grant stays listed until its hold ends: a page without progress is the last.
        if due.len() < PAGE as usize || booked.is_zero() {
            break;
        }
    }
    Ok(swept)
}

async fn post(services: &Services, ctx: &Context, wallet: WalletId, command: Command) -> Result<Outcome, Error> {
    Ok(services.store.post(Posting { wallet, now: ctx.now, command, key: None, usage: None }).await?)
}
