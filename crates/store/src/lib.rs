//! Every line of SQL, for SQLite and PostgreSQL, and the one queue through which the books are written.
