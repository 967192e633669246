//! Long journals, cut into segments of equal length with sums for each grant.
//!
//! A full segment never changes, so its sums are written once, by a job, and any number of times with the
//! same result. Whoever asks about the past adds up segments and reads at most one of them row by row; the
//! end of a journal, which is not summed yet, is read as it is.

use std::collections::BTreeMap;

use ledger::{ChainHash, Transfer, TransferKind};
use units::{Amount, GrantId, Instant, WalletId};

use crate::session::Session;
use crate::value::Value;
use crate::{Fault, Reader, Tx, books};

/// How many transfers a segment has: read in a few milliseconds, and few enough segments in a long journal.
pub(crate) const SEGMENT: u64 = 4096;

/// What the transfers of one kind moved into and out of a grant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// What came onto the grant.
    pub moved_in: Amount,
    /// What went from it.
    pub moved_out: Amount,
    /// By how many transfers.
    pub transfers: u64,
}

/// Flows of grants, by grant and kind.
pub type Flows = BTreeMap<(GrantId, TransferKind), Flow>;

/// The sums of a full segment, as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Of whose journal.
    pub wallet: WalletId,
    /// Its number, from 0.
    pub number: u64,
    pub(crate) last_at: Instant,
    pub(crate) last_hash: ChainHash,
    pub(crate) flows: Flows,
}

impl Flow {
    pub(crate) fn add(&mut self, other: &Self) {
        // Saturating: a number that somebody put there must be found, not stop whoever looks.
        let sum = |one: Amount, other: Amount| Amount::from_nanos(one.nanos().saturating_add(other.nanos()));
        self.moved_in = sum(self.moved_in, other.moved_in);
        self.moved_out = sum(self.moved_out, other.moved_out);
        self.transfers += other.transfers;
    }
}

/// Adds what a transfer moved on the grants that it names.
pub(crate) fn flow(flows: &mut Flows, transfer: &Transfer) {
    let (nothing, amount) = (Amount::ZERO, transfer.amount);
    for (account, moved_in, moved_out) in [(transfer.to, amount, nothing), (transfer.from, nothing, amount)] {
        if let Some(grant) = account.grant() {
            let flow = Flow { moved_in, moved_out, transfers: 1 };
            flows.entry((grant, transfer.kind)).or_default().add(&flow);
        }
    }
}

impl Segment {
    /// The segment that these transfers fill.
    pub(crate) fn of(wallet: WalletId, number: u64, transfers: &[Transfer]) -> Option<Self> {
        let last = transfers.last().filter(|last| last.seq == (number + 1) * SEGMENT)?;
        let mut flows = Flows::new();
        transfers.iter().for_each(|transfer| flow(&mut flows, transfer));
        Some(Self { wallet, number, last_at: last.at, last_hash: last.hash, flows })
    }
}

impl Reader {
    /// Wallets with a full segment that is not summed yet, and the number of the first such, in the order of
    /// their ids from behind `after`.
    pub async fn list_unsummed_segments(
        &self,
        after: Option<WalletId>,
        limit: u32,
    ) -> Result<Vec<(WalletId, u64)>, Fault> {
        let after = after.map(|id| id.uuid()).unwrap_or_default();
        self.read("looking for full segments", move |session| {
            Box::pin(async move {
                let next = "coalesce((SELECT max(segment) FROM journal_segments s WHERE s.wallet = w.id), -1) + 1";
                let sql = format!(
                    "SELECT id, {next} FROM wallets w WHERE id > $1 AND head_seq >= $2 AND head_seq >= ({next} + 1) * $2 \
                     ORDER BY id LIMIT $3"
                );
                let values = [after.into(), Value::Int(SEGMENT as i64), limit.into()];
                let rows = session.query(&sql, &values).await?;
                rows.into_iter().map(|mut row| Ok((row.take()?, row.take()?))).collect()
            })
        })
        .await
    }

    /// Sums up a segment. `None` when it is not full.
    pub async fn sum_segment(&self, wallet: WalletId, number: u64) -> Result<Option<Segment>, Fault> {
        let transfers = self.list_transfers(wallet, number * SEGMENT, SEGMENT as u32).await?;
        Ok(Segment::of(wallet, number, &transfers))
    }
}

impl Tx<'_> {
    /// Keeps the sums of a segment. Those of a segment that is kept already are left as they are.
    pub async fn insert_segment(&mut self, segment: &Segment) -> Result<(), Fault> {
        let key: [Value; 2] = [segment.wallet.into(), Value::Int(segment.number as i64)];
        let [wallet, number] = key.clone();
        let values = [wallet, number, segment.last_at.into(), segment.last_hash.0.into()];
        let sql = "INSERT INTO journal_segments (wallet, segment, last_at, last_hash) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT DO NOTHING";
        if self.session.execute(sql, &values).await? == 0 {
            return Ok(());
        }
        let sql = "INSERT INTO grant_segments (wallet, segment, grant_id, kind, in_nanos, out_nanos, transfers) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        for ((grant, kind), flow) in &segment.flows {
            let flow = [
                (*grant).into(),
                kind.code().into(),
                flow.moved_in.into(),
                flow.moved_out.into(),
                Value::Int(flow.transfers as i64),
            ];
            let values: Vec<Value> = key.iter().cloned().chain(flow).collect();
            self.session.execute(sql, &values).await?;
        }
        Ok(())
    }
}

/// How many segments of a journal are summed: they are the first ones, without a gap.
pub(crate) async fn count_summed(session: &mut Session<'_>, wallet: WalletId) -> Result<u64, Fault> {
    let sql = "SELECT coalesce(max(segment), -1) + 1 FROM journal_segments WHERE wallet = $1";
    session.find(sql, &[wallet.into()]).await?.map_or(Ok(0), |mut row| row.take())
}

/// What moved on each grant, or on one of them, up to and with a seq.
pub(crate) async fn flows_until(
    session: &mut Session<'_>,
    wallet: WalletId,
    grant: Option<GrantId>,
    seq: u64,
) -> Result<Flows, Fault> {
    let summed = (seq / SEGMENT).min(count_summed(session, wallet).await?);
    let (only, grant_value) = match grant {
        Some(grant) => ("AND grant_id = $3", Some(Value::from(grant))),
        None => ("", None),
    };
    // Sums of 64-bit numbers are wider on PostgreSQL. These fit: a wallet holds at most a billion dollars.
    let sum = |column: &str| format!("CAST(sum({column}) AS bigint)");
    let sql = format!(
        "SELECT grant_id, kind, {}, {}, {} FROM grant_segments WHERE wallet = $1 AND segment < $2 {only} \
         GROUP BY grant_id, kind",
        sum("in_nanos"),
        sum("out_nanos"),
        sum("transfers"),
    );
    let values: Vec<Value> = [wallet.into(), Value::Int(summed as i64)].into_iter().chain(grant_value).collect();
    let mut flows = Flows::new();
    for mut row in session.query(&sql, &values).await? {
        let (grant, code): (GrantId, u8) = (row.take()?, row.take()?);
        let kind = TransferKind::from_code(code).ok_or_else(|| Fault::corrupt(format!("a segment of {wallet}")))?;
        let flow = Flow { moved_in: row.take()?, moved_out: row.take()?, transfers: row.take()? };
        flows.insert((grant, kind), flow);
    }
    let mut after = summed * SEGMENT;
    while after < seq {
        let limit = (seq - after).min(SEGMENT) as u32;
        let page = match grant {
            Some(grant) => books::transfers_of_grant(session, wallet, grant, after, after + u64::from(limit)).await?,
            None => crate::reader::list_transfers(session, wallet, after, limit).await?,
        };
        page.iter().for_each(|transfer| flow(&mut flows, transfer));
        after += u64::from(limit);
    }
    flows.retain(|(found, _), _| grant.is_none_or(|grant| grant == *found));
    Ok(flows)
}

/// The segments from `first` on that name a grant.
pub(crate) async fn segments_of_grant(
    session: &mut Session<'_>,
    wallet: WalletId,
    grant: GrantId,
    first: u64,
) -> Result<Vec<u64>, Fault> {
    let sql = "SELECT DISTINCT segment FROM grant_segments WHERE wallet = $1 AND grant_id = $2 AND segment >= $3 \
               ORDER BY segment LIMIT 1000";
    let rows = session.query(sql, &[wallet.into(), grant.into(), Value::Int(first as i64)]).await?;
    rows.into_iter().map(|mut row| row.take()).collect()
}
