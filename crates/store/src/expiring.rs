//! Credits that are about to expire, and how far their holders were told.

use units::{Amount, GrantId, Instant, WalletId};

use crate::session::Session;
use crate::value::{Row, Value};
use crate::{Fault, Reader, Tx};

/// A grant that is about to expire with something left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpiringRow {
    /// Whose.
    pub wallet: WalletId,
    /// Which.
    pub grant: GrantId,
    /// What is left of it.
    pub left: Amount,
    /// When.
    pub expires_at: Instant,
}

impl Tx<'_> {
    /// Grants that expire at or before `until` and behind the last one that was told of, soonest first. When nobody
    /// was told of any, those behind `now`. Grants that never had so much time as from `now` to `until` are left out.
    pub async fn list_expiring(
        &mut self,
        days: u32,
        now: Instant,
        until: Instant,
        limit: u32,
    ) -> Result<Vec<ExpiringRow>, Fault> {
        let (at, wallet, grant) = told(&mut self.session, days, now).await?;
        let sql = "SELECT wallet, id, left_nanos, expires_at FROM grants \
                   WHERE drained = 0 AND expires_at IS NOT NULL AND expires_at >= $1 AND expires_at <= $2 \
                   AND (expires_at, wallet, id) > ($1, $3, $4) AND expires_at > $5 \
                   AND expires_at - effective_at >= $7 \
                   ORDER BY expires_at, wallet, id LIMIT $6";
        let notice = until.micros() - now.micros();
        let values: [Value; 7] =
            [at.into(), until.into(), wallet.into(), grant.into(), now.into(), limit.into(), notice.into()];
        self.session.query(sql, &values).await?.into_iter().map(expiring).collect()
    }

    /// Notes that the holders of everything up to this grant were told.
    pub async fn save_expiry_notice(&mut self, days: u32, last: &ExpiringRow) -> Result<(), Fault> {
        let sql = "INSERT INTO expiry_notices (days, expires_at, wallet, grant_id) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (days) DO UPDATE SET expires_at = excluded.expires_at, wallet = excluded.wallet, \
                   grant_id = excluded.grant_id";
        let values = [days.into(), last.expires_at.into(), last.wallet.into(), last.grant.into()];
        self.session.execute(sql, &values).await.map(drop)
    }
}

impl Reader {
    /// The first moment after `after` at which a notice of so many days is due.
    pub async fn next_expiry_notice(&self, days: u32, after: Instant) -> Result<Option<Instant>, Fault> {
        let sql = "SELECT min(expires_at) FROM grants WHERE drained = 0 AND expires_at IS NOT NULL AND expires_at > $1";
        let from = after.plus_days(days);
        self.read("looking for the next notice", move |session| {
            Box::pin(async move {
                let Some(mut row) = session.find(sql, &[from.into()]).await? else { return Ok(None) };
                let first: Option<Instant> = row.take()?;
                Ok(first.map(|at| Instant::from_micros(at.micros() - (from.micros() - after.micros()))))
            })
        })
        .await
    }
}

async fn told(session: &mut Session<'_>, days: u32, now: Instant) -> Result<(Instant, WalletId, GrantId), Fault> {
    let sql = "SELECT expires_at, wallet, grant_id FROM expiry_notices WHERE days = $1";
    match session.find(sql, &[days.into()]).await? {
        Some(mut row) => Ok((row.take()?, row.take()?, row.take()?)),
        None => Ok((now, WalletId::from_uuid(uuid::Uuid::nil()), GrantId::from_uuid(uuid::Uuid::nil()))),
    }
}

fn expiring(mut row: Row) -> Result<ExpiringRow, Fault> {
    Ok(ExpiringRow { wallet: row.take()?, grant: row.take()?, left: row.take()?, expires_at: row.take()? })
}
