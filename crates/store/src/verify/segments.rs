//! The sums of segments and the daily roots, against the journal that they are made from.

use std::collections::BTreeMap;

use ledger::merkle::{Tree, leaf};
use ledger::{ChainHash, Transfer, TransferKind};
use units::{Day, GrantId, Instant, WalletId};

use super::findings::{Difference, Findings};
use super::{Checked, Wrong};
use crate::roots::heads_of;
use crate::segments::{Flow, Flows, SEGMENT, flow};
use crate::session::Session;
use crate::value::Value;
use crate::{Fault, Reader};

/// What is kept about a wallet's journal, and the segment that is being read.
pub(super) struct Kept {
    /// Ends of segments by their number.
    ends: BTreeMap<u64, (Instant, ChainHash)>,
    /// Where the journal ends in roots, by seq.
    heads: BTreeMap<u64, (Day, ChainHash)>,
    flows: Flows,
}

impl Kept {
    pub(super) async fn load(session: &mut Session<'_>, wallet: WalletId) -> Result<Self, Fault> {
        let sql = "SELECT segment, last_at, last_hash FROM journal_segments WHERE wallet = $1 ORDER BY segment";
        let rows = session.query(sql, &[wallet.into()]).await?;
        let end = |mut row: crate::value::Row| Ok((row.take()?, (row.take()?, ChainHash(row.take()?))));
        let ends = rows.into_iter().map(end).collect::<Result<_, Fault>>()?;
        let heads = heads_of(session, wallet).await?;
        let heads = heads.into_iter().map(|(day, head)| (head.seq, (day, head.hash))).collect();
        Ok(Self { ends, heads, flows: Flows::new() })
    }

    /// Looks at the next transfer, and at the end of a segment at its sums.
    pub(super) async fn take(
        &mut self,
        session: &mut Session<'_>,
        transfer: &Transfer,
        findings: &mut Findings,
    ) -> Result<(), Fault> {
        if let Some((day, hash)) = self.heads.remove(&transfer.seq)
            && (hash != transfer.hash || transfer.at.day() > day)
        {
            findings.add(Some(transfer.seq), || {
                format!("transfer {}: the root of {day} has seal {hash}, stands {}", transfer.seq, transfer.hash)
            });
        }
        if self.ends.is_empty() {
            return Ok(());
        }
        flow(&mut self.flows, transfer);
        if !transfer.seq.is_multiple_of(SEGMENT) {
            return Ok(());
        }
        let number = transfer.seq / SEGMENT - 1;
        let flows = std::mem::take(&mut self.flows);
        if let Some(end) = self.ends.remove(&number) {
            let stored = stored(session, transfer.wallet, number).await?;
            if end != (transfer.at, transfer.hash) || stored != flows {
                findings.add(Some(transfer.seq), || {
                    format!("segment {number}: its sums are not those of the transfers up to {}", transfer.seq)
                });
            }
        }
        Ok(())
    }

    /// Nothing is kept about what the journal does not have.
    pub(super) fn finish(&self, last: u64) -> Checked<()> {
        let beyond = self.heads.keys().chain(self.ends.keys()).next();
        match beyond {
            None => Ok(()),
            Some(_) => Err(Wrong::Different(format!(
                "a root or a segment names a transfer that is not there; the journal ends at {last}"
            ))),
        }
    }
}

async fn stored(session: &mut Session<'_>, wallet: WalletId, number: u64) -> Result<Flows, Fault> {
    let sql = "SELECT grant_id, kind, in_nanos, out_nanos, transfers FROM grant_segments \
               WHERE wallet = $1 AND segment = $2";
    let mut flows = Flows::new();
    for mut row in session.query(sql, &[wallet.into(), Value::Int(number as i64)]).await? {
        let (grant, code): (GrantId, u8) = (row.take()?, row.take()?);
        let kind = TransferKind::from_code(code).ok_or_else(|| Fault::corrupt(format!("segment {number}")))?;
        flows.insert((grant, kind), Flow { moved_in: row.take()?, moved_out: row.take()?, transfers: row.take()? });
    }
    Ok(flows)
}

const PAGE: u32 = 5_000;

/// Builds the tree of every day again. Answers how many there are, and what differs.
pub(super) async fn check_roots(reader: &Reader) -> Result<(u64, Vec<Difference>), Fault> {
    let (mut count, mut found, mut before) = (0, Vec::new(), None);
    loop {
        let roots = reader.list_roots(before, PAGE).await?;
        for root in &roots {
            let (mut tree, mut after) = (Tree::default(), None);
            loop {
                let page = reader.list_root_heads(root.day, after, PAGE).await?;
                page.iter().for_each(|head| tree.push(leaf(head.wallet, head.seq, head.hash)));
                match page.last() {
                    Some(last) if page.len() == PAGE as usize => after = Some(last.wallet),
                    _ => break,
                }
            }
            count += 1;
            if (tree.root(), tree.count()) != (root.root, root.wallets) {
                let (expected, stands) = (ChainHash(tree.root()), ChainHash(root.root));
                let what = format!(
                    "the root of {}: expected {expected} over {} wallets, stands {stands} over {}",
                    root.day,
                    tree.count(),
                    root.wallets
                );
                found.push(Difference { wallet: None, seq: None, what, more: 0 });
            }
        }
        match roots.last() {
            Some(last) if roots.len() == PAGE as usize => before = Some(last.day),
            _ => return Ok((count, found)),
        }
    }
}
