//! The program inside a story: real services, a virtual clock, and the labels of the story.

use std::collections::BTreeMap;
use std::sync::Arc;

use billing::{Catalog, PriceBook};
use operations::{Context, Error, Ids, Services, jobs};
use store::{Database, Store};
use units::{HoldId, Instant, WalletId};

use crate::ids::CountingIds;

/// A running program whose clock the story moves.
pub struct World {
    database: Database,
    services: Option<Services>,
    ids: Arc<CountingIds>,
    now: Instant,
    /// Wallets by label, in the order of labels.
    pub(crate) wallets: BTreeMap<String, WalletId>,
    /// Holds by label.
    pub(crate) holds: BTreeMap<String, (WalletId, HoldId)>,
}

impl World {
    /// Starts the program on an empty database.
    pub async fn start(database: Database, catalog: Catalog, now: Instant) -> Result<Self, Error> {
        let services = Services {
            store: Store::open(&database).await?,
            catalog: Arc::new(catalog),
            prices: Arc::new(PriceBook::embedded()),
        };
        let ids = Arc::new(CountingIds::default());
        let (wallets, holds) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { database, services: Some(services), ids, now, wallets, holds })
    }

    /// What operations work with.
    pub fn services(&self) -> &Services {
        self.services.as_ref().expect("only a crash takes the services away, and brings them back")
    }

    /// The moment, and where ids come from.
    pub fn context(&self) -> Context {
        let ids: Arc<dyn Ids> = self.ids.clone();
        Context { now: self.now, ids }
    }

    /// Where the clock stands.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Moves the clock and runs everything that falls due on the way, each at its own moment.
    pub(crate) async fn advance(&mut self, to: Instant) -> Result<(), Error> {
        loop {
            let due = self.services().store.reader().next_due(self.now).await?;
            let Some(due) = due.filter(|due| self.now < *due && *due <= to) else { break };
            self.now = due;
            jobs::sweep(self.services(), &self.context()).await?;
        }
        self.now = self.now.max(to);
        jobs::sweep(self.services(), &self.context()).await?;
        Ok(())
    }

    /// Drops everything in memory without warning and comes back from the database.
    pub(crate) async fn crash(&mut self) -> Result<(), Error> {
        let services = self.services.take().expect("a story is told one step at a time");
        let Services { store, catalog, prices } = services;
        drop(store);
        self.services = Some(Services { store: Store::open(&self.database).await?, catalog, prices });
        Ok(())
    }

    /// Stops the program in good order.
    pub(crate) async fn stop(mut self) {
        if let Some(services) = self.services.take() {
            services.store.close().await;
        }
    }
}
