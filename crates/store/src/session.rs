//! One open connection to either database, seen the same way.
//!
//! Statements number their parameters `$1`, `$2`, ... on both. On SQLite every call is done when it
//! returns, so a future that only waits for the session never waits.

use std::time::Duration;

use rusqlite::Connection;
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use tokio_postgres::Client;

use crate::value::{Row, Value};
use crate::{Fault, postgres, sqlite};

/// A connection inside a transaction, or about to ask a single question.
pub(crate) struct Session<'a> {
    link: Link<'a>,
    doing: &'static str,
    again: Option<Fault>,
    /// How long PostgreSQL may leave a statement unanswered.
    patience: Duration,
}

/// Longer than PostgreSQL itself lets a statement take: who is silent for so long has gone without a word.
const PATIENCE: Duration = Duration::from_secs(65);

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
        Self { link: Link::Sqlite(connection), doing, again: None, patience: PATIENCE }
    }

    pub(crate) fn postgres(client: &'a Client, doing: &'static str) -> Self {
        Self { link: Link::Postgres(client), doing, again: None, patience: PATIENCE }
    }

    /// The same for statements that take the time they need.
    pub(crate) fn without_haste(self) -> Self {
        Self { patience: Duration::MAX, ..self }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self.link {
            Link::Sqlite(_) => Dialect::Sqlite,
            Link::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Why the whole transaction must run again, if the database asked for it.
    pub(crate) fn must_start_again(&mut self) -> Option<Fault> {
        self.again.take()
    }

    /// All rows of a query.
    pub(crate) async fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, Fault> {
        match &mut self.link {
            Link::Sqlite(connection) => sqlite::query(connection, sql, parameters, self.doing),
            Link::Postgres(client) => {
                let found = timeout(self.patience, postgres::query(client, sql, parameters)).await;
                self.explain(found)?.iter().map(postgres::row).collect()
            }
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
            Link::Postgres(client) => {
                let changed = timeout(self.patience, postgres::execute(client, sql, parameters)).await;
                self.explain(changed)
            }
        }
    }

    /// Statements without parameters or rows.
    pub(crate) async fn run(&mut self, sql: &str) -> Result<(), Fault> {
        match &mut self.link {
            Link::Sqlite(connection) => connection.execute_batch(sql).map_err(|error| sqlite::fault(self.doing, error)),
            Link::Postgres(client) => {
                let done = timeout(self.patience, client.batch_execute(sql)).await;
                self.explain(done)
            }
        }
    }

    fn explain<T>(&mut self, done: Result<Result<T, tokio_postgres::Error>, Elapsed>) -> Result<T, Fault> {
        let answered = done.map_err(|_| Fault::unavailable(self.doing, "the server does not answer"))?;
        answered.map_err(|error| {
            let fault = postgres::fault(self.doing, &error);
            if postgres::asks_again(&error) {
                self.again = Some(fault.clone());
            }
            fault
        })
    }
}
