//! Show 7 (RELIABILITY.md, T3 and T4): servers killed outright under load, and what the books say afterwards.
//!
//! What must hold, whenever the kill came:
//! - `tare verify` is clean after every restart;
//! - every acknowledged answer (one that came to its end and named cost and balance) is charged exactly once,
//!   with that cost;
//! - no call upstream is charged twice, and a charge is what the upstream bills for its call;
//! - a call without a charge is one whose client saw its connection break: the process that knew of it is gone,
//!   its hold lapses with its lease, and nothing was debited;
//! - so the debits are the upstream's sum less those calls, and in the end nothing is held.

pub mod campaign;
pub mod driver;
mod judge;

use crate::is_release_size;
use crate::servers::Kind;

/// Kills of one campaign. A longer run is many campaigns, each with books of its own.
const SQLITE_KILLS: u64 = 200;
const POSTGRES_KILLS: u64 = 18;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_on_sqlite_comes_back_with_every_charge_once() {
    let campaigns = if is_release_size() { 2_000_u64.div_ceil(SQLITE_KILLS) } else { 1 };
    campaign::run(Kind::Sqlite, 1, SQLITE_KILLS, campaigns).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_servers_on_postgres_leave_every_charge_once() {
    let campaigns = if is_release_size() { 1_000_u64.div_ceil(POSTGRES_KILLS) } else { 1 };
    campaign::run(Kind::Postgres, 2, POSTGRES_KILLS, campaigns).await;
}
