//! The books that are compared, behind one face.

use benches::{Failure, Server};

use crate::naive_postgres::NaivePostgres;
use crate::naive_sqlite::NaiveSqlite;
use crate::request::Request;
use crate::tare::Tare;

/// Somebody's way to keep holds and charges.
pub enum Books {
    /// A transaction and a row update for each, on SQLite.
    NaiveSqlite(NaiveSqlite),
    /// A transaction and a row update for each, on PostgreSQL.
    NaivePostgres(NaivePostgres),
    /// Ours, on either.
    Tare(Tare),
}

impl Books {
    /// Holds the worst case of a request, durably.
    pub async fn hold(&self, request: &Request) -> Result<(), Failure> {
        match self {
            Self::NaiveSqlite(books) => books.hold(request).await,
            Self::NaivePostgres(books) => books.hold(request).await,
            Self::Tare(books) => books.hold(request).await,
        }
    }

    /// Charges the request's cost and records its usage, durably.
    pub async fn settle(&self, request: &Request) -> Result<(), Failure> {
        match self {
            Self::NaiveSqlite(books) => books.settle(request).await,
            Self::NaivePostgres(books) => books.settle(request).await,
            Self::Tare(books) => books.settle(request).await,
        }
    }

    /// Transactions committed so far, when they can be counted.
    pub async fn commits(&self) -> Option<u64> {
        match self {
            Self::NaiveSqlite(books) => books.commits(),
            Self::NaivePostgres(books) => books.commits().await,
            Self::Tare(books) => books.commits().await,
        }
    }

    /// The server that works for them, when it can be looked at.
    pub const fn server(&self) -> Option<Server> {
        match self {
            Self::NaiveSqlite(_) => None,
            Self::NaivePostgres(books) => books.server(),
            Self::Tare(books) => books.server(),
        }
    }

    /// How many charges are in the books of a wallet.
    pub async fn charges(&self, wallet: usize) -> Result<u64, Failure> {
        match self {
            Self::NaiveSqlite(books) => books.charges(wallet).await,
            Self::NaivePostgres(books) => books.charges(wallet).await,
            Self::Tare(books) => books.charges(wallet).await,
        }
    }

    /// Lets go of the database.
    pub async fn close(self) {
        if let Self::Tare(books) = self {
            books.close().await;
        }
    }
}
