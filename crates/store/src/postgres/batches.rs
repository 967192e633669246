//! Settling a lost answer to a COMMIT: by asking the database what happened, never by guessing.

use std::time::Duration;

use tokio_postgres::Client;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::connect::Address;
use crate::Fault;

const DOING: &str = "looking for the outcome of a transaction";

/// The name of one transaction.
#[derive(Clone, Copy, Debug)]
pub(super) struct BatchId {
    pub node: Uuid,
    pub number: i64,
}

/// How long a server that does not answer is asked, and how long between two questions. Longer than the
/// server keeps the session of a lost transaction open.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(200);

/// The row that a transaction inserts to show that it happened.
pub(super) const HAPPENED: &str = "INSERT INTO batches (node, number, happened) VALUES ($1, $2, true)";

/// A name for the transactions of one connection, drawn by the database.
pub(super) async fn new_node(client: &Client) -> Result<Uuid, Fault> {
    let row = client.query_typed_one("SELECT gen_random_uuid()", &[]).await;
    row.and_then(|row| row.try_get(0)).map_err(|error| super::fault("connecting to PostgreSQL", &error))
}

/// Whether the transaction was committed. When it was not, it never will be: its row is taken.
pub(super) async fn settle(address: &Address, batch: BatchId) -> Result<bool, Fault> {
    let asking = async {
        loop {
            match ask(address, batch).await {
                Ok(happened) => return happened,
                Err(fault) => tracing::debug!(?batch, %fault, "the outcome of a transaction is not known yet"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    let unknown = |_| Fault::unavailable(DOING, "no answer; the same call again finds out");
    tokio::time::timeout(PATIENCE, asking).await.map_err(unknown)
}

async fn ask(address: &Address, batch: BatchId) -> Result<bool, Fault> {
    let client = address.connect().await?;
    let failed = |error: tokio_postgres::Error| super::fault(DOING, &error);
    let name = [(&batch.node as _, Type::UUID), (&batch.number as _, Type::INT8)];
    // While the transaction is still open on the server, this waits for its end.
    let claim = "INSERT INTO batches (node, number, happened) VALUES ($1, $2, false) ON CONFLICT DO NOTHING";
    client.execute_typed(claim, &name).await.map_err(failed)?;
    let found = "SELECT happened FROM batches WHERE node = $1 AND number = $2";
    client.query_typed_one(found, &name).await.and_then(|row| row.try_get(0)).map_err(failed)
}

/// Removes rows that nobody can ask for: those of connections that ended long ago.
pub(super) async fn prune(client: &Client) -> Result<(), Fault> {
    let old = "DELETE FROM batches WHERE written_at < now() - interval '1 day'";
    client.batch_execute(old).await.map_err(|error| super::fault("pruning batches", &error))
}
