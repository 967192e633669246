//! A small world: a real store, a clock that the test moves, mail that is kept, and the sandbox.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use billing::{Catalog, PriceBook};
use connectors::mail::{KeptMail, Postbox};
use connectors::processor::Processor;
use connectors::processor::sandbox::Sandbox;
use operations::jobs::{self, Ran};
use operations::payment::StoreShelf;
use operations::{Context, Door, Ids, Outside, Services};
use store::{Database, Store};
use tempfile::TempDir;
use units::{Instant, Seconds};
use uuid::Uuid;

struct Counting(AtomicU64);

impl Ids for Counting {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128((self.0.fetch_add(1, Ordering::Relaxed) + 1).into())
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [7; 32];
        secret[..8].copy_from_slice(&(self.0.fetch_add(1, Ordering::Relaxed) + 1).to_be_bytes());
        secret
    }
}

/// A clock that the test moves.
pub struct Clock(Mutex<Instant>, Arc<Counting>);

impl Door for Clock {
    fn context(&self) -> Context {
        Context { now: *self.0.lock().unwrap(), ids: self.1.clone() }
    }
}

impl Clock {
    pub fn wait(&self, seconds: i64) {
        let mut now = self.0.lock().unwrap();
        *now = now.plus(Seconds(seconds));
    }
}

/// What signs events.
pub const SECRET: &str = "secret";

/// In memory where there is such a place: what is tested is not the disk.
pub fn scratch_folder() -> TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory).unwrap() } else { TempDir::new().unwrap() }
}

pub struct World {
    pub services: Services,
    pub clock: Arc<Clock>,
    pub kept: Arc<KeptMail>,
    pub sandbox: Arc<Sandbox>,
    folder: TempDir,
}

impl World {
    pub async fn new() -> Self {
        Self::with(Catalog::embedded()).await
    }

    pub async fn with(catalog: Catalog) -> Self {
        let folder = scratch_folder();
        let database = Database::Sqlite(folder.path().join("tare.db"));
        Self::on(&database, folder, "2028-02-29T23:59:59Z".parse().unwrap(), 0, catalog).await
    }

    /// On the database of this folder, new or not. Ids are counted from there.
    pub async fn open(folder: TempDir, now: Instant, first_id: u64) -> Self {
        let database = Database::Sqlite(folder.path().join("tare.db"));
        Self::on(&database, folder, now, first_id, Catalog::embedded()).await
    }

    pub async fn on(database: &Database, folder: TempDir, now: Instant, first_id: u64, catalog: Catalog) -> Self {
        let kept = Arc::new(KeptMail::default());
        let clock = Arc::new(Clock(Mutex::new(now), Arc::new(Counting(AtomicU64::new(first_id)))));
        let store = Store::open(database).await.unwrap();
        let (shelf, seen) = (Arc::new(StoreShelf(store.clone())), clock.clone());
        let sandbox = Arc::new(Sandbox::new(shelf, move || seen.context().now, "http://localhost", SECRET.to_owned()));
        let processor: Arc<dyn Processor> = sandbox.clone();
        let outside =
            Outside { postbox: Postbox::in_memory(kept.clone()), processor: Some(processor), ..Outside::default() };
        let services = Services { outside, ..Services::new(store, catalog, PriceBook::embedded()) };
        Self { services, clock, kept, sandbox, folder }
    }

    /// Where the database is.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub fn context(&self) -> Context {
        self.clock.context()
    }

    pub async fn run(&self) -> Ran {
        let door: Arc<dyn Door> = self.clock.clone();
        jobs::run(&self.services, &door).await.unwrap()
    }
}
