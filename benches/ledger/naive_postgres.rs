//! The naive way on PostgreSQL: each hold and each settlement a transaction that updates the wallet's row, from a pool
//! of connections. It is what most products do.
//!
//! At its best: the check and the update are one statement, every statement is prepared once for each connection, and
//! no other index is kept. It keeps less than Tare does: no grants, no draws, no journal, no rollups.

use std::sync::Mutex;

use benches::{Failure, Server, connect};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_postgres::{Client, Statement};

use crate::commits::xids;
use crate::request::{Request, id_of};

const TABLES: &str = "
    CREATE TABLE wallet (id uuid PRIMARY KEY, balance bigint NOT NULL, held bigint NOT NULL, \
        CHECK (held >= 0 AND balance >= held)) WITH (fillfactor = 50);
    CREATE TABLE hold (id uuid PRIMARY KEY, wallet uuid NOT NULL, amount bigint NOT NULL);
    CREATE TABLE usage (hold uuid PRIMARY KEY, wallet uuid NOT NULL, model text NOT NULL, input bigint NOT NULL, \
        cached bigint NOT NULL, output bigint NOT NULL, cost bigint NOT NULL);";

/// The books and their pool.
pub struct NaivePostgres {
    idle: Mutex<Vec<Connection>>,
    free: Semaphore,
    watcher: Client,
    server: Option<Server>,
}

struct Connection {
    client: Client,
    begin: Statement,
    commit: Statement,
    reserve: Statement,
    hold: Statement,
    charge: Statement,
    usage: Statement,
}

impl NaivePostgres {
    /// Makes the tables in an empty database, with wallets that have enough.
    pub async fn create(url: &str, wallets: usize) -> Result<(), Failure> {
        let client = connect(url).await?;
        client.batch_execute(TABLES).await?;
        let ids: Vec<_> = (0..wallets).map(|index| id_of(index, 0)).collect();
        let sql = "INSERT INTO wallet SELECT id, $2, 0 FROM unnest($1::uuid[]) AS id";
        client.execute(sql, &[&ids, &(i64::MAX / 2)]).await?;
        client.batch_execute("VACUUM ANALYZE").await?;
        Ok(())
    }

    /// Opens a pool on such a database.
    pub async fn open(url: &str, connections: usize, server: Option<Server>) -> Result<Self, Failure> {
        let mut idle = Vec::with_capacity(connections);
        for _ in 0..connections {
            idle.push(Connection::open(url).await?);
        }
        let watcher = connect(url).await?;
        Ok(Self { idle: Mutex::new(idle), free: Semaphore::new(connections), watcher, server })
    }

    /// Reserves.
    pub async fn hold(&self, request: &Request) -> Result<(), Failure> {
        let (wallet, amount) = (id_of(request.wallet, 0), request.wanted().nanos());
        let (_permit, connection) = self.take().await?;
        let Connection { client, begin, commit, reserve, hold, .. } = &connection;
        client.execute(begin, &[]).await?;
        one(client.execute(reserve, &[&wallet, &amount]).await?)?;
        one(client.execute(hold, &[&request.hold.uuid(), &wallet, &amount]).await?)?;
        client.execute(commit, &[]).await?;
        self.give_back(connection)
    }

    /// Charges and records.
    pub async fn settle(&self, request: &Request) -> Result<(), Failure> {
        let (wallet, held) = (id_of(request.wallet, 0), request.wanted().nanos());
        let (id, cost) = (request.hold.uuid(), request.cost().to_amount_ceil()?.nanos());
        let [input, cached, output] = [request.input, request.cached, request.output].map(|count| count as i64);
        let (_permit, connection) = self.take().await?;
        let Connection { client, begin, commit, charge, usage, .. } = &connection;
        client.execute(begin, &[]).await?;
        one(client.execute(charge, &[&wallet, &cost, &held]).await?)?;
        one(client.execute(usage, &[&id, &wallet, &request.model, &input, &cached, &output, &cost]).await?)?;
        client.execute(commit, &[]).await?;
        self.give_back(connection)
    }

    /// Rows of usage of a wallet.
    pub async fn charges(&self, wallet: usize) -> Result<u64, Failure> {
        let sql = "SELECT count(*) FROM usage WHERE wallet = $1";
        Ok(self.watcher.query_one(sql, &[&id_of(wallet, 0)]).await?.get::<_, i64>(0) as u64)
    }

    /// Transactions so far.
    pub async fn commits(&self) -> Option<u64> {
        xids(&self.watcher).await.ok()
    }

    /// The server.
    pub const fn server(&self) -> Option<Server> {
        self.server
    }

    /// Waits for a connection. One that fails is not given back: the run ends then.
    async fn take(&self) -> Result<(SemaphorePermit<'_>, Connection), Failure> {
        let permit = self.free.acquire().await?;
        let taken = self.idle.lock().map_err(|_| "a caller failed")?.pop();
        Ok((permit, taken.ok_or("a connection is gone")?))
    }

    fn give_back(&self, connection: Connection) -> Result<(), Failure> {
        self.idle.lock().map_err(|_| "a caller failed")?.push(connection);
        Ok(())
    }
}

impl Connection {
    async fn open(url: &str) -> Result<Self, Failure> {
        let client = connect(url).await?;
        let reserve = "UPDATE wallet SET held = held + $2 WHERE id = $1 AND balance - held >= $2";
        let charge = "UPDATE wallet SET held = held - $3, balance = balance - $2 WHERE id = $1";
        Ok(Self {
            begin: client.prepare("BEGIN").await?,
            commit: client.prepare("COMMIT").await?,
            reserve: client.prepare(reserve).await?,
            hold: client.prepare("INSERT INTO hold VALUES ($1, $2, $3)").await?,
            charge: client.prepare(charge).await?,
            usage: client.prepare("INSERT INTO usage VALUES ($1, $2, $3, $4, $5, $6, $7)").await?,
            client,
        })
    }
}

/// A refused hold would make the figures those of something else.
fn one(rows: u64) -> Result<(), Failure> {
    match rows {
        1 => Ok(()),
        rows => Err(format!("a statement changed {rows} rows where one was meant").into()),
    }
}
