//! People, organizations and keys: every test runs on SQLite and on PostgreSQL.
//!
//! PostgreSQL is the server at `TARE_TEST_POSTGRES`, which `tools/postgres with -- COMMAND` starts. Each
//! test makes a database of its own on it.

mod world;

mod api_key;
mod audit;
mod device;
mod letters;
mod operator;
mod organization;
mod policy;
mod races;
mod session;
mod sign_in;
mod sign_up;
mod suspension;
