//! Where a grant went: what became of it in sums, and every transfer that names it, page by page.

use ledger::TransferKind;
use serde::Serialize;
use store::{Flow, Reader};
use units::{Amount, GrantId, Instant, WalletId};

use super::{EntryAnswer, GrantAnswer};
use crate::Error;

/// What the transfers of one kind did to a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FlowAnswer {
    /// Why it moved.
    pub kind: &'static str,
    /// What came onto the grant.
    pub moved_in: Amount,
    /// What went from it.
    pub moved_out: Amount,
    /// By how many transfers.
    pub transfers: u64,
}

/// A grant and where it went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrailAnswer {
    /// The grant.
    pub grant: GrantAnswer,
    /// What became of it, by kind. What came less what went is what is left.
    pub flows: Vec<FlowAnswer>,
    /// The transfers, the oldest first.
    pub entries: Vec<EntryAnswer>,
    /// Where the next page begins: ask for what is after this seq. Absent on the last page.
    pub next_after: Option<u64>,
}

impl FlowAnswer {
    pub(super) fn of(kind: TransferKind, flow: &Flow) -> Self {
        let Flow { moved_in, moved_out, transfers } = *flow;
        Self { kind: kind.name(), moved_in, moved_out, transfers }
    }
}

/// Follows a grant from behind a seq: 0 for the beginning.
pub async fn trail(
    reader: &Reader,
    wallet: WalletId,
    grant: GrantId,
    after: u64,
    limit: u32,
    now: Instant,
) -> Result<TrailAnswer, Error> {
    let unknown = || Error::NotFound { what: "grant", name: grant.to_string() };
    let found = reader.find_grant(wallet, grant).await?.ok_or_else(unknown)?;
    let flows = reader.flows_of_grant(wallet, grant).await?;
    let page = reader.list_transfers_of_grant(wallet, grant, after, limit).await?;
    let next_after = page.last().map(|last| last.seq).filter(|_| page.len() == limit as usize);
    Ok(TrailAnswer {
        grant: GrantAnswer::at(&found, now),
        flows: flows.iter().map(|((_, kind), flow)| FlowAnswer::of(*kind, flow)).collect(),
        entries: page.iter().map(EntryAnswer::of).collect(),
        next_after,
    })
}
