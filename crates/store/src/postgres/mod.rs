//! PostgreSQL: nodes without state, each with a bookkeeper on a connection of its own.

mod amend;
mod batches;
mod bookkeeper;
mod connect;
mod load;
mod memory;
mod node;
mod pool;
mod projector;
mod save;
mod scratch;
mod spent;
mod statements;
mod stream;

pub(crate) use node::{Node, Order};
pub(crate) use pool::Pool;
pub use scratch::Scratch;

use tokio_postgres::error::{Severity, SqlState};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Error, Row as PgRow};
use uuid::Uuid;

use crate::Fault;
use crate::value::{Row, Value};

/// All rows of a query, in one round trip: types are named instead of asked for.
pub(crate) async fn query(client: &Client, sql: &str, parameters: &[Value]) -> Result<Vec<PgRow>, Error> {
    client.query_typed(sql, &typed(parameters)).await
}

/// Changes rows, and answers how many.
pub(crate) async fn execute(client: &Client, sql: &str, parameters: &[Value]) -> Result<u64, Error> {
    client.execute_typed(sql, &typed(parameters)).await
}

fn typed(parameters: &[Value]) -> Vec<(&(dyn ToSql + Sync), Type)> {
    let kind = |value: &Value| match value {
        Value::Null => Type::UNKNOWN,
        Value::Int(_) => Type::INT8,
        Value::Text(_) => Type::TEXT,
        Value::Bytes(_) => Type::BYTEA,
        Value::Id(_) => Type::UUID,
    };
    parameters.iter().map(|value| (value as &(dyn ToSql + Sync), kind(value))).collect()
}

/// A row in the shape of both databases.
pub(crate) fn row(row: &PgRow) -> Result<Row, Fault> {
    let value = |index: usize, kind: &Type| {
        Ok(match *kind {
            Type::INT8 => row.try_get::<_, Option<i64>>(index)?.map(Value::Int),
            Type::INT4 => row.try_get::<_, Option<i32>>(index)?.map(|number| Value::Int(number.into())),
            Type::TEXT => row.try_get::<_, Option<String>>(index)?.map(Value::Text),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(index)?.map(Value::Bytes),
            _ => row.try_get::<_, Option<Uuid>>(index)?.map(Value::Id),
        }
        .unwrap_or(Value::Null))
    };
    let values = row.columns().iter().enumerate().map(|(index, column)| value(index, column.type_()));
    let values: Result<Vec<Value>, Error> = values.collect();
    values.map(Row::new).map_err(|error| fault("reading a row", &error))
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) => number.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.to_sql(kind, out),
            Self::Id(id) => id.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        // Parameters are sent with the types of their values, see `typed`.
        true
    }

    to_sql_checked!();
}

/// What an error of PostgreSQL means for the caller. Details are left out: they name values.
pub(crate) fn fault(doing: &'static str, error: &Error) -> Fault {
    let Some(told) = error.as_db_error() else {
        return match error.is_closed() || is_io(error) {
            true => Fault::unavailable(doing, error),
            false => Fault::corrupt(format!("{doing}: {error}")),
        };
    };
    let code = told.code();
    let cause = format!("{} ({})", told.message(), code.code());
    match &code.code()[..2] {
        // Integrity, wrong data, program limits: the row is at fault.
        "22" | "23" | "54" => Fault::Rejected { doing, cause },
        "42" if *code == SqlState::UNDEFINED_TABLE => Fault::Unusable(format!("the database is not tare's: {cause}")),
        "28" | "3D" => Fault::Unusable(format!("the database cannot be opened: {cause}")),
        "42" => Fault::Rejected { doing, cause },
        "XX" => Fault::corrupt(format!("{doing}: {cause}")),
        _ => Fault::Unavailable { doing, cause },
    }
}

/// Whether PostgreSQL asks for the whole transaction again: it met another one.
pub(crate) fn asks_again(error: &Error) -> bool {
    let again = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED, SqlState::LOCK_NOT_AVAILABLE];
    error.code().is_some_and(|code| again.contains(code))
}

/// Whether the server answered a statement, and goes on to answer those behind it. An error that ends the
/// session answers nothing: a COMMIT can have happened just before it.
pub(crate) fn is_an_answer(error: &Error) -> bool {
    error.as_db_error().is_some_and(|told| told.parsed_severity() == Some(Severity::Error))
}

fn is_io(error: &Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
}
