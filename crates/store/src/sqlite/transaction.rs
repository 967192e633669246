//! One transaction on the writer's connection.

use rusqlite::Connection;

use crate::Fault;

/// Why a transaction was not committed.
pub(super) enum Ended<E> {
    /// Its work said no.
    Refused(E),
    /// The disk did.
    Failed(Fault),
}

impl From<Ended<Fault>> for Fault {
    fn from(ended: Ended<Fault>) -> Self {
        match ended {
            Ended::Refused(fault) | Ended::Failed(fault) => fault,
        }
    }
}

/// Runs one transaction: committed when the work succeeds, else rolled back.
pub(super) fn in_transaction<T, E>(
    connection: &mut Connection,
    doing: &'static str,
    work: impl FnOnce(&mut Connection) -> Result<T, E>,
) -> Result<T, Ended<E>> {
    let run = |connection: &Connection, sql| {
        let done = connection.prepare_cached(sql).and_then(|mut statement| statement.execute([]));
        done.map(drop).map_err(|error| Ended::Failed(super::fault(doing, error)))
    };
    run(connection, "BEGIN IMMEDIATE")?;
    let done = work(connection).map_err(Ended::Refused);
    let ended = done.and_then(|value| run(connection, "COMMIT").map(|()| value));
    if ended.is_err() && !connection.is_autocommit() {
        run(connection, "ROLLBACK")?;
    }
    ended
}
