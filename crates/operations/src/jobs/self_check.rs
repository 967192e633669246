//! The live self-check: a few wallets at a time, around and around, and now and then the sums of everything.
//!
//! What differs is an alarm: an error in the log with a stable code, and a row that `tare doctor` shows. Nothing
//! is repaired, since nobody knows yet which of two numbers is the right one.

use store::{FindingRow, check_quickly, platform_difference};
use units::WalletId;

use crate::{Context, Error, Services};

/// How many wallets are looked at in one turn.
const SAMPLE: u32 = 50;

/// A wallet's journal, grants and rollups do not agree.
const WALLET: &str = "books_differ";
/// All grants and the platform's accounts do not sum to zero.
const PLATFORM: &str = "platform_differs";

/// Looks at the next wallets behind `after`. Answers where to go on: at the beginning, after the last one.
pub async fn self_check(
    services: &Services,
    ctx: &Context,
    after: Option<WalletId>,
) -> Result<Option<WalletId>, Error> {
    let reader = services.store.reader();
    let known = reader.list_findings(u32::MAX).await?;
    let sample = reader.list_wallet_ids(after, SAMPLE).await?;
    for wallet in &sample {
        let found = check_quickly(reader, *wallet).await?.map(|difference| difference.to_string());
        tell(services, ctx, &known, Some(*wallet), WALLET, found).await?;
    }
    Ok(sample.last().copied().filter(|_| sample.len() == SAMPLE as usize))
}

/// Sums up all grants and all accounts of the platform: together they are nothing.
pub async fn check_platform(services: &Services, ctx: &Context) -> Result<(), Error> {
    let known = services.store.reader().list_findings(u32::MAX).await?;
    let found = match platform_difference(services.store.reader()).await? {
        0 => None,
        nanos => Some(format!("all grants and the platform's accounts sum to {nanos} nanodollars, not to zero")),
    };
    tell(services, ctx, &known, None, PLATFORM, found).await
}

async fn tell(
    services: &Services,
    ctx: &Context,
    known: &[FindingRow],
    wallet: Option<WalletId>,
    code: &str,
    found: Option<String>,
) -> Result<(), Error> {
    let now = ctx.now;
    match found {
        Some(what) => {
            tracing::error!(code, %what, "the self-check found a difference; run tare verify");
            let row = FindingRow { wallet, code: code.to_owned(), what, found_at: now, seen_at: now };
            services.store.write(async move |tx| tx.keep_finding(&row).await.map_err(Error::from)).await
        }
        None if known.iter().any(|finding| finding.wallet == wallet) => {
            tracing::warn!(?wallet, "what the self-check found before is sound again");
            services.store.write(async move |tx| tx.clear_findings(wallet, now).await.map_err(Error::from)).await
        }
        None => Ok(()),
    }
}
