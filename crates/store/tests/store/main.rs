//! The store, on real databases: every story runs on SQLite and on PostgreSQL.
//!
//! PostgreSQL is the server at `TARE_TEST_POSTGRES`, which `tools/postgres with -- COMMAND` starts. Each
//! test makes a database of its own on it.

mod line;
mod scripts;
mod world;

mod agreement;
mod amendments;
mod books;
mod caps;
mod cuts;
mod due;
mod faults;
mod gauges;
mod idempotency;
mod invoices;
mod job;
mod likeness;
mod log;
mod lost_answers;
mod past;
mod people;
mod races;
mod roots;
mod usage;
mod verify;
