//! One open connection to either database, seen the same way.
//!
//! Statements number their parameters `$1`, `$2`, ... on both. On SQLite every call is done when it
//! returns, so a future that only waits for the session never waits.

use rusqlite::Connection;
use tokio_postgres::Client;

use crate::value::{Row, Value};
use crate::{Fault, postgres, sqlite};

/// A connection inside a transaction, or about to ask a single question.
pub(crate) struct Session<'a> {
    link: Link<'a>,
    doing: &'static str,
}

enum Link<'a> {
    Sqlite(&'a mut Connection),
    Postgres(&'a Client),
}

/// Which words of SQL differ.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl<'a> Session<'a> {
    pub(crate) fn sqlite(connection: &'a mut Connection, doing: &'static str) -> Self {
        Self { link: Link::Sqlite(connection), doing }
    }

    pub(crate) fn postgres(client: &'a Client, doing: &'static str) -> Self {
        Self { link: Link::Postgres(client), doing }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self.link {
            Link::Sqlite(_) => Dialect::Sqlite,
            Link::Postgres(_) => Dialect::Postgres,
        }
    }

    /// All rows of a query.
    pub(crate) async fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, Fault> {
        match &mut self.link {
            Link::Sqlite(connection) => sqlite::query(connection, sql, parameters, self.doing),
            Link::Postgres(client) => postgres::query(client, sql, parameters, self.doing).await,
        }
    }

    /// The only row of a query, if there is one.
    pub(crate) async fn find(&mut self, sql: &str, parameters: &[Value]) -> Result<Option<Row>, Fault> {
        Ok(self.query(sql, parameters).await?.into_iter().next())
    }

    /// Changes rows, and answers how many.
    pub(crate) async fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<u64, Fault> {
        match &mut self.link {
            Link::Sqlite(connection) => sqlite::execute(connection, sql, parameters, self.doing),
            Link::Postgres(client) => postgres::execute(client, sql, parameters, self.doing).await,
        }
    }

    /// Statements without parameters or rows.
    pub(crate) async fn run(&mut self, sql: &str) -> Result<(), Fault> {
        match &mut self.link {
            Link::Sqlite(connection) => connection.execute_batch(sql).map_err(|error| sqlite::fault(self.doing, error)),
            Link::Postgres(client) => {
                client.batch_execute(sql).await.map_err(|error| postgres::fault(self.doing, &error))
            }
        }
    }
}
