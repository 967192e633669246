//! Sums up the full segments of long journals, so that questions about the past stay fast.

use units::WalletId;

use crate::{Error, Services};

/// How many wallets are listed at once.
const PAGE: u32 = 200;

/// Sums up what is full and not summed yet, and answers how many segments that were. Two nodes that do the
/// same at once do no harm: a segment has one content.
pub async fn sum_segments(services: &Services) -> Result<u64, Error> {
    let reader = services.store.reader();
    let (mut after, mut summed) = (None, 0);
    loop {
        let due = reader.list_unsummed_segments(after, PAGE).await?;
        for (wallet, first) in &due {
            summed += sum_wallet(services, *wallet, *first).await?;
        }
        match due.last() {
            Some((last, _)) if due.len() == PAGE as usize => after = Some(*last),
            _ => return Ok(summed),
        }
    }
}

async fn sum_wallet(services: &Services, wallet: WalletId, first: u64) -> Result<u64, Error> {
    let mut number = first;
    while let Some(segment) = services.store.reader().sum_segment(wallet, number).await? {
        services.store.write(async move |tx| tx.insert_segment(&segment).await.map_err(Error::from)).await?;
        number += 1;
    }
    Ok(number - first)
}
