//! Questions about the past of a wallet: what was in it at a moment, and where a grant went.
//!
//! The times of a journal never run backwards, so a moment is found in it by halving. What was in the wallet
//! then is a sum over segments and part of one, however long the journal is.

use std::collections::BTreeMap;

use ledger::{Grant, Transfer};
use units::{Amount, GrantId, Instant, WalletId};

use crate::segments::{self, Flows, SEGMENT};
use crate::session::Session;
use crate::value::Value;
use crate::{Fault, Reader, books};

/// What was in a wallet at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRow {
    /// The last transfer that counts: the last one at or before the moment; 0 when there is none.
    pub seq: u64,
    /// Grants with something left at that moment, in the order of use, as they were then. What was held is not
    /// kept for the past; here it is what had expired and was still held: it counts until its hold ends.
    pub grants: Vec<Grant>,
    /// What moved on each of them until then.
    pub flows: Flows,
}

impl PastRow {
    /// What was available and held together at the moment that was asked for: the number that pages showed.
    pub fn balance(&self, at: Instant) -> Amount {
        self.grants.iter().filter(|grant| grant.effective_at <= at).map(|grant| grant.left).sum()
    }
}

impl Reader {
    /// What was in a wallet at a moment, from its journal. `None` when there is no such wallet.
    pub async fn find_past(&self, wallet: WalletId, at: Instant) -> Result<Option<PastRow>, Fault> {
        self.snapshot_wallet(wallet, "looking into the past", move |session| Box::pin(find_past(session, wallet, at)))
            .await
    }

    /// The seq of the last transfer at or before a moment, and what was left on all grants together after it.
    /// `None` when there is no such wallet.
    pub async fn find_position(&self, wallet: WalletId, at: Instant) -> Result<Option<(u64, Amount)>, Fault> {
        self.snapshot_wallet(wallet, "looking for a moment", move |session| {
            Box::pin(async move {
                let Some(head) = books::find_head(session, wallet).await? else { return Ok(None) };
                let seq = position(session, wallet, head.head.seq, at).await?;
                Ok(Some((seq, left_after(session, wallet, seq).await?)))
            })
        })
        .await
    }

    /// What was left on all grants together after a transfer.
    pub async fn left_after(&self, wallet: WalletId, seq: u64) -> Result<Amount, Fault> {
        self.snapshot_wallet(wallet, "summing up grants", move |session| Box::pin(left_after(session, wallet, seq)))
            .await
    }

    /// A grant, drained or not, with what is held of it now.
    pub async fn find_grant(&self, wallet: WalletId, grant: GrantId) -> Result<Option<Grant>, Fault> {
        self.snapshot_wallet(wallet, "looking for a grant", move |session| {
            Box::pin(async move { Ok(find_grants(session, wallet, &[grant]).await?.pop()) })
        })
        .await
    }

    /// Grants by their ids, in that order, drained or not, with what is held of them now.
    pub async fn find_grants(&self, wallet: WalletId, grants: Vec<GrantId>) -> Result<Vec<Grant>, Fault> {
        self.snapshot_wallet(wallet, "looking for grants", move |session| {
            Box::pin(async move { find_grants(session, wallet, &grants).await })
        })
        .await
    }

    /// What moved on a grant until now, by kind.
    pub async fn flows_of_grant(&self, wallet: WalletId, grant: GrantId) -> Result<Flows, Fault> {
        self.snapshot_wallet(wallet, "summing up a grant", move |session| {
            Box::pin(async move {
                let head = books::find_head(session, wallet).await?;
                let seq = head.map_or(0, |head| head.head.seq);
                segments::flows_until(session, wallet, Some(grant), seq).await
            })
        })
        .await
    }

    /// The transfers that name a grant, in the journal's order, from behind a seq.
    pub async fn list_transfers_of_grant(
        &self,
        wallet: WalletId,
        grant: GrantId,
        after_seq: u64,
        limit: u32,
    ) -> Result<Vec<Transfer>, Fault> {
        self.snapshot_wallet(wallet, "following a grant", move |session| {
            Box::pin(follow(session, wallet, grant, after_seq, limit as usize))
        })
        .await
    }

    /// The journal backwards, from before a seq.
    pub async fn list_transfers_before(
        &self,
        wallet: WalletId,
        before_seq: u64,
        limit: u32,
    ) -> Result<Vec<Transfer>, Fault> {
        let first = before_seq.saturating_sub(u64::from(limit).saturating_add(1));
        let count = before_seq.saturating_sub(first + 1) as u32;
        let mut page = self.list_transfers(wallet, first, count).await?;
        page.reverse();
        Ok(page)
    }
}

async fn find_past(session: &mut Session<'_>, wallet: WalletId, at: Instant) -> Result<Option<PastRow>, Fault> {
    let Some(head) = books::find_head(session, wallet).await? else { return Ok(None) };
    let seq = position(session, wallet, head.head.seq, at).await?;
    let mut flows = segments::flows_until(session, wallet, None, seq).await?;
    let mut left: BTreeMap<GrantId, i64> = BTreeMap::new();
    for ((grant, _), flow) in &flows {
        *left.entry(*grant).or_default() += flow.moved_in.nanos() - flow.moved_out.nanos();
    }
    left.retain(|_, left| *left != 0);
    flows.retain(|(grant, _), _| left.contains_key(grant));
    let ids: Vec<GrantId> = left.keys().copied().collect();
    let mut grants = find_grants(session, wallet, &ids).await?;
    for grant in &mut grants {
        // What has expired, is not held and is not booked yet was gone at its instant all the same. Any change
        // of the wallet would have booked it, so what is held now was held then.
        let unbooked = if grant.has_expired(at) { grant.unheld() } else { Amount::ZERO };
        grant.left = Amount::from_nanos(left[&grant.id] - unbooked.nanos());
        grant.held = if grant.has_expired(at) { grant.left } else { Amount::ZERO };
    }
    grants.retain(|grant| grant.left.is_positive());
    grants.sort_unstable_by_key(Grant::order_of_use);
    Ok(Some(PastRow { seq, grants, flows }))
}

async fn left_after(session: &mut Session<'_>, wallet: WalletId, seq: u64) -> Result<Amount, Fault> {
    let flows = segments::flows_until(session, wallet, None, seq).await?;
    let left: i128 =
        flows.values().map(|flow| i128::from(flow.moved_in.nanos()) - i128::from(flow.moved_out.nanos())).sum();
    let left = i64::try_from(left).map_err(|_| Fault::corrupt(format!("what is left in {wallet}")))?;
    Ok(Amount::from_nanos(left))
}

/// The seq of the last transfer at or before a moment.
pub(crate) async fn position(
    session: &mut Session<'_>,
    wallet: WalletId,
    head_seq: u64,
    at: Instant,
) -> Result<u64, Fault> {
    // Those up to `low` moved in time, those from `high` on did not.
    let (mut low, mut high) = (0, head_seq + 1);
    // Most questions are about the end of the journal.
    if head_seq > 0 && books::moved_at(session, wallet, head_seq).await? <= at {
        return Ok(head_seq);
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        match books::moved_at(session, wallet, middle).await? <= at {
            true => low = middle,
            false => high = middle,
        }
    }
    Ok(low)
}

const IDS_A_QUERY: usize = 500;

async fn find_grants(session: &mut Session<'_>, wallet: WalletId, ids: &[GrantId]) -> Result<Vec<Grant>, Fault> {
    let mut found: BTreeMap<GrantId, Grant> = BTreeMap::new();
    for ids in ids.chunks(IDS_A_QUERY) {
        let places: Vec<String> = (2..ids.len() + 2).map(|place| format!("${place}")).collect();
        let sql = format!("SELECT {} FROM grants WHERE wallet = $1 AND id IN ({})", books::GRANT, places.join(", "));
        let values: Vec<Value> = [wallet.into()].into_iter().chain(ids.iter().map(|id| (*id).into())).collect();
        for mut row in session.query(&sql, &values).await? {
            let (_, mut grant) = books::grant(&mut row)?;
            grant.held = grant.marks.refunding;
            found.insert(grant.id, grant);
        }
    }
    for draw in books::open_holds(session, wallet).await?.into_iter().flat_map(|hold| hold.draws) {
        if let Some(grant) = found.get_mut(&draw.grant) {
            grant.held = [grant.held, draw.amount].into_iter().sum();
        }
    }
    Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect())
}

/// First the summed segments that name the grant, then the end of the journal.
async fn follow(
    session: &mut Session<'_>,
    wallet: WalletId,
    grant: GrantId,
    after_seq: u64,
    limit: usize,
) -> Result<Vec<Transfer>, Fault> {
    let Some(head) = books::find_head(session, wallet).await? else { return Ok(Vec::new()) };
    let summed = segments::count_summed(session, wallet).await?;
    let mut found = Vec::new();
    let mut next = after_seq / SEGMENT;
    while found.len() < limit && next < summed {
        let named = segments::segments_of_grant(session, wallet, grant, next).await?;
        let Some(last) = named.last() else { break };
        next = last + 1;
        for segment in named {
            let first = after_seq.max(segment * SEGMENT);
            found.extend(books::transfers_of_grant(session, wallet, grant, first, (segment + 1) * SEGMENT).await?);
            if found.len() >= limit {
                break;
            }
        }
    }
    let mut first = after_seq.max(summed * SEGMENT);
    while found.len() < limit && first < head.head.seq {
        found.extend(books::transfers_of_grant(session, wallet, grant, first, first + SEGMENT).await?);
        first += SEGMENT;
    }
    found.truncate(limit);
    Ok(found)
}
