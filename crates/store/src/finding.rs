//! What the live self-check found, kept until it is sound again.

use units::{Instant, WalletId};
use uuid::Uuid;

use crate::value::Value;
use crate::{Fault, Reader, Tx};

/// A difference that the self-check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingRow {
    /// In which wallet; none for the sums of the platform.
    pub wallet: Option<WalletId>,
    /// Its stable code.
    pub code: String,
    /// What differs.
    pub what: String,
    /// When it was found first.
    pub found_at: Instant,
    /// When it was seen last.
    pub seen_at: Instant,
}

fn key(wallet: Option<WalletId>) -> Value {
    wallet.map(|wallet| wallet.uuid()).unwrap_or_default().into()
}

impl Tx<'_> {
    /// Keeps a finding. One that is known and open is seen again.
    pub async fn keep_finding(&mut self, finding: &FindingRow) -> Result<(), Fault> {
        let sql = "INSERT INTO self_check_findings (wallet, code, what, found_at, seen_at) VALUES ($1, $2, $3, $4, $4) \
                   ON CONFLICT (wallet, code) DO UPDATE SET what = excluded.what, seen_at = excluded.seen_at, \
                   found_at = CASE WHEN self_check_findings.cleared_at IS NULL THEN self_check_findings.found_at \
                   ELSE excluded.found_at END, cleared_at = NULL";
        let values = [key(finding.wallet), (&finding.code).into(), (&finding.what).into(), finding.seen_at.into()];
        self.session.execute(sql, &values).await.map(drop)
    }

    /// Closes the open findings of a wallet that is sound.
    pub async fn clear_findings(&mut self, wallet: Option<WalletId>, at: Instant) -> Result<(), Fault> {
        let sql = "UPDATE self_check_findings SET cleared_at = $2 WHERE wallet = $1 AND cleared_at IS NULL";
        self.session.execute(sql, &[key(wallet), at.into()]).await.map(drop)
    }
}

impl Reader {
    /// Findings that are open, the oldest first.
    pub async fn list_findings(&self, limit: u32) -> Result<Vec<FindingRow>, Fault> {
        self.read_beside("listing what the self-check found", move |session| {
            Box::pin(async move {
                let sql = "SELECT wallet, code, what, found_at, seen_at FROM self_check_findings \
                           WHERE cleared_at IS NULL ORDER BY found_at, wallet, code LIMIT $1";
                let rows = session.query(sql, &[limit.into()]).await?;
                let finding = rows.into_iter().map(|mut row| {
                    let wallet: Uuid = row.take()?;
                    Ok(FindingRow {
                        wallet: (!wallet.is_nil()).then(|| WalletId::from_uuid(wallet)),
                        code: row.take()?,
                        what: row.take()?,
                        found_at: row.take()?,
                        seen_at: row.take()?,
                    })
                });
                finding.collect()
            })
        })
        .await
    }
}
