//! What has fallen due: leases that ran out and credits that expired.

use ledger::Grant;
use units::{HoldId, Instant, WalletId};

use crate::session::Session;
use crate::value::Row;
use crate::{Fault, Reader, books};

impl Reader {
    /// Open holds whose lease ran out, the longest overdue first.
    pub async fn lapsed_holds(&self, now: Instant, limit: u32) -> Result<Vec<(WalletId, HoldId)>, Fault> {
        self.read("looking for lapsed holds", move |session| Box::pin(lapsed_holds(session, now, limit))).await
    }

    /// Wallets with something on a grant that has expired and is not held: what the expiry job would book.
    pub async fn wallets_with_expired_credits(&self, now: Instant, limit: u32) -> Result<Vec<WalletId>, Fault> {
        self.snapshot("looking for expired credits", move |session| Box::pin(expired(session, now, limit))).await
    }

    /// The first moment after `after` at which a lease runs out or a grant expires.
    pub async fn next_due(&self, after: Instant) -> Result<Option<Instant>, Fault> {
        self.read("looking for what is due next", move |session| Box::pin(next_due(session, after))).await
    }
}

async fn lapsed_holds(session: &mut Session<'_>, now: Instant, limit: u32) -> Result<Vec<(WalletId, HoldId)>, Fault> {
    // No index: the table has only what is open now, and an index would be paid for by every request.
    let sql = "SELECT wallet, id FROM open_holds WHERE lease_until <= $1 ORDER BY lease_until, wallet, id LIMIT $2";
    let rows = session.query(sql, &[now.into(), limit.into()]).await?;
    rows.into_iter().map(|mut row| Ok((row.take()?, row.take()?))).collect()
}

/// A grant that expired while it was held stays live and has nothing to book, so the candidates of the
/// index are looked at one by one until enough are found.
async fn expired(session: &mut Session<'_>, now: Instant, limit: u32) -> Result<Vec<WalletId>, Fault> {
    let sql = "SELECT DISTINCT wallet FROM grants \
               WHERE drained = 0 AND expires_at IS NOT NULL AND expires_at <= $1 AND wallet > $2 \
               ORDER BY wallet LIMIT $3";
    let mut found = Vec::new();
    let mut after = WalletId::from_uuid(uuid::Uuid::nil());
    loop {
        let candidates = session.query(sql, &[now.into(), after.into(), limit.into()]).await?;
        let candidates: Vec<WalletId> =
            candidates.into_iter().map(|mut row: Row| row.take()).collect::<Result<_, _>>()?;
        let Some(last) = candidates.last() else { return Ok(found) };
        after = *last;
        for id in candidates {
            let wallet = books::load_wallet(session, id).await?;
            let is_due = |grant: &Grant| grant.has_expired(now) && grant.unheld().is_positive();
            if wallet.is_some_and(|wallet| wallet.grants().iter().any(is_due)) {
                found.push(id);
            }
            if found.len() == limit as usize {
                return Ok(found);
            }
        }
    }
}

async fn next_due(session: &mut Session<'_>, after: Instant) -> Result<Option<Instant>, Fault> {
    let lease = session.find("SELECT min(lease_until) FROM open_holds WHERE lease_until > $1", &[after.into()]).await?;
    let sql = "SELECT min(expires_at) FROM grants WHERE drained = 0 AND expires_at IS NOT NULL AND expires_at > $1";
    let expiry = session.find(sql, &[after.into()]).await?;
    let mut earliest = None;
    for mut row in lease.into_iter().chain(expiry) {
        let due: Option<Instant> = row.take()?;
        earliest = [earliest, due].into_iter().flatten().min();
    }
    Ok(earliest)
}
