//! Reading the books: wallets with what is live in them, and what became of holds.

use std::panic::{AssertUnwindSafe, catch_unwind};

use billing::{CostSource, Usage, UsageRecord};
use foldhash::HashMap;
use ledger::{
    Account, Cap, Capped, ChainHash, ChainHead, Charge, Draw, Fate, Grant, Hold, Marks, Outcome, Source, Transfer,
    TransferKind,
};
use units::{Amount, Cost, GrantId, HoldId, Instant, Remainder, WalletId};

use crate::batch::{KeyHash, said};
use crate::rows;
use crate::session::Session;
use crate::value::Row;
use crate::{ChargeRow, Fault};

pub(crate) const GRANT: &str = "wallet, id, source, paid, amount_nanos, left_nanos, effective_at, expires_at, \
    refunding_nanos, refunded_nanos, expired_nanos, taken_nanos, disputes, lost";
pub(crate) const HOLD: &str = "wallet, id, wanted_nanos, least_nanos, draws, placed_at, lease_until, user_id, api_key";
pub(crate) const CHARGE: &str = "wallet, id, settled_at, cost_nanos, cost_attos, debited_nanos, lost_nanos, \
    held_nanos, first_seq, transfer_count";
pub(crate) const USAGE: &str = "request, user_id, api_key, model, provider, project, admitted_at, price_version, \
    cost_source, input, cache_read, cache_write, cache_write_1h, output, reasoning, reported_cost, estimated, \
    own_cost";
pub(crate) const TRANSFER: &str =
    "wallet, seq, moved_at, kind, from_account, to_account, grant_id, amount_nanos, reference, hash";

/// What stands on a wallet's own row of the books.
#[derive(Clone, Copy)]
pub(crate) struct Head {
    pub remainder: Remainder,
    pub receivable: Amount,
    pub head: ChainHead,
}

pub(crate) const HEAD: &str = "id, remainder, receivable_nanos, head_seq, head_hash, head_at";

pub(crate) fn head(row: &mut Row) -> Result<(WalletId, Head), Fault> {
    let id = row.take()?;
    let remainder = Remainder::from_attos(row.take()?).ok_or_else(|| Fault::corrupt(format!("remainder of {id}")))?;
    let receivable = row.take()?;
    let head = ChainHead { seq: row.take()?, hash: ChainHash(row.take()?), at: row.take()? };
    Ok((id, Head { remainder, receivable, head }))
}

pub(crate) fn grant(row: &mut Row) -> Result<(WalletId, Grant), Fault> {
    let (wallet, id): (WalletId, GrantId) = (row.take()?, row.take()?);
    let source = Source::from_name(&row.take::<String>()?);
    let source = source.ok_or_else(|| Fault::corrupt(format!("source of {id} in {wallet}")))?;
    let (paid, amount, left) = (row.take()?, row.take()?, row.take()?);
    let (effective_at, expires_at) = (row.take()?, row.take()?);
    let marks = Marks {
        refunding: row.take()?,
        refunded: row.take()?,
        expired: row.take()?,
        taken: row.take()?,
        disputes: row.take()?,
        is_lost: row.take()?,
    };
    // What holds reserve is added by whoever knows them.
    let held = marks.refunding;
    let grant = Grant { id, source, paid, amount, left, held, marks, effective_at, expires_at };
    Ok((wallet, grant))
}

pub(crate) fn hold(row: &mut Row) -> Result<Hold, Fault> {
    let (wallet, id): (WalletId, HoldId) = (row.take()?, row.take()?);
    let (wanted, least) = (row.take()?, row.take()?);
    let draws =
        rows::unpack(&row.take::<Vec<u8>>()?).ok_or_else(|| Fault::corrupt(format!("draws of {id} in {wallet}")))?;
    let (placed_at, lease_until) = (row.take()?, row.take()?);
    Ok(Hold { id, wallet, wanted, least, draws, placed_at, lease_until, user: row.take()?, api_key: row.take()? })
}

pub(crate) fn charge(row: &mut Row) -> Result<Charge, Fault> {
    let (wallet, id, at) = (row.take()?, row.take()?, row.take()?);
    let cost = rows::join(row.take()?, row.take()?);
    Ok(Charge {
        id,
        wallet,
        at,
        cost,
        debited: row.take()?,
        lost: row.take()?,
        held: row.take()?,
        first_seq: row.take()?,
        transfers: row.take()?,
    })
}

/// What was used; the last columns of a row, since those of an absent record are left where they are.
pub(crate) fn usage(row: &mut Row) -> Result<Option<UsageRecord>, Fault> {
    let Some(request) = row.take()? else { return Ok(None) };
    let (user, api_key, model, provider, project) = (row.take()?, row.take()?, row.take()?, row.take()?, row.take()?);
    let (admitted_at, price_version) = (row.take()?, row.take()?);
    let cost_source = cost_source(&row.take::<String>()?)?;
    let usage = Usage {
        input: row.take()?,
        cache_read: row.take()?,
        cache_write: row.take()?,
        cache_write_1h: row.take()?,
        output: row.take()?,
        reasoning: row.take()?,
        reported_cost: cost(row.take()?)?,
        estimated: row.take()?,
    };
    let own_cost = cost(row.take()?)?;
    Ok(Some(UsageRecord {
        request,
        user,
        api_key,
        model,
        provider,
        project,
        admitted_at,
        price_version,
        cost_source,
        own_cost,
        usage,
    }))
}

fn cost(text: Option<String>) -> Result<Option<Cost>, Fault> {
    text.map(|text| text.parse().map_err(|_| Fault::corrupt("the cost of a usage record"))).transpose()
}

/// The name of a source of costs in the store.
pub(crate) const fn cost_source_name(source: CostSource) -> &'static str {
    match source {
        CostSource::Reported => "reported",
        CostSource::Priced => "priced",
        CostSource::Free => "free",
        CostSource::Metered => "metered",
    }
}

const COST_SOURCES: [CostSource; 4] = [CostSource::Reported, CostSource::Priced, CostSource::Free, CostSource::Metered];

/// The number that stands for a source of costs in the log.
pub(crate) fn cost_source_code(source: CostSource) -> u8 {
    let at = COST_SOURCES.iter().position(|other| *other == source);
    at.expect("every source is listed") as u8
}

/// The source of a number.
pub(crate) fn cost_source_of(code: u8) -> Option<CostSource> {
    COST_SOURCES.get(usize::from(code)).copied()
}

fn cost_source(name: &str) -> Result<CostSource, Fault> {
    COST_SOURCES
        .into_iter()
        .find(|source| cost_source_name(*source) == name)
        .ok_or_else(|| Fault::corrupt("the source of a cost"))
}

pub(crate) fn transfer(row: &mut Row) -> Result<Transfer, Fault> {
    let (wallet, seq): (WalletId, u64) = (row.take()?, row.take()?);
    let broken = || Fault::corrupt(format!("transfer {seq} of {wallet}"));
    let at: Instant = row.take()?;
    let kind = TransferKind::from_code(row.take()?).ok_or_else(broken)?;
    let (from, to, grant): (u8, u8, Option<GrantId>) = (row.take()?, row.take()?, row.take()?);
    let from = Account::from_code(from, grant).ok_or_else(broken)?;
    let to = Account::from_code(to, grant).ok_or_else(broken)?;
    let amount = row.take()?;
    let reference: uuid::Uuid = row.take()?;
    Ok(Transfer {
        wallet,
        seq,
        at,
        kind,
        from,
        to,
        amount,
        reference: reference.into_bytes(),
        hash: ChainHash(row.take()?),
    })
}

pub(crate) fn charge_row(row: &mut Row) -> Result<ChargeRow, Fault> {
    Ok(ChargeRow { charge: charge(row)?, usage: usage(row)? })
}

/// The wallet as the rules need it: consistent when asked inside one transaction.
pub(crate) async fn load_wallet(session: &mut Session<'_>, id: WalletId) -> Result<Option<ledger::Wallet>, Fault> {
    let sql = format!("SELECT {HEAD} FROM wallets WHERE id = $1");
    let Some(mut row) = session.find(&sql, &[id.into()]).await? else { return Ok(None) };
    let (_, head) = head(&mut row)?;
    let grants = live_grants(session, id).await?;
    let holds = open_holds(session, id).await?;
    restore(id, head, grants, holds.into_iter().map(|hold| (hold.id, hold)).collect()).map(Some)
}

pub(crate) async fn live_grants(session: &mut Session<'_>, id: WalletId) -> Result<Vec<Grant>, Fault> {
    let sql = format!("SELECT {GRANT} FROM grants WHERE wallet = $1 AND drained = 0");
    let rows = session.query(&sql, &[id.into()]).await?;
    rows.into_iter().map(|mut row| Ok(grant(&mut row)?.1)).collect()
}

pub(crate) async fn open_holds(session: &mut Session<'_>, id: WalletId) -> Result<Vec<Hold>, Fault> {
    let sql = format!("SELECT {HOLD} FROM open_holds WHERE wallet = $1 ORDER BY id");
    session.query(&sql, &[id.into()]).await?.into_iter().map(|mut row| hold(&mut row)).collect()
}

/// Puts a wallet together. Rows that contradict each other are a fault, not the end of the process.
pub(crate) fn restore(
    id: WalletId,
    head: Head,
    grants: Vec<Grant>,
    holds: HashMap<HoldId, Hold>,
) -> Result<ledger::Wallet, Fault> {
    catch_unwind(AssertUnwindSafe(|| {
        ledger::Wallet::restore(id, head.remainder, head.receivable, head.head, grants, holds)
    }))
    .map_err(|panic| Fault::corrupt(format!("{id}: {}", said(panic.as_ref()))))
}

/// What became of a hold that is not open.
pub(crate) async fn find_fate(
    session: &mut Session<'_>,
    wallet: WalletId,
    hold: HoldId,
) -> Result<Option<Fate>, Fault> {
    let key = [wallet.into(), hold.into()];
    let sql = format!("SELECT {CHARGE} FROM charges WHERE wallet = $1 AND id = $2");
    if let Some(mut row) = session.find(&sql, &key).await? {
        return Ok(Some(Fate::Settled(charge(&mut row)?)));
    }
    let ended = session.find("SELECT how FROM ended_holds WHERE wallet = $1 AND id = $2", &key).await?;
    ended.map(|mut row| fate(row.take()?, hold)).transpose()
}

pub(crate) fn fate(how: i64, hold: HoldId) -> Result<Fate, Fault> {
    rows::ended(how).ok_or_else(|| Fault::corrupt(format!("the end of {hold}")))
}

/// Which grants paid for a charge, in the order of use.
pub(crate) async fn draws_of(session: &mut Session<'_>, charge: &Charge) -> Result<Vec<Draw>, Fault> {
    let until = charge.first_seq + u64::from(charge.transfers);
    let sql = format!("SELECT {TRANSFER} FROM transfers WHERE wallet = $1 AND seq >= $2 AND seq < $3 ORDER BY seq");
    let range = [charge.wallet.into(), (charge.first_seq as i64).into(), (until as i64).into()];
    let rows = session.query(&sql, &range).await?;
    let transfers = rows.into_iter().map(|mut row| transfer(&mut row)).collect::<Result<Vec<_>, _>>()?;
    Ok(transfers.iter().filter_map(draw).collect())
}

/// The transfers that name a grant, from behind one seq up to and with another, in order.
pub(crate) async fn transfers_of_grant(
    session: &mut Session<'_>,
    wallet: WalletId,
    grant: GrantId,
    after_seq: u64,
    until_seq: u64,
) -> Result<Vec<Transfer>, Fault> {
    let sql = format!(
        "SELECT {TRANSFER} FROM transfers WHERE wallet = $1 AND seq > $2 AND seq <= $3 AND grant_id = $4 ORDER BY seq"
    );
    let values = [wallet.into(), (after_seq as i64).into(), (until_seq as i64).into(), grant.into()];
    session.query(&sql, &values).await?.into_iter().map(|mut row| transfer(&mut row)).collect()
}

/// When a transfer moved, by its seq.
pub(crate) async fn moved_at(session: &mut Session<'_>, wallet: WalletId, seq: u64) -> Result<Instant, Fault> {
    let found = session
        .find("SELECT moved_at FROM transfers WHERE wallet = $1 AND seq = $2", &[wallet.into(), (seq as i64).into()])
        .await?;
    found.ok_or_else(|| Fault::corrupt(format!("transfer {seq} of {wallet} is missing")))?.take()
}

/// Where a wallet's journal ends.
pub(crate) async fn find_head(session: &mut Session<'_>, id: WalletId) -> Result<Option<Head>, Fault> {
    let row = session.find(&format!("SELECT {HEAD} FROM wallets WHERE id = $1"), &[id.into()]).await?;
    row.map(|mut row| Ok(head(&mut row)?.1)).transpose()
}

/// The part of a charge that one transfer paid.
pub(crate) fn draw(transfer: &Transfer) -> Option<Draw> {
    let grant = transfer.from.grant().filter(|_| transfer.kind == TransferKind::Charge)?;
    Some(Draw { grant, amount: transfer.amount })
}

/// What was answered to a key before: for which content, and what.
pub(crate) async fn find_key(
    session: &mut Session<'_>,
    wallet: WalletId,
    hash: KeyHash,
) -> Result<Option<([u8; 32], Outcome)>, Fault> {
    let sql = "SELECT content, outcome FROM idempotency WHERE wallet = $1 AND key_hash = $2";
    match session.find(sql, &[wallet.into(), hash.into()]).await? {
        Some(mut row) => Ok(Some((row.take()?, outcome(wallet, &row.take::<String>()?)?))),
        None => Ok(None),
    }
}

pub(crate) fn outcome(wallet: WalletId, text: &str) -> Result<Outcome, Fault> {
    serde_json::from_str(text).map_err(|_| Fault::corrupt(format!("a remembered answer of {wallet}")))
}

/// Whether a grant of that id exists, drained or not.
pub(crate) async fn has_grant(session: &mut Session<'_>, wallet: WalletId, grant: GrantId) -> Result<bool, Fault> {
    let sql = "SELECT 1 FROM grants WHERE wallet = $1 AND id = $2";
    Ok(session.find(sql, &[wallet.into(), grant.into()]).await?.is_some())
}

/// What the charges of a person, or with a key, took from a wallet since a day.
pub(crate) async fn spent(session: &mut Session<'_>, wallet: WalletId, cap: &Cap) -> Result<Amount, Fault> {
    let (column, id) = match cap.on {
        Capped::User(user) => ("user_id", user.uuid()),
        Capped::ApiKey(key) => ("api_key", key.uuid()),
    };
    let sql = format!(
        "SELECT CAST(coalesce(sum(debited_nanos + lost_nanos), 0) AS bigint) FROM usage_daily \
         WHERE wallet = $1 AND {column} = $2 AND day >= $3"
    );
    let found = session.find(&sql, &[wallet.into(), id.into(), cap.since.into()]).await?;
    found.map_or(Ok(Amount::ZERO), |mut row| row.take())
}
