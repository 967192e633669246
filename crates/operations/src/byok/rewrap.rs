//! Moves every data key under the master key that seals now.
//!
//! Row by row, each in a transaction of its own, so it runs beside a serving system, may be stopped at any
//! instant, and goes on from there the next time. A row that was changed meanwhile is found again.

use store::ByokKeyRow;

use super::master_keys::MasterKeys;
use super::seal;
use crate::{Context, Error, Services};

const PAGE: u32 = 100;

/// Wraps everything that is under another master key anew, and tells after each how many were done. Answers with
/// their number.
pub async fn rewrap(services: &Services, ctx: &Context, mut done: impl FnMut(u64)) -> Result<u64, Error> {
    let masters = services.keyring.keys()?;
    let mut count = 0;
    for (name, _) in services.store.reader().count_byok_keys().await? {
        if name == masters.current().name() {
            continue;
        }
        let mut after = None;
        loop {
            let page = services.store.reader().list_byok_keys_under(&name, after, PAGE).await?;
            for row in &page {
                after = Some(row.id);
                if rewrap_one(services, ctx, &masters, row).await? {
                    count += 1;
                    done(count);
                }
            }
            if page.len() < PAGE as usize {
                break;
            }
        }
    }
    Ok(count)
}

async fn rewrap_one(services: &Services, ctx: &Context, masters: &MasterKeys, row: &ByokKeyRow) -> Result<bool, Error> {
    let wrapped = seal::rewrap(masters, row, &*ctx.ids)?;
    let (row, name) = (row.clone(), masters.current().name().to_owned());
    services.store.write(async move |tx| Ok(tx.rewrap_byok_key(&row, &name, &wrapped).await?)).await
}

/// Whether this server can open what is kept: every master key that is in use is there, and is the right one.
///
/// # Errors
/// Which one is missing, or is another key than the one of that name that sealed.
pub async fn verify(services: &Services) -> Result<(), Error> {
    let reader = services.store.reader();
    let used = reader.count_byok_keys().await?;
    let Some((first, _)) = used.first() else { return Ok(()) };
    let masters = services.keyring.keys().map_err(|_| Error::MasterKeyMissing { name: first.clone() })?;
    for (name, _) in &used {
        if let Some(row) = reader.list_byok_keys_under(name, None, 1).await?.first() {
            seal::open(&masters, row)?;
        }
    }
    Ok(())
}
