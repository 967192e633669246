//! Connections for reading, kept open between reads.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::Client;

use super::connect::Address;
use super::projector::Projector;
use crate::{Fault, PATIENCE};

/// How many reads run at once on one node.
const MOST: usize = 8;

/// A server with few connections must not run out of them for what nobody uses: it ends idle ones, where it knows how.
const END_WHEN_IDLE: &str =
    "SELECT set_config(name, '10s', false) FROM pg_settings WHERE name = 'idle_session_timeout'";

pub(crate) struct Pool {
    address: Address,
    projector: Arc<Projector>,
    idle: Mutex<Vec<Client>>,
    places: Arc<Semaphore>,
}

/// A connection that is lent to one read. Unless it is given back, it is closed: a read that failed or
/// was given up can have left a transaction open.
pub(crate) struct Lent {
    client: Client,
    pool: Arc<Pool>,
    _place: OwnedSemaphorePermit,
}

impl Pool {
    pub(crate) fn new(url: &str) -> Result<Self, Fault> {
        let address = Address::parse(url)?;
        let projector = Projector::new(address.clone());
        Ok(Self { address, projector, idle: Mutex::new(Vec::new()), places: Arc::new(Semaphore::new(MOST)) })
    }

    /// What brings the tables up to the log.
    pub(super) const fn projector(&self) -> &Arc<Projector> {
        &self.projector
    }

    /// Waits until the tables have everything that was appended before.
    pub(crate) async fn catch_up(self: &Arc<Self>) -> Result<(), Fault> {
        let doing = "reading the log";
        let lent = self.take(doing).await?;
        let sql = "SELECT max(log.number), (SELECT number FROM projected) FROM log";
        let found = lent.get().query_typed_one(sql, &[]).await;
        let read = |row: tokio_postgres::Row| Ok((row.try_get::<_, Option<i64>>(0)?, row.try_get::<_, i64>(1)?));
        let (last, projected) = found.and_then(read).map_err(|error| super::fault(doing, &error))?;
        lent.give_back();
        match last.filter(|last| *last > projected) {
            Some(last) => self.projector.catch_up(last).await.map(drop),
            None => Ok(()),
        }
    }

    /// Lends a connection, opening one when none is idle.
    pub(crate) async fn take(self: &Arc<Self>, doing: &'static str) -> Result<Lent, Fault> {
        let place = tokio::time::timeout(PATIENCE, Arc::clone(&self.places).acquire_owned()).await;
        let place = place.map_err(|_| Fault::Busy { doing })?.map_err(|_| Fault::Closed)?;
        let client = match self.idle() {
            Some(client) => client,
            None => {
                let client = self.address.connect().await?;
                client.batch_execute(END_WHEN_IDLE).await.map_err(|error| super::fault(doing, &error))?;
                client
            }
        };
        Ok(Lent { client, pool: Arc::clone(self), _place: place })
    }

    /// Lends a connection that was opened just now.
    pub(crate) async fn take_new(self: &Arc<Self>, doing: &'static str) -> Result<Lent, Fault> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.take(doing).await
    }

    /// Lends nothing any more.
    pub(crate) fn close(&self) {
        self.places.close();
    }

    fn idle(&self) -> Option<Client> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|client| !client.is_closed());
        idle.pop()
    }
}

impl Lent {
    pub(crate) fn get(&self) -> &Client {
        &self.client
    }

    pub(crate) fn give_back(self) {
        self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(self.client);
    }
}
