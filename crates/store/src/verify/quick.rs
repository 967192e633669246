//! A check of one wallet that takes as long for a journal of ten million as for a short one.
//!
//! It trusts the sums of full segments, which `verify` recomputes, and reads what came after them: seals, grants,
//! the wallet's own row, and the rollups by day.

use std::collections::HashMap;

use ledger::{Account, Auditor, ChainHash, ChainHead};
use units::{Amount, GrantId, Instant, WalletId};

use super::findings::{Difference, Findings, without_wallet};
use super::journal::list_grants;
use super::{Wrong, different};
use crate::reader::list_transfers;
use crate::segments::{SEGMENT, count_summed, flows_until};
use crate::session::Session;
use crate::value::Value;
use crate::{Fault, Reader, books};

/// Looks at the end of one wallet's journal and at its sums. `None` when everything agrees.
pub async fn check_quickly(reader: &Reader, wallet: WalletId) -> Result<Option<Difference>, Fault> {
    reader.snapshot_wallet(wallet, "checking a wallet", move |session| Box::pin(check(session, wallet))).await
}

/// What the platform's accounts and all grants come to together, in nanodollars: zero, when the books are sound.
pub async fn platform_difference(reader: &Reader) -> Result<i128, Fault> {
    reader
        .snapshot("summing up the books", |session| {
            Box::pin(async move {
                let names: Vec<&str> = Account::PLATFORM.iter().map(|account| account.name()).collect();
                let row_sum = names.join(" + ");
                // In two parts: each sum fits 64 bits also where the total would not.
                let parts = |number: &str, from: &str| {
                    let part = |operator| format!("CAST(coalesce(sum(({number}) {operator} 1000000000), 0) AS bigint)");
                    format!("SELECT {}, {} FROM {from}", part("/"), part("%"))
                };
                let queries = [parts(&row_sum, "account_daily"), parts("left_nanos", "grants WHERE drained = 0")];
                let mut sum = 0;
                for sql in queries {
                    if let Some(mut row) = session.find(&sql, &[]).await? {
                        let (dollars, nanos): (i64, i64) = (row.take()?, row.take()?);
                        sum += i128::from(dollars) * 1_000_000_000 + i128::from(nanos);
                    }
                }
                Ok(sum)
            })
        })
        .await
}

async fn check(session: &mut Session<'_>, wallet: WalletId) -> Result<Option<Difference>, Fault> {
    let mut findings = Findings::default();
    let checked = check_parts(session, wallet, &mut findings).await;
    findings.note(checked)?;
    Ok(findings.difference(wallet))
}

async fn check_parts(session: &mut Session<'_>, wallet: WalletId, findings: &mut Findings) -> super::Checked<()> {
    let Some(head) = books::find_head(session, wallet).await? else { return different("there is no such wallet") };
    let summed = count_summed(session, wallet).await?;
    let mut left: HashMap<GrantId, Amount> = HashMap::new();
    for ((grant, _), flow) in flows_until(session, wallet, None, summed * SEGMENT).await? {
        let moved = flow.moved_in.nanos() - flow.moved_out.nanos();
        let sum = left.entry(grant).or_default();
        *sum = Amount::from_nanos(sum.nanos() + moved);
    }
    let mut auditor = Auditor::behind(wallet, end_of(session, wallet, summed).await?, left);
    loop {
        let page = list_transfers(session, wallet, auditor.head().seq, SEGMENT as u32).await?;
        for (index, transfer) in page.iter().enumerate() {
            let before = auditor.head();
            if let Err(found) = auditor.take(transfer) {
                findings.wrong(found, before, transfer, page.get(index + 1));
            }
        }
        if page.len() < SEGMENT as usize {
            break;
        }
    }
    let grants = list_grants(session, wallet).await?;
    let finished = auditor.finish(head.head, grants.iter().map(|grant| (grant.id, grant.left)));
    finished.map_err(|found| Wrong::Different(without_wallet(&found, wallet)))?;
    let left: i128 = grants.iter().map(|grant| i128::from(grant.left.nanos())).sum();
    let sql = "SELECT CAST(coalesce(sum(grants), 0) AS bigint) FROM account_daily WHERE wallet = $1";
    let by_day = match session.find(sql, &[wallet.into()]).await? {
        Some(mut row) => row.take::<i64>()?,
        None => 0,
    };
    match i128::from(by_day) == left {
        true => Ok(()),
        false => different(format!("its grants have {left} nanodollars left, the rollups say {by_day}")),
    }
}

/// Where the journal ends with the last segment that is summed.
async fn end_of(session: &mut Session<'_>, wallet: WalletId, summed: u64) -> Result<ChainHead, Fault> {
    let Some(last) = summed.checked_sub(1) else { return Ok(ChainHead::START) };
    let sql = "SELECT last_at, last_hash FROM journal_segments WHERE wallet = $1 AND segment = $2";
    let row = session.find(sql, &[wallet.into(), Value::Int(last as i64)]).await?;
    let mut row = row.ok_or_else(|| Fault::corrupt(format!("segment {last} of {wallet}")))?;
    let (at, hash): (Instant, [u8; 32]) = (row.take()?, row.take()?);
    Ok(ChainHead { seq: summed * SEGMENT, hash: ChainHash(hash), at })
}
