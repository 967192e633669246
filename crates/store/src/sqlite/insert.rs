//! Inserting many rows of one table, several with each statement.
//!
//! A statement that inserts one row finds its place from the root of the table; one that inserts several goes on from
//! the row before, which is the neighbour of nearly every row of the books.

use rusqlite::{Connection, Statement, ToSql};

/// The statements that insert rows of a table: one row, and [`AT_ONCE`].
pub(super) struct Insert {
    one: String,
    some: String,
}

/// How many rows a statement inserts, where there are so many.
const AT_ONCE: usize = 16;

impl Insert {
    /// Rows of a table that has so many columns.
    pub(super) fn into(table: &str, columns: usize) -> Self {
        let row = format!("({})", vec!["?"; columns].join(", "));
        // Whoever inserts rolls everything back when a row is refused. With FAIL, SQLite need not be able to take back
        // the rows of the statement alone.
        let insert = |rows| format!("INSERT OR FAIL INTO {table} VALUES {}", vec![&*row; rows].join(", "));
        Self { one: insert(1), some: insert(AT_ONCE) }
    }

    /// Inserts all of them, in their order. `put` gives each its columns.
    pub(super) fn all<R>(
        &self,
        connection: &Connection,
        rows: &[R],
        put: impl Fn(&mut Places<'_, '_>, &R) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let (some, rest) = rows.as_chunks::<AT_ONCE>();
        let insert = |statement: &mut Statement<'_>, rows: &[R]| {
            let mut places = Places { statement, filled: 0 };
            rows.iter().try_for_each(|row| put(&mut places, row))?;
            statement.raw_execute().map(drop)
        };
        if !some.is_empty() {
            let mut statement = connection.prepare_cached(&self.some)?;
            some.iter().try_for_each(|rows| insert(&mut statement, rows))?;
        }
        if !rest.is_empty() {
            let mut statement = connection.prepare_cached(&self.one)?;
            rest.chunks(1).try_for_each(|row| insert(&mut statement, row))?;
        }
        Ok(())
    }
}

/// The columns of the rows of one statement, which are given one after the other.
pub(super) struct Places<'a, 'c> {
    statement: &'a mut Statement<'c>,
    filled: usize,
}

impl Places<'_, '_> {
    pub(super) fn put(&mut self, value: impl ToSql) -> rusqlite::Result<()> {
        self.filled += 1;
        self.statement.raw_bind_parameter(self.filled, value)
    }
}
