//! SQLite: one file, one writer thread that owns it, a few readers beside it.

mod ahead;
mod amend;
mod answering;
mod insert;
mod load;
mod lock;
mod log;
mod project;
mod readers;
mod save;
mod transaction;
mod writer;

pub(crate) use ahead::Ahead;
pub(crate) use readers::Readers;
pub(crate) use writer::{Job, catch_up, start};

use std::fs::OpenOptions;
use std::path::Path;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql, params_from_iter};

use crate::Fault;
use crate::value::{Row, Value};

/// How long one connection waits for another's lock on the file. Only a checkpoint or another program
/// holds one.
const LOCK_WAIT: std::time::Duration = std::time::Duration::from_secs(10);

/// Opens the file for writing and makes it when it is missing.
fn open_writer(path: &Path) -> Result<Connection, Fault> {
    make_private(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags)?;
    // A new file gets pages of 8 KiB: a batch is one long row, which is half as many pages then. FULL makes every commit
    // wait for the disk. The checkpoint is rare and large: about 64 MiB of log, half of that in an older file.
    let settings = "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                    PRAGMA wal_autocheckpoint = 8000; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;";
    let settings = match is_rigged() {
        true => {
            tracing::warn!("TARE_RIG_SYNCHRONOUS: commits do not wait for the disk, and a loss of power takes them");
            settings.replace("FULL", "NORMAL")
        }
        false => settings.to_owned(),
    };
    connection.execute_batch(&settings).map_err(|error| fault("opening the database", error))?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Whether commits are not to wait for the disk. Only for the rig that cuts the power, which must notice
/// (`tests/disk`, docs/proof.md): with it a loss of power takes acknowledged changes.
fn is_rigged() -> bool {
    std::env::var_os("TARE_RIG_SYNCHRONOUS").is_some_and(|value| value == "NORMAL")
}

/// Makes the file for its owner alone; SQLite gives the files beside it the same rights.
fn make_private(path: &Path) -> Result<(), Fault> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let made = options.open(path);
    made.map(drop).map_err(|error| Fault::Unusable(format!("cannot write the database {}: {error}", path.display())))
}

/// Opens the file for reading only.
fn open_reader(path: &Path) -> Result<Connection, Fault> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Moves everything from the log into the file, and waits for the disk.
fn checkpoint(connection: &Connection) -> Result<(), Fault> {
    let doing = "writing the log into the database";
    let is_busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
    match is_busy.map_err(|error| fault(doing, error))? {
        true => Err(Fault::Busy { doing }),
        false => Ok(()),
    }
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection, Fault> {
    let opened = Connection::open_with_flags(path, flags);
    let connection =
        opened.map_err(|error| Fault::Unusable(format!("cannot open the database {}: {error}", path.display())))?;
    connection.busy_timeout(LOCK_WAIT).map_err(|error| fault("opening the database", error))?;
    Ok(connection)
}

pub(crate) fn query(
    connection: &Connection,
    sql: &str,
    parameters: &[Value],
    doing: &'static str,
) -> Result<Vec<Row>, Fault> {
    let read = || {
        let mut statement = connection.prepare_cached(&sql.replace('$', "?"))?;
        let columns = statement.column_count();
        let mut rows = statement.query(params_from_iter(parameters))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let values = (0..columns).map(|column| row.get_ref(column).map(value));
            found.push(Row::new(values.collect::<rusqlite::Result<_>>()?));
        }
        Ok(found)
    };
    read().map_err(|error| fault(doing, error))
}

pub(crate) fn execute(
    connection: &Connection,
    sql: &str,
    parameters: &[Value],
    doing: &'static str,
) -> Result<u64, Fault> {
    let change = || connection.prepare_cached(&sql.replace('$', "?"))?.execute(params_from_iter(parameters));
    change().map(|rows| rows as u64).map_err(|error| fault(doing, error))
}

fn value(column: ValueRef<'_>) -> Value {
    match column {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        // No column holds one: the tables are strict. It will not be taken for anything else.
        ValueRef::Real(number) => Value::Text(number.to_string()),
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
            Self::Id(id) => ValueRef::Blob(id.as_bytes()),
        }))
    }
}

/// What an error of SQLite means for the caller.
pub(crate) fn fault(doing: &'static str, error: rusqlite::Error) -> Fault {
    let code = error.sqlite_error_code();
    // The message of a constraint names its columns, never their values.
    let cause = match &error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    };
    match code {
        Some(ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch | ErrorCode::TooBig) => {
            Fault::Rejected { doing, cause }
        }
        Some(ErrorCode::NotADatabase) => Fault::Unusable("the file is not a SQLite database".to_owned()),
        Some(ErrorCode::DatabaseCorrupt) => Fault::corrupt(format!("{doing}: {cause}")),
        Some(ErrorCode::Unknown) if cause.starts_with("no such table") => {
            Fault::Unusable(format!("the database is not tare's: {cause}"))
        }
        Some(ErrorCode::Unknown) => Fault::Rejected { doing, cause },
        Some(_) => Fault::Unavailable { doing, cause },
        None => Fault::corrupt(format!("{doing}: {cause}")),
    }
}
