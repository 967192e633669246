//! Why a balance is what it is: the grants that make it up, what happened to each, and the last entries.

use serde::Serialize;
use store::Reader;
use units::{Amount, GrantId, Instant, WalletId};

use super::{EntryAnswer, FlowAnswer, GrantAnswer, entries, not_ahead, unknown};
use crate::Error;

/// A balance and what it is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WhyAnswer {
    /// Whose.
    pub wallet: WalletId,
    /// When.
    pub at: Instant,
    /// The balance: the sum of what counts on the grants below.
    pub balance: Amount,
    /// The last transfer of the journal that counts.
    pub seq: u64,
    /// The grants with something left, in the order of use.
    pub grants: Vec<WhyGrant>,
    /// The latest entries, the last one first.
    pub entries: Vec<EntryAnswer>,
    /// Where the entries go on: ask for those before this seq.
    pub next_before: Option<u64>,
}

/// One grant's part of a balance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WhyGrant {
    /// The grant as it was then.
    #[serde(flatten)]
    pub grant: GrantAnswer,
    /// What happened to it until then.
    pub flows: Vec<FlowAnswer>,
    /// What of it is in the balance: nothing, before it can be spent.
    pub counts: Amount,
}

/// Takes a balance apart.
pub async fn why(reader: &Reader, wallet: WalletId, at: Instant, limit: u32, now: Instant) -> Result<WhyAnswer, Error> {
    let at = not_ahead(at, now)?;
    let past = reader.find_past(wallet, at).await?.ok_or_else(|| unknown(wallet))?;
    let balance = past.balance(at);
    let of_grant = |id: GrantId| {
        let flows = past.flows.iter().filter(move |((grant, _), _)| *grant == id);
        flows.map(|((_, kind), flow)| FlowAnswer::of(*kind, flow)).collect()
    };
    let grants = past.grants.iter().map(|grant| WhyGrant {
        grant: GrantAnswer::at(grant, at),
        flows: of_grant(grant.id),
        counts: if grant.effective_at <= at { grant.left } else { Amount::ZERO },
    });
    let statement = entries(reader, wallet, at, Some(past.seq + 1), limit, now).await?;
    Ok(WhyAnswer {
        wallet,
        at,
        balance,
        seq: past.seq,
        grants: grants.collect(),
        entries: statement.entries,
        next_before: statement.next_before,
    })
}
