//! The journal of a wallet as a statement: the latest entry first, with what was left after each.

use serde::Serialize;
use store::Reader;
use units::{Amount, Instant, WalletId};

use super::{EntryAnswer, not_ahead, unknown};
use crate::Error;

/// A page of a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EntriesAnswer {
    /// The latest first.
    pub entries: Vec<EntryAnswer>,
    /// Where the next page begins: ask for what is before this seq. Absent on the last page.
    pub next_before: Option<u64>,
}

/// Entries from before a seq, or those up to a moment.
pub async fn entries(
    reader: &Reader,
    wallet: WalletId,
    at: Instant,
    before: Option<u64>,
    limit: u32,
    now: Instant,
) -> Result<EntriesAnswer, Error> {
    let at = not_ahead(at, now)?;
    let (last, left) = reader.find_position(wallet, at).await?.ok_or_else(|| unknown(wallet))?;
    let (last, mut left) = match before.filter(|before| *before <= last) {
        Some(before) => {
            let last = before.saturating_sub(1);
            (last, reader.left_after(wallet, last).await?)
        }
        None => (last, left),
    };
    let mut page = Vec::new();
    for transfer in reader.list_transfers_before(wallet, last + 1, limit).await? {
        let mut entry = EntryAnswer::of(&transfer);
        entry.left_after = Some(left);
        left = Amount::from_nanos(left.nanos() - entry.amount.nanos());
        page.push(entry);
    }
    let next_before = page.last().map(|entry| entry.seq).filter(|seq| *seq > 1);
    Ok(EntriesAnswer { entries: page, next_before })
}
