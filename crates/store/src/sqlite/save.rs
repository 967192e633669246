//! Writing the rows of a projection, table by table, with prepared statements.

use std::sync::LazyLock;

use rusqlite::types::Null;
use rusqlite::{Connection, params};

use super::amend;
use super::insert::{Insert, Places};
use crate::books::Head;
use crate::rows::{KeyRow, Rows, UsageKey, UsageSum, Used, grant_of, label, pack, split, tokens};
use crate::{Fault, books};

const DOING: &str = "writing the books";

/// Writes everything inside the caller's transaction.
pub(super) fn save(connection: &Connection, rows: &Rows<'_>) -> Result<(), Fault> {
    let mut missing = 0;
    let mut save = || {
        transfers(connection, rows)?;
        charges(connection, rows)?;
        missing += heads(connection, rows)?;
        missing += grants(connection, rows)?;
        missing += amend::save(connection, rows)?;
        missing += holds(connection, rows)?;
        usage(connection, rows)?;
        accounts(connection, rows)?;
        keys(connection, &rows.keys)?;
        watches(connection, rows)?;
        gauges(connection, rows)
    };
    save().map_err(|error| super::fault(DOING, error))?;
    match missing {
        0 => Ok(()),
        // What is in memory is not what is on disk; nothing may be built on it.
        missing => Err(Fault::corrupt(format!("{missing} rows to be changed are gone"))),
    }
}

fn transfers(connection: &Connection, rows: &Rows<'_>) -> rusqlite::Result<()> {
    static INSERT: LazyLock<Insert> = LazyLock::new(|| Insert::into("transfers", 10));
    INSERT.all(connection, &rows.transfers, |row, transfer| {
        row.put(transfer.wallet.uuid())?;
        row.put(transfer.seq as i64)?;
        row.put(transfer.at.micros())?;
        row.put(transfer.kind.code())?;
        row.put(transfer.from.code())?;
        row.put(transfer.to.code())?;
        row.put(grant_of(transfer))?;
        row.put(transfer.amount.nanos())?;
        row.put(transfer.reference)?;
        row.put(transfer.hash.0)
    })
}

fn charges(connection: &Connection, rows: &Rows<'_>) -> rusqlite::Result<()> {
    static INSERT: LazyLock<Insert> = LazyLock::new(|| Insert::into("charges", 10 + USED));
    INSERT.all(connection, &rows.charges, |row, (charge, used)| {
        let (nanos, attos) = split(charge.cost);
        row.put(charge.wallet.uuid())?;
        row.put(charge.id.uuid())?;
        row.put(charge.at.micros())?;
        row.put(nanos)?;
        row.put(attos)?;
        row.put(charge.debited.nanos())?;
        row.put(charge.lost.nanos())?;
        row.put(charge.held.nanos())?;
        row.put(charge.first_seq as i64)?;
        row.put(charge.transfers)?;
        match used {
            Some(used) => put_usage(row, used),
            None => (0..USED).try_for_each(|_| row.put(Null)),
        }
    })
}

/// How many columns of a charge say what was used.
const USED: usize = 18;

fn put_usage(row: &mut Places<'_, '_>, used: &Used<'_>) -> rusqlite::Result<()> {
    let (record, counts) = (used.record, &used.record.usage);
    row.put(record.request.uuid())?;
    row.put(record.user.map(|user| user.uuid()))?;
    row.put(record.api_key.map(|key| key.uuid()))?;
    row.put(&used.model)?;
    row.put(&used.provider)?;
    row.put(&used.project)?;
    row.put(record.admitted_at.micros())?;
    row.put(record.price_version.as_deref().map(label))?;
    row.put(books::cost_source_name(record.cost_source))?;
    row.put(tokens(counts.input))?;
    row.put(tokens(counts.cache_read))?;
    row.put(tokens(counts.cache_write))?;
    row.put(tokens(counts.cache_write_1h))?;
    row.put(tokens(counts.output))?;
    row.put(tokens(counts.reasoning))?;
    row.put(counts.reported_cost.map(|cost| cost.to_string()))?;
    row.put(counts.estimated)?;
    row.put(record.own_cost.map(|cost| cost.to_string()))
}

fn heads(connection: &Connection, rows: &Rows<'_>) -> rusqlite::Result<usize> {
    let mut update = connection.prepare_cached(
        "UPDATE wallets SET logged = ?2, remainder = ?3, head_seq = ?4, head_hash = ?5, head_at = ?6 WHERE id = ?1",
    )?;
    let mut mark = connection.prepare_cached("UPDATE wallets SET logged = ?2 WHERE id = ?1")?;
    let mut changed = 0;
    for page in rows.pages {
        let (wallet, number) = (page.wallet.uuid(), page.number);
        changed += match page.head {
            None => mark.execute(params![wallet, number])?,
            Some(Head { remainder, head, .. }) => {
                let (seq, at) = (head.seq as i64, head.at.micros());
                update.execute(params![wallet, number, remainder.attos(), seq, head.hash.0, at])?
            }
        };
    }
    Ok(rows.pages.len() - changed)
}

fn grants(connection: &Connection, rows: &Rows<'_>) -> rusqlite::Result<usize> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO grants (wallet, id, source, paid, amount_nanos, left_nanos, drained, effective_at, expires_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for (wallet, grant) in &rows.issued {
        insert.execute(params![
            wallet.uuid(),
            grant.id.uuid(),
            grant.source.name(),
            grant.paid,
            grant.amount.nanos(),
            grant.left.nanos(),
            grant.left.is_zero(),
            grant.effective_at.micros(),
            grant.expires_at.map(|end| end.micros()),
        ])?;
    }
    // A column is only written when it changes: an index over it would be searched all the same.
    let mut spend = connection.prepare_cached("UPDATE grants SET left_nanos = ?3 WHERE wallet = ?1 AND id = ?2")?;
    let mut drain =
        connection.prepare_cached("UPDATE grants SET left_nanos = 0, drained = 1 WHERE wallet = ?1 AND id = ?2")?;
    let mut changed = 0;
    for (wallet, grant, left) in &rows.spent {
        changed += match left.is_zero() {
            true => drain.execute(params![wallet.uuid(), grant.uuid()])?,
            false => spend.execute(params![wallet.uuid(), grant.uuid(), left.nanos()])?,
        };
    }
    Ok(rows.spent.len() - changed)
}

fn holds(connection: &Connection, rows: &Rows<'_>) -> rusqlite::Result<usize> {
    static OPEN: LazyLock<Insert> = LazyLock::new(|| Insert::into("open_holds", 9));
    OPEN.all(connection, &rows.opened, |row, hold| {
        row.put(hold.wallet.uuid())?;
        row.put(hold.id.uuid())?;
        row.put(hold.wanted.nanos())?;
        row.put(hold.least.nanos())?;
        row.put(pack(&hold.draws))?;
        row.put(hold.placed_at.micros())?;
        row.put(hold.lease_until.micros())?;
        row.put(hold.user.map(|user| user.uuid()))?;
        row.put(hold.api_key.map(|key| key.uuid()))
    })?;
    let mut renew =
        connection.prepare_cached("UPDATE open_holds SET lease_until = ?3 WHERE wallet = ?1 AND id = ?2")?;
    let mut close = connection.prepare_cached("DELETE FROM open_holds WHERE wallet = ?1 AND id = ?2")?;
    let mut end = connection.prepare_cached("INSERT INTO ended_holds VALUES (?1, ?2, ?3)")?;
    let mut changed = 0;
    for (wallet, hold, until) in &rows.renewed {
        changed += renew.execute(params![wallet.uuid(), hold.uuid(), until.micros()])?;
    }
    for (wallet, hold) in &rows.closed {
        changed += close.execute(params![wallet.uuid(), hold.uuid()])?;
    }
    for (wallet, hold, how) in &rows.ended {
        end.execute(params![wallet.uuid(), hold.uuid(), how])?;
    }
    Ok(rows.renewed.len() + rows.closed.len() - changed)
}

fn usage(connection: &Connection, rows: &Rows<'_>) -> rusqlite::Result<()> {
    let mut add = connection.prepare_cached(
        "INSERT INTO usage_daily VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) \
         ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, input = input + excluded.input, \
         cache_read = cache_read + excluded.cache_read, cache_write = cache_write + excluded.cache_write, \
         output = output + excluded.output, reasoning = reasoning + excluded.reasoning, \
         cost_nanos = cost_nanos + excluded.cost_nanos, cost_attos = cost_attos + excluded.cost_attos, \
         debited_nanos = debited_nanos + excluded.debited_nanos, lost_nanos = lost_nanos + excluded.lost_nanos",
    )?;
    // Neighbours of a table are touched one after the other.
    let mut order: Vec<(&UsageKey<'_>, &UsageSum)> = rows.usage.iter().collect();
    order.sort_unstable_by_key(|(key, _)| (key.wallet, key.day));
    for (key, sum) in order {
        let UsageKey { wallet, day, model, provider, project, user, api_key } = key;
        let UsageSum { requests, input, cache_read, cache_write, output, reasoning, .. } = sum;
        add.execute(params![
            wallet.uuid(),
            day,
            model,
            provider,
            project,
            user,
            api_key,
            requests,
            input,
            cache_read,
            cache_write,
            output,
            reasoning,
            sum.cost_nanos,
            sum.cost_attos,
            sum.debited_nanos,
            sum.lost_nanos,
        ])?;
    }
    Ok(())
}

fn accounts(connection: &Connection, rows: &Rows<'_>) -> rusqlite::Result<()> {
    let mut add = connection.prepare_cached(
        "INSERT INTO account_daily VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO UPDATE SET \
         grants = grants + excluded.grants, cash = cash + excluded.cash, revenue = revenue + excluded.revenue, \
         promotions = promotions + excluded.promotions, breakage = breakage + excluded.breakage, \
         loss = loss + excluded.loss, receivable = receivable + excluded.receivable, \
         transit = transit + excluded.transit",
    )?;
    for ((wallet, day), [grants, cash, revenue, promotions, breakage, loss, receivable, transit]) in &rows.accounts {
        add.execute(params![
            wallet.uuid(),
            day,
            grants,
            cash,
            revenue,
            promotions,
            breakage,
            loss,
            receivable,
            transit
        ])?;
    }
    Ok(())
}

fn keys(connection: &Connection, keys: &[&KeyRow]) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached("INSERT INTO idempotency VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for key in keys {
        insert.execute(params![key.wallet.uuid(), key.hash, key.content, key.outcome, key.at.micros()])?;
    }
    Ok(())
}

/// Notes who is to look at wallets whose credits crossed the line of a watch.
fn watches(connection: &Connection, rows: &Rows<'_>) -> rusqlite::Result<()> {
    // Where nobody watches, no wallet pays for it.
    let mut any = connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM watches)")?;
    if !any.query_row([], |row| row.get(0))? {
        return Ok(());
    }
    let mut cross = connection.prepare_cached(
        "UPDATE watches SET is_armed = 0, look_at = ?3, version = version + 1 \
         WHERE wallet = ?1 AND is_armed = 1 AND below_nanos > ?2",
    )?;
    for (wallet, available, at) in &rows.fallen {
        cross.execute(params![wallet.uuid(), available.nanos(), at.micros()])?;
    }
    let mut arm = connection.prepare_cached(
        "UPDATE watches SET is_armed = 1 WHERE wallet = ?1 AND rearms = 1 AND is_armed = 0 AND below_nanos <= ?2",
    )?;
    for (wallet, available) in &rows.risen {
        arm.execute(params![wallet.uuid(), available.nanos()])?;
    }
    Ok(())
}

/// Counts what was used, and notes who is to look where that reaches a line.
fn gauges(connection: &Connection, rows: &Rows<'_>) -> rusqlite::Result<()> {
    let mut any = connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM gauges)")?;
    if !any.query_row([], |row| row.get(0))? {
        return Ok(());
    }
    let mut count = connection.prepare_cached(
        "UPDATE gauges SET used_nanos = used_nanos + ?2, counted_seq = ?3, look_at = CASE \
         WHEN look_at IS NULL AND used_nanos + ?2 >= line_nanos THEN ?4 ELSE look_at END \
         WHERE wallet = ?1 AND until_at > ?4",
    )?;
    for taken in &rows.taken {
        count.execute(params![taken.wallet.uuid(), taken.amount.nanos(), taken.seq as i64, taken.at.micros()])?;
    }
    Ok(())
}
