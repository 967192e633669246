//! Writing what amends the books: rare, so nothing here is tuned.

use rusqlite::{Connection, params};

use crate::past::{dispute_code, refund_code};
use crate::rows::Rows;

/// Answers how many rows that were to be changed are gone.
pub(super) fn save(connection: &Connection, rows: &Rows<'_>) -> rusqlite::Result<usize> {
    let missing = grants(connection, rows)? + receivables(connection, rows)?;
    for refund in &rows.refunds {
        let sql = "INSERT INTO refunds VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET state = excluded.state";
        connection.prepare_cached(sql)?.execute(params![
            refund.wallet.uuid(),
            refund.id.uuid(),
            refund.grant.uuid(),
            refund.amount.nanos(),
            refund_code(refund.state),
        ])?;
    }
    for dispute in &rows.disputes {
        let sql = "INSERT INTO disputes VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET state = excluded.state";
        connection.prepare_cached(sql)?.execute(params![
            dispute.wallet.uuid(),
            dispute.id.uuid(),
            dispute.grant.uuid(),
            dispute_code(dispute.state),
        ])?;
    }
    for correction in &rows.corrections {
        let sql = "INSERT INTO corrections VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        connection.prepare_cached(sql)?.execute(params![
            correction.wallet.uuid(),
            correction.charge.uuid(),
            correction.id.uuid(),
            correction.at.micros(),
            correction.amount.nanos(),
            correction.first_seq as i64,
            correction.transfers,
        ])?;
    }
    Ok(missing)
}

/// What is left and what is marked change together, since the constraints look at both.
fn grants(connection: &Connection, rows: &Rows<'_>) -> rusqlite::Result<usize> {
    if rows.amended.is_empty() {
        return Ok(0);
    }
    let mut amend = connection.prepare_cached(
        "UPDATE grants SET left_nanos = coalesce(?3, left_nanos), drained = (coalesce(?3, left_nanos) = 0), \
         refunding_nanos = coalesce(?4, refunding_nanos), refunded_nanos = coalesce(?5, refunded_nanos), \
         expired_nanos = coalesce(?6, expired_nanos), taken_nanos = coalesce(?7, taken_nanos), \
         disputes = coalesce(?8, disputes), lost = coalesce(?9, lost) WHERE wallet = ?1 AND id = ?2",
    )?;
    let mut changed = 0;
    for (wallet, grant, left, marks) in &rows.amended {
        changed += amend.execute(params![
            wallet.uuid(),
            grant.uuid(),
            left.map(|left| left.nanos()),
            marks.map(|marks| marks.refunding.nanos()),
            marks.map(|marks| marks.refunded.nanos()),
            marks.map(|marks| marks.expired.nanos()),
            marks.map(|marks| marks.taken.nanos()),
            marks.map(|marks| marks.disputes),
            marks.map(|marks| marks.is_lost),
        ])?;
    }
    Ok(rows.amended.len() - changed)
}

fn receivables(connection: &Connection, rows: &Rows<'_>) -> rusqlite::Result<usize> {
    let mut changed = 0;
    for (wallet, owed) in &rows.receivables {
        let mut owe = connection.prepare_cached("UPDATE wallets SET receivable_nanos = ?2 WHERE id = ?1")?;
        changed += owe.execute(params![wallet.uuid(), owed.nanos()])?;
    }
    Ok(rows.receivables.len() - changed)
}
