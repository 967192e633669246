//! What a batch must know before it is decided.

use foldhash::{HashSet, HashSetExt};
use futures_util::FutureExt;
use ledger::{Command, Fate, Place};
use units::{HoldId, WalletId};

use crate::batch::{Known, key_hash, new_grant};
use crate::cache::Cache;
use crate::session::Session;
use crate::{Fault, Posting, books, past};

const DOING: &str = "reading the books";

/// Brings the wallets of the batch into the cache, and finds what else its postings name.
pub(super) fn load(
    connection: &mut rusqlite::Connection,
    cache: &mut Cache,
    refused: &HashSet<WalletId>,
    postings: &[&Posting],
) -> Result<Known, Fault> {
    let mut session = Session::sqlite(connection, DOING);
    let loaded = load_known(&mut session, cache, refused, postings).now_or_never();
    loaded.expect("SQLite answers at once")
}

async fn load_known(
    session: &mut Session<'_>,
    cache: &mut Cache,
    refused: &HashSet<WalletId>,
    postings: &[&Posting],
) -> Result<Known, Fault> {
    let mut known = Known::default();
    let mut asked: HashSet<(WalletId, HoldId)> = HashSet::new();
    for (index, posting) in postings.iter().enumerate() {
        let id = posting.wallet;
        for id in posting.wallets() {
            touch(session, cache, refused, &mut known, id).await?;
        }
        if let Some(key) = &posting.key {
            let hash = key_hash(key);
            if let Some(answered) = books::find_key(session, id, hash).await? {
                known.keys.insert((id, hash), answered);
            }
        }
        if let Some(grant) = new_grant(&posting.command)
            && books::has_grant(session, id, grant).await?
        {
            known.grants.insert((id, grant));
        }
        if let Command::Place(Place { spender, .. }) = &posting.command
            && !spender.caps.is_empty()
        {
            let mut spent = Vec::with_capacity(spender.caps.len());
            for cap in &spender.caps {
                spent.push(books::spent(session, id, cap).await?);
            }
            known.spent.insert(index, spent);
        }
        let Some(wallet) = cache.young.get(&id) else { continue };
        let missing = posting.command.needs_fate(wallet);
        if let Command::Place(place) = &posting.command
            && place.is_fresh
        {
            // Nobody can have ended it before this batch, so a settlement in the batch need not look.
            asked.insert((id, place.hold));
        }
        if let Some(hold) = missing.filter(|hold| asked.insert((id, *hold))) {
            load_fate(session, &mut known, id, hold).await?;
        }
        past::recall(session, &mut known, posting).await?;
    }
    Ok(known)
}

/// Brings a wallet into the cache, if there is one.
async fn touch(
    session: &mut Session<'_>,
    cache: &mut Cache,
    refused: &HashSet<WalletId>,
    known: &mut Known,
    id: WalletId,
) -> Result<(), Fault> {
    if refused.contains(&id) {
        known.broken.insert(id, Fault::corrupt(format!("{id}: the tables refused a change of it")));
        return Ok(());
    }
    if cache.touch(id) {
        return Ok(());
    }
    match books::load_wallet(session, id).await {
        Ok(wallet) => cache.young.extend(wallet.map(|wallet| (id, wallet))),
        Err(fault @ Fault::Corrupt { .. }) => _ = known.broken.insert(id, fault),
        Err(fault) => return Err(fault),
    }
    Ok(())
}

async fn load_fate(session: &mut Session<'_>, known: &mut Known, wallet: WalletId, hold: HoldId) -> Result<(), Fault> {
    let Some(fate) = books::find_fate(session, wallet, hold).await? else { return Ok(()) };
    if let Fate::Settled(charge) = &fate {
        known.draws.insert((wallet, hold), books::draws_of(session, charge).await?);
    }
    known.fates.push((wallet, hold, fate));
    Ok(())
}
