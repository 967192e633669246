//! Reading beside the writers: committed states only, and never a lock that a writer waits for.

mod charges;
mod due;
mod past;
mod size;
mod spent;
mod terms;
mod totals;
mod usage;
mod wallets;

pub use charges::ChargeRow;
pub use past::PastRow;
pub(crate) use past::position;
pub use size::{AccountTotals, BookSize};
pub use terms::TermsRow;
pub(crate) use usage::{USAGE_DAILY, list_usage_daily};
pub use usage::{UsageDailyRow, UsageSumRow};
pub(crate) use wallets::list_transfers;

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::FutureExt;
use units::WalletId;

use crate::session::{Dialect, Session};
use crate::{Database, Fault, migrate, postgres, sqlite};

/// The way to ask. Clones share their connections.
#[derive(Clone)]
pub struct Reader {
    source: Source,
}

#[derive(Clone)]
enum Source {
    /// With the way to the writer, when it is in this process.
    Sqlite(Arc<sqlite::Readers>, Option<sqlite::Ahead>),
    Postgres(Arc<postgres::Pool>),
}

/// Where the tables are when somebody is about to read them.
enum Tables<'a> {
    /// They have what was acknowledged.
    Follow,
    /// The disk does not take what they lack.
    Behind(&'a sqlite::Ahead),
}

/// A read that is under way on a session.
pub(crate) type Reading<'a, T> = Pin<Box<dyn Future<Output = Result<T, Fault>> + Send + 'a>>;

impl Reader {
    /// Opens a database for reading only, also while another process writes it.
    ///
    /// # Errors
    /// When it does not exist, or has another version than this program works with.
    pub async fn open(database: &Database) -> Result<Self, Fault> {
        let source = match database {
            Database::Sqlite(path) => Source::Sqlite(Arc::new(sqlite::Readers::new(path)), None),
            Database::Postgres(url) => Source::Postgres(Arc::new(postgres::Pool::new(url)?)),
        };
        let reader = Self { source };
        reader.read_beside("opening the database", |session| Box::pin(migrate::require_known(session))).await?;
        reader.inherit(database).await?;
        Ok(reader)
    }

    /// For the process that writes the file.
    pub(crate) fn beside_sqlite(path: &Path, ahead: sqlite::Ahead) -> Self {
        Self { source: Source::Sqlite(Arc::new(sqlite::Readers::new(path)), Some(ahead)) }
    }

    /// For a node.
    pub(crate) const fn beside_postgres(pool: Arc<postgres::Pool>) -> Self {
        Self { source: Source::Postgres(pool) }
    }

    /// Brings into the tables what a process that died left in the log of a file. On PostgreSQL every reader does.
    async fn inherit(&self, database: &Database) -> Result<(), Fault> {
        let Database::Sqlite(path) = database else { return Ok(()) };
        let has_log = |session: &mut Session<'_>| session.find("SELECT 1 FROM log LIMIT 1", &[]).now_or_never();
        let found = self.read_beside("reading the log", move |session| {
            Box::pin(std::future::ready(has_log(session).expect("SQLite answers at once")))
        });
        if found.await?.is_none() {
            return Ok(());
        }
        let path = path.clone();
        let done = tokio::task::spawn_blocking(move || sqlite::catch_up(&path)).await;
        done.map_err(|error| Fault::unavailable("opening the database", error))?
    }

    /// Asks the database anything, to see whether it answers.
    pub async fn ping(&self) -> Result<(), Fault> {
        self.read("asking the database for an answer", |session| {
            Box::pin(async move { session.find("SELECT 1", &[]).await.map(drop) })
        })
        .await
    }

    /// Waits until the tables of the books have everything that was acknowledged: of one wallet, or of all.
    /// Beside a process that writes a SQLite file they follow it by themselves, a moment later.
    async fn catch_up(&self, wallet: Option<WalletId>) -> Result<Tables<'_>, Fault> {
        match &self.source {
            Source::Sqlite(_, None) => Ok(Tables::Follow),
            Source::Sqlite(_, Some(ahead)) => match ahead.catch_up(wallet).await {
                Err(Fault::Unavailable { .. }) => Ok(Tables::Behind(ahead)),
                done => done.map(|()| Tables::Follow),
            },
            Source::Postgres(pool) => pool.catch_up().await.map(|()| Tables::Follow),
        }
    }

    /// Reads with one statement, or with several that need not agree.
    pub(crate) async fn read<T, F>(&self, doing: &'static str, read: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Session<'_>) -> Reading<'a, T> + Send + 'static,
    {
        match self.catch_up(None).await? {
            Tables::Follow => self.read_beside(doing, read).await,
            Tables::Behind(ahead) => read_ahead(ahead, None, doing, read).await,
        }
    }

    /// Reads the books of one wallet, or the people around it.
    pub(crate) async fn read_wallet<T, F>(&self, wallet: WalletId, doing: &'static str, read: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Session<'_>) -> Reading<'a, T> + Send + 'static,
    {
        match self.catch_up(Some(wallet)).await? {
            Tables::Follow => self.read_beside(doing, read).await,
            Tables::Behind(ahead) => read_ahead(ahead, Some(wallet), doing, read).await,
        }
    }

    /// Reads what stands beside the books: people, keys, settings. What was posted a moment ago may not be seen.
    pub(crate) async fn read_beside<T, F>(&self, doing: &'static str, read: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Session<'_>) -> Reading<'a, T> + Send + 'static,
    {
        match &self.source {
            Source::Sqlite(readers, _) => readers.with(doing, move |connection| at_once(connection, doing, read)).await,
            Source::Postgres(pool) => {
                let client = pool.take(doing).await?;
                let done = read(&mut Session::postgres(client.get(), doing)).await;
                // A client that failed is not used again.
                if done.is_ok() {
                    client.give_back();
                }
                done
            }
        }
    }

    /// Reads several times from one state of the database.
    pub(crate) async fn snapshot<T, F>(&self, doing: &'static str, read: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Session<'_>) -> Reading<'a, T> + Send + 'static,
    {
        match self.catch_up(None).await? {
            Tables::Follow => self.snapshot_beside(doing, read).await,
            Tables::Behind(ahead) => read_ahead(ahead, None, doing, read).await,
        }
    }

    /// Reads the books of one wallet several times from one state of the database.
    pub(crate) async fn snapshot_wallet<T, F>(&self, wallet: WalletId, doing: &'static str, read: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Session<'_>) -> Reading<'a, T> + Send + 'static,
    {
        match self.catch_up(Some(wallet)).await? {
            Tables::Follow => self.snapshot_beside(doing, read).await,
            Tables::Behind(ahead) => read_ahead(ahead, Some(wallet), doing, read).await,
        }
    }

    /// Reads one state of the tables as it is. The tables of one wallet always agree with each other.
    pub(crate) async fn snapshot_beside<T, F>(&self, doing: &'static str, read: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Session<'_>) -> Reading<'a, T> + Send + 'static,
    {
        self.read_beside(doing, move |session| {
            Box::pin(async move {
                let begin = match session.dialect() {
                    Dialect::Sqlite => "BEGIN",
                    Dialect::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                };
                session.run(begin).await?;
                let found = read(session).await?;
                session.run("COMMIT").await?;
                Ok(found)
            })
        })
        .await
    }
}

/// Reads at the writer's, in a transaction that already sees what the tables lack.
async fn read_ahead<T, F>(
    ahead: &sqlite::Ahead,
    wallet: Option<WalletId>,
    doing: &'static str,
    read: F,
) -> Result<T, Fault>
where
    T: Send + 'static,
    F: for<'a> FnOnce(&'a mut Session<'_>) -> Reading<'a, T> + Send + 'static,
{
    ahead.read(wallet, move |connection| at_once(connection, doing, read)).await
}

/// Reads on SQLite, where nothing is waited for.
fn at_once<T, F>(connection: &mut rusqlite::Connection, doing: &'static str, read: F) -> Result<T, Fault>
where
    F: for<'a> FnOnce(&'a mut Session<'_>) -> Reading<'a, T>,
{
    let mut session = Session::sqlite(connection, doing);
    read(&mut session).now_or_never().expect("SQLite answers at once")
}
