//! The rows of the log in the file.

use std::cell::RefCell;
use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};
use units::WalletId;

use super::fault;
use crate::Fault;
use crate::log::{Slice, Tail};

pub(super) const DOING: &str = "writing the log";
const READING: &str = "reading the log";

/// Puts a batch behind the last one.
pub(super) fn append(connection: &Connection, number: i64, body: &[u8]) -> Result<(), Fault> {
    let insert = connection.prepare_cached("INSERT INTO log (number, body) VALUES (?1, ?2)");
    let inserted = insert.and_then(|mut insert| insert.execute(params![number, body]));
    inserted.map(drop).map_err(|error| fault(DOING, error))
}

/// What is not in the tables yet, and the number of the last batch.
pub(super) fn read(connection: &Connection) -> Result<(Tail, i64), Fault> {
    let failed = |error| fault(READING, error);
    let projected = connection.query_row("SELECT number FROM projected", [], |row| row.get(0)).map_err(failed)?;
    let (mut tail, mut last): (Tail, i64) = (Tail::default(), projected);
    let known = RefCell::new(HashMap::new());
    let is_done = |wallet, number| {
        let logged = *known.borrow_mut().entry(wallet).or_insert_with(|| logged(connection, wallet));
        logged.is_some_and(|logged| logged >= number)
    };
    let mut batches = connection.prepare("SELECT number, body FROM log ORDER BY number").map_err(failed)?;
    let mut rows = batches.query([]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let number = row.get(0).map_err(failed)?;
        let body = row.get_ref(1).map_err(failed)?.as_blob().map_err(|error| failed(error.into()))?;
        tail.push(number, body, |wallet| is_done(wallet, number))?;
        last = number;
    }
    Ok((tail, last))
}

/// Up to which batch a wallet is in the tables. Nothing is known of a wallet that is gone.
fn logged(connection: &Connection, wallet: WalletId) -> Option<i64> {
    let found = connection.query_row("SELECT logged FROM wallets WHERE id = ?1", [wallet.uuid()], |row| row.get(0));
    found.optional().ok().flatten()
}

/// Removes the oldest batches, up to one that is in the tables whole.
pub(super) fn forget(connection: &Connection, through: i64) -> Result<(), Fault> {
    let forget = || {
        connection.prepare_cached("DELETE FROM log WHERE number <= ?1")?.execute([through])?;
        connection.prepare_cached("UPDATE projected SET number = ?1 WHERE number < ?1")?.execute([through])
    };
    forget().map(drop).map_err(|error| fault(DOING, error))
}

/// Puts pages aside that the tables refuse. They are not lost, and their wallet is stopped.
pub(super) fn put_aside(connection: &Connection, slice: &Slice) -> Result<(), Fault> {
    let put = || {
        let mut insert = connection.prepare_cached("INSERT INTO refused_pages VALUES (?1, ?2, ?3)")?;
        let mut mark = connection.prepare_cached("UPDATE wallets SET logged = ?2 WHERE id = ?1")?;
        for (number, body) in slice.pages() {
            insert.execute(params![slice.wallet.uuid(), number, body])?;
            mark.execute(params![slice.wallet.uuid(), number])?;
        }
        Ok(())
    };
    put().map_err(|error| fault(DOING, error))
}

/// Wallets of which pages were put aside.
pub(super) fn list_refused<C: FromIterator<WalletId>>(connection: &Connection) -> Result<C, Fault> {
    let list = || {
        let mut statement = connection.prepare("SELECT DISTINCT wallet FROM refused_pages")?;
        let rows = statement.query_map([], |row| row.get(0).map(WalletId::from_uuid))?;
        rows.collect::<rusqlite::Result<C>>()
    };
    list().map_err(|error| fault(READING, error))
}
