//! What is in a wallet, now or at any past instant.

use serde::Serialize;
use store::Reader;
use units::{Amount, Instant, WalletId};

use super::{not_ahead, unknown};
use crate::Error;

/// What a wallet has, or had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BalanceAnswer {
    /// Whose.
    pub wallet: WalletId,
    /// When.
    pub at: Instant,
    /// Available, held, and frozen by disputes together.
    pub balance: Amount,
    /// What running requests hold. Of the past this is not kept.
    pub held: Option<Amount>,
    /// What can be spent. Of the past this is not kept.
    pub available: Option<Amount>,
    /// The last transfer of the journal that counts.
    pub seq: u64,
}

/// The balance now, or at a moment that has passed.
pub async fn balance(
    reader: &Reader,
    wallet: WalletId,
    at: Option<Instant>,
    now: Instant,
) -> Result<BalanceAnswer, Error> {
    let Some(at) = at else {
        let live = reader.load_wallet(wallet).await?.ok_or_else(|| unknown(wallet))?;
        let (held, available) = (Some(live.held()), Some(live.available(now)));
        return Ok(BalanceAnswer { wallet, at: now, balance: live.balance(now), held, available, seq: live.head.seq });
    };
    let at = not_ahead(at, now)?;
    let past = reader.find_past(wallet, at).await?.ok_or_else(|| unknown(wallet))?;
    Ok(BalanceAnswer { wallet, at, balance: past.balance(at), held: None, available: None, seq: past.seq })
}
