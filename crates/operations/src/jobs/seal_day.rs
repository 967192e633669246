//! Makes the root of the day that has ended: one hash over the ends of all journals, to be published.
//!
//! Which journals ended where is written first, page by page, and the tree is built from what was written.
//! So two nodes that do it at once, or one that is stopped and starts again, make the same root.

use ledger::merkle::{Tree, leaf};
use store::{HeadRow, RootRow};
use units::{Day, WalletId};

use crate::{Context, Error, Services};

/// How many wallets are looked at at once.
const PAGE: u32 = 2_000;

/// Seals yesterday, unless it is sealed. Answers with the root when it was made just now.
///
/// Call it after a sweep: what expired yesterday belongs into yesterday's journals.
pub async fn seal_day(services: &Services, ctx: &Context) -> Result<Option<RootRow>, Error> {
    let day = Day::from_number(ctx.now.day().number() - 1);
    let reader = services.store.reader();
    if reader.find_root(day).await?.is_some() {
        return Ok(None);
    }
    let mut after: Option<WalletId> = None;
    loop {
        let (grown, last) = reader.list_grown(day, after, PAGE).await?;
        keep(services, day, grown).await?;
        match last {
            Some(last) => after = Some(last),
            None => break,
        }
    }
    loop {
        let (root, counted) = build(services, ctx, day).await?;
        if root.wallets == 0 {
            // Nothing happened yet that could be shown later.
            return Ok(None);
        }
        let made = services
            .store
            .write(async move |tx| {
                // Another node may have written on while the tree was built.
                match tx.count_root_heads(day).await? == counted {
                    true => tx.insert_root(&root).await.map(Some).map_err(Error::from),
                    false => Ok(None),
                }
            })
            .await?;
        if let Some(root) = made {
            let hash: String = root.root.iter().map(|byte| format!("{byte:02x}")).collect();
            tracing::info!(day = %day, root = %hash, wallets = root.wallets, "the day is sealed");
            return Ok(Some(root));
        }
    }
}

async fn keep(services: &Services, day: Day, grown: Vec<HeadRow>) -> Result<(), Error> {
    if grown.is_empty() {
        return Ok(());
    }
    services.store.write(async move |tx| tx.insert_root_heads(day, &grown).await.map_err(Error::from)).await
}

/// The tree over what is written, and how much of it is of this very day.
async fn build(services: &Services, ctx: &Context, day: Day) -> Result<(RootRow, u64), Error> {
    let counted = services.store.write(async move |tx| tx.count_root_heads(day).await.map_err(Error::from)).await?;
    let mut tree = Tree::default();
    let mut after = None;
    loop {
        let page = services.store.reader().list_root_heads(day, after, PAGE).await?;
        page.iter().for_each(|head| tree.push(leaf(head.wallet, head.seq, head.hash)));
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = Some(last.wallet),
            _ => break,
        }
    }
    Ok((RootRow { day, root: tree.root(), wallets: tree.count(), made_at: ctx.now }, counted))
}
