//! The grants of a wallet: what is left, what is held, and when each expires.

use store::Reader;
use units::{GrantId, Instant, WalletId};

use super::{GrantAnswer, unknown};
use crate::Error;

/// Grants with something left, in the order in which they will be used.
pub async fn open_grants(reader: &Reader, wallet: WalletId, now: Instant) -> Result<Vec<GrantAnswer>, Error> {
    let live = reader.load_wallet(wallet).await?.ok_or_else(|| unknown(wallet))?;
    let grants = live.grants().iter().map(|grant| GrantAnswer::at(grant, now));
    // What has expired and is not held is gone, also before it is booked.
    Ok(grants.filter(|grant| grant.left.is_positive()).collect())
}

/// All grants that there ever were, in the order of their ids, from behind one.
pub async fn grants(
    reader: &Reader,
    wallet: WalletId,
    after: Option<GrantId>,
    limit: u32,
    now: Instant,
) -> Result<Vec<GrantAnswer>, Error> {
    reader.find_wallet(wallet).await?.ok_or_else(|| unknown(wallet))?;
    let grants = reader.list_grants(wallet, after, limit).await?;
    Ok(grants.iter().map(|grant| GrantAnswer::at(grant, now)).collect())
}
