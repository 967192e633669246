//! Reading beside the writers: committed states only, and never a lock that a writer waits for.

mod charges;
mod due;
mod past;
mod size;
mod terms;
mod totals;
mod wallets;

pub use charges::ChargeRow;
pub use past::PastRow;
pub(crate) use past::position;
pub use size::{AccountTotals, BookSize};
pub use terms::TermsRow;
pub use totals::UsageDailyRow;
pub(crate) use totals::{USAGE_DAILY, list_usage_daily};
pub(crate) use wallets::list_transfers;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::FutureExt;

use crate::session::{Dialect, Session};
use crate::{Database, Fault, migrate, postgres, sqlite};

/// The way to ask. Clones share their connections.
#[derive(Clone)]
pub struct Reader {
    source: Source,
}

#[derive(Clone)]
enum Source {
    Sqlite(Arc<sqlite::Readers>),
    Postgres(Arc<postgres::Pool>),
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
            Database::Sqlite(path) => Source::Sqlite(Arc::new(sqlite::Readers::new(path))),
            Database::Postgres(url) => Source::Postgres(Arc::new(postgres::Pool::new(url)?)),
        };
        let reader = Self { source };
        reader.read("opening the database", |session| Box::pin(migrate::require_known(session))).await?;
        Ok(reader)
    }

    /// Asks the database anything, to see whether it answers.
    pub async fn ping(&self) -> Result<(), Fault> {
        self.read("asking the database for an answer", |session| {
            Box::pin(async move { session.find("SELECT 1", &[]).await.map(drop) })
        })
        .await
    }

    /// Reads with one statement, or with several that need not agree.
    pub(crate) async fn read<T, F>(&self, doing: &'static str, read: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Session<'_>) -> Reading<'a, T> + Send + 'static,
    {
        match &self.source {
            Source::Sqlite(readers) => {
                let at_once = move |connection: &mut rusqlite::Connection| {
                    let mut session = Session::sqlite(connection, doing);
                    read(&mut session).now_or_never().expect("SQLite answers at once")
                };
                readers.with(doing, at_once).await
            }
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
        self.read(doing, move |session| {
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
