//! A database of its own on a PostgreSQL server, for a story or a test.

use super::connect::Address;
use crate::{Database, Fault};

/// A fresh database. It stays until [`Scratch::drop_database`].
pub struct Scratch {
    server: String,
    name: String,
}

const MAKING: &str = "making a scratch database";
const DROPPING: &str = "dropping a scratch database";

impl Scratch {
    /// Makes a database on the server of this URL, whose user must be allowed to. The server draws its name.
    pub async fn create(server: &str) -> Result<Self, Fault> {
        let client = Address::parse(server)?.connect().await?;
        let name = "SELECT 'tare_scratch_' || replace(gen_random_uuid()::text, '-', '')";
        let row = client.query_one(name, &[]).await.map_err(|error| super::fault(MAKING, &error))?;
        let name: String = row.get(0);
        let sql = format!("CREATE DATABASE {name}");
        client.batch_execute(&sql).await.map_err(|error| super::fault(MAKING, &error))?;
        Ok(Self { server: server.to_owned(), name })
    }

    /// Its address: that of the server with another database.
    pub fn database(&self) -> Database {
        let (address, options) = match self.server.split_once('?') {
            Some((address, options)) => (address, format!("?{options}")),
            None => (self.server.as_str(), String::new()),
        };
        let scheme = address.find("://").map_or(0, |at| at + 3);
        let host = match address[scheme..].find('/') {
            Some(slash) => &address[..scheme + slash],
            None => address,
        };
        Database::Postgres(format!("{host}/{}{options}", self.name))
    }

    /// Drops it, with whoever is still connected.
    pub async fn drop_database(self) -> Result<(), Fault> {
        let client = Address::parse(&self.server)?.connect().await?;
        // The server writes everything to its disk before, and a busy disk takes longer than any statement may.
        client.batch_execute("SET statement_timeout = 0").await.map_err(|error| super::fault(DROPPING, &error))?;
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        client.batch_execute(&sql).await.map_err(|error| super::fault(DROPPING, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_names_the_new_database_and_keeps_the_rest() {
        for (server, expected) in [
            (
                "postgres://tare:secret@db.internal:5433/postgres?sslmode=require",
                "postgres://tare:secret@db.internal:5433/x?sslmode=require",
            ),
            ("postgres://db.internal", "postgres://db.internal/x"),
            ("postgres://%2Ftmp%2Fpg/postgres", "postgres://%2Ftmp%2Fpg/x"),
        ] {
            let scratch = Scratch { server: server.to_owned(), name: "x".to_owned() };
            assert_eq!(scratch.database(), Database::Postgres(expected.to_owned()));
        }
    }
}
