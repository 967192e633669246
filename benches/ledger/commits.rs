//! How many transactions a database has committed, as it counts them itself.
//!
//! The books are not asked, so that the naive ones and ours are counted alike.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use benches::Failure;
use tokio_postgres::Client;

/// The counter of a SQLite file: the index of its write-ahead log holds a number that grows by one with each
/// transaction, at its ninth byte, in the machine's order. It wraps after four billion.
///
/// It must be dropped after the database is closed: closing a file lets go of all locks that this process has on it,
/// and SQLite's own would be among them.
pub struct WalCounter(File);

impl WalCounter {
    /// Of an open database in WAL mode.
    pub fn open(database: &Path) -> Option<Self> {
        let mut index = database.as_os_str().to_owned();
        index.push("-shm");
        File::open(index).ok().map(Self)
    }

    /// Transactions so far.
    pub fn read(&self) -> Option<u64> {
        let mut count = [0; 4];
        self.0.read_exact_at(&mut count, 8).ok()?;
        Some(u64::from(u32::from_ne_bytes(count)))
    }
}

/// PostgreSQL's count: each transaction that writes takes the next id. The server's own duties take a few as well.
pub async fn xids(client: &Client) -> Result<u64, Failure> {
    let sql = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text";
    Ok(client.query_one(sql, &[]).await?.get::<_, &str>(0).parse()?)
}
