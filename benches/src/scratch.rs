//! Databases that live as long as the run.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::{Failure, Server};
use tempfile::TempDir;
use tokio_postgres::{Client, Error, NoTls};

/// How many processes of the server sweep tables.
const SWEEPING: &str = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' \
                        OR state = 'active' AND query LIKE 'VACUUM%'";

/// How long sweeping is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Fills as many files of the server's log as it keeps, and has them used again. What holds them back until all are there is
/// gone at the end, or with the first error.
const RECYCLE: &str = "SELECT pg_create_physical_replication_slot('tare_bench', true, true); \
    SELECT pg_logical_emit_message(false, 'bench', ''), pg_switch_wal() FROM generate_series(1, least(128, \
    pg_size_bytes(current_setting('max_wal_size')) / pg_size_bytes(current_setting('wal_segment_size')))); \
    SELECT pg_drop_replication_slot('tare_bench'); CHECKPOINT";

/// A folder for files, and a PostgreSQL server when there is one.
pub struct Scratch {
    /// On the disk of the build output: a folder for temporary files can be memory, where durable means nothing.
    pub folder: TempDir,
    /// The server.
    pub postgres: Option<Postgres>,
}

/// A PostgreSQL server, for databases of our own.
pub struct Postgres {
    admin: Client,
    url: String,
    made: Vec<String>,
    /// Where its processor time is read, when it runs on this machine.
    pub server: Option<Server>,
    /// Its version and what it says about durability.
    pub described: String,
}

impl Scratch {
    /// Makes the folder and looks at the server.
    pub async fn open(folder: PathBuf, postgres: Option<String>) -> Result<Self, Failure> {
        let folder = TempDir::with_prefix_in("tare-bench-", folder)?;
        let postgres = match postgres {
            Some(url) => Some(Postgres::open(url).await?),
            None => None,
        };
        Ok(Self { folder, postgres })
    }

    /// Where a SQLite file of this name will be.
    pub fn sqlite(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.db"))
    }

    /// Removes what was made.
    pub async fn close(self) -> Result<(), Failure> {
        if let Some(postgres) = self.postgres {
            for name in &postgres.made {
                postgres.admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
            }
        }
        Ok(self.folder.close()?)
    }
}

impl Postgres {
    async fn open(url: String) -> Result<Self, Failure> {
        let admin = connect(&url).await?;
        let sql = "SELECT pg_backend_pid(), current_setting('server_version'), current_setting('fsync'), \
                   current_setting('synchronous_commit'), current_setting('full_page_writes')";
        let row = admin.query_one(sql, &[]).await?;
        let setting = |at: usize| row.get::<_, String>(at);
        if [2, 3, 4].map(setting).iter().any(|value| value != "on") {
            return Err(
                "this PostgreSQL has fsync, synchronous_commit or full_page_writes turned off, so that figures \
                        would not be those of durable money. Turn them on, or run `make bench`"
                    .into(),
            );
        }
        let server = Server::of_backend(row.get::<_, i32>(0) as u32);
        let version = setting(1);
        let version = version.split(' ').next().unwrap_or_default();
        let described = format!("PostgreSQL {version}, fsync, full_page_writes and synchronous_commit on");
        Ok(Self { admin, url, made: Vec::new(), server, described })
    }

    /// An empty database, and its URL.
    pub async fn database(&mut self, name: &str) -> Result<String, Failure> {
        let name = format!("tare_bench_{name}");
        self.admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        self.admin.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        let (address, options) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let (server, _) = address.rsplit_once('/').ok_or("the address of PostgreSQL names no database")?;
        let question = if options.is_empty() { "" } else { "?" };
        let url = format!("{server}/{name}{question}{options}");
        self.made.push(name);
        Ok(url)
    }

    /// Brings the server to where one is that has run for a while. It writes its log over files of an earlier time, while a
    /// new one makes and zeroes each file as commits wait for it; and what made the databases is on the disk, so that no
    /// checkpoint within the run has to bring a thousand new files there. For this the user must be a superuser.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn run_in(&self) -> Result<(), Failure> {
        self.rest().await?;
        if let Err(why) = self.admin.batch_execute(RECYCLE).await {
            let why = told(&why);
            eprintln!("the server is measured as a new one, which is slower for the first gigabytes of its log: {why}");
        }
        Ok(())
    }

    /// Has the server do what the last load left to it: tables to sweep and pages to write.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub async fn rest(&self) -> Result<(), Failure> {
        let began = Instant::now();
        while self.admin.query_one(SWEEPING, &[]).await?.get::<_, i64>(0) > 0 && began.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        if let Err(why) = self.admin.batch_execute("CHECKPOINT").await {
            eprintln!("what the last load left is written under the next one: {}", told(&why));
        }
        Ok(())
    }

    /// Transactions a second of one connection that inserts a row and waits for the disk.
    pub async fn commit_rate(&mut self, time: Duration) -> Result<f64, Failure> {
        let client = connect(&self.database("rate").await?).await?;
        client.batch_execute("CREATE TABLE written (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)").await?;
        let insert = client.prepare("INSERT INTO written DEFAULT VALUES").await?;
        let (mut count, began) = (0, Instant::now());
        while began.elapsed() < time {
            count += client.execute(&insert, &[]).await?;
        }
        Ok(count as f64 / began.elapsed().as_secs_f64())
    }
}

/// What the server said of an error.
fn told(error: &Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |told| told.message().to_owned())
}

/// A connection whose other half runs by itself until the client is dropped.
pub async fn connect(url: &str) -> Result<Client, Failure> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
