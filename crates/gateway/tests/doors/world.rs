//! A small world: a real server on loopback, a real SQLite store, and the demo upstream with its own truth.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use billing::{Catalog, PriceBook};
use connectors::{
    demo::{DemoSettings, DemoUpstream, RunningDemo},
    upstream::{UpstreamSettings, Upstreams},
};
use gateway::{Doors, Gateway, Settings};
use operations::{
    Caller, Context, Door, Ids, Services,
    api_key::{self, CreateApiKey},
    byok::{MasterKey, MasterKeys},
    grant::{self, AdjustWallet},
    user::{self, SignUp},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::{ChargeRow, Database, Scratch, Store};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use units::{Amount, Cost, Instant, Seconds, WalletId};
use uuid::Uuid;

use crate::{
    http::{Answer, send},
    line::Line,
};

pub struct World {
    pub address: SocketAddr,
    pub key: String,
    pub wallet: WalletId,
    pub demo: RunningDemo,
    pub doors: Doors,
    pub services: Services,
    pub clock: Arc<Clock>,
    pub granted: Amount,
    servers: Vec<JoinHandle<()>>,
    database: Database,
    upstreams: fn(&RunningDemo) -> Vec<UpstreamSettings>,
    scratch: Option<Scratch>,
    /// What the test can cut.
    pub line: Option<Line>,
    _dir: TempDir,
}

/// Where the books of a test are.
#[derive(Clone, Copy, PartialEq)]
pub enum Books {
    Sqlite,
    /// A database of its own on the server at `TARE_TEST_POSTGRES`, which `tools/postgres with` starts.
    Postgres,
    /// The same, behind a line that the test can cut.
    PostgresBehindLine,
}

/// What a test wants otherwise than usual.
pub struct Wish {
    pub books: Books,
    pub balance: &'static str,
    pub settings: Settings,
    pub catalog: Catalog,
    pub demo: DemoSettings,
    pub upstreams: fn(&RunningDemo) -> Vec<UpstreamSettings>,
    pub prices: PriceBook,
}

impl Default for Wish {
    fn default() -> Self {
        let settings = Settings { public_url: "https://tare.example".to_owned(), ..Settings::default() };
        let upstreams = |demo: &RunningDemo| vec![upstream("demo", &demo.base_url())];
        let (catalog, demo, prices) = (Catalog::embedded(), DemoSettings::default(), PriceBook::embedded());
        Self { books: Books::Sqlite, balance: "5.00", settings, catalog, demo, upstreams, prices }
    }
}

/// An upstream that serves the demo models, and notices silence soon.
pub fn upstream(name: &str, base_url: &str) -> UpstreamSettings {
    let mut settings = UpstreamSettings::new(name, base_url, None, ("demo/*", "*"));
    settings.api_key = Some(connectors::upstream::ApiKey::new("sk-upstream-canary".to_owned()).unwrap());
    settings.first_byte_timeout_ms = 1_500;
    settings.idle_timeout_ms = 700;
    settings
}

impl World {
    pub async fn open() -> Self {
        Self::with(Wish::default()).await
    }

    pub async fn with(wish: Wish) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (database, scratch, line) = match wish.books {
            Books::Sqlite => (Database::Sqlite(dir.path().join("tare.db")), None, None),
            Books::Postgres | Books::PostgresBehindLine => {
                let server = std::env::var("TARE_TEST_POSTGRES")
                    .expect("`tools/postgres with -- cargo nextest run` gives the tests a server");
                let scratch = Scratch::create(&server).await.unwrap();
                let (database, line) = match wish.books {
                    Books::PostgresBehindLine => Line::before(&scratch.database()).await,
                    _ => (scratch.database(), None),
                };
                (database, Some(scratch), line)
            }
        };
        let store = Store::open(&database).await.unwrap();
        let demo = DemoUpstream::start_local(wish.demo).await.unwrap();
        let upstreams = Upstreams::new((wish.upstreams)(&demo)).unwrap();
        let mut catalog = wish.catalog;
        catalog.welcome.amount = Amount::ZERO;
        let services = Services::new(store, catalog, wish.prices);
        services.keyring.put(master_keys("test"));
        let clock = Arc::new(Clock::starting("2028-02-29T23:59:58.999999Z"));
        let (wallet, key) = someone(&services, &clock.context()).await;
        let granted: Amount = wish.balance.parse().unwrap();
        if granted.is_positive() {
            let gift = AdjustWallet { wallet, amount: granted, reason: "a test".to_owned(), key: None };
            grant::adjust(&services, &clock.context(), gift).await.unwrap();
        }
        let doors =
            Gateway { services: services.clone(), door: clock.clone(), upstreams, settings: wish.settings }.open();
        let (address, server) = serve(&doors).await;
        let servers = vec![server];
        let upstreams = wish.upstreams;
        Self {
            address,
            key,
            wallet,
            demo,
            doors,
            services,
            clock,
            granted,
            servers,
            database,
            upstreams,
            scratch,
            line,
            _dir: dir,
        }
    }

    /// Opens the doors of another node on the same database.
    pub async fn second_node(&mut self, settings: Settings) -> (Doors, SocketAddr) {
        let store = Store::open(&self.database).await.unwrap();
        let services = Services { store, ..self.services.clone() };
        let upstreams = Upstreams::new((self.upstreams)(&self.demo)).unwrap();
        let doors = Gateway { services, door: self.clock.clone(), upstreams, settings }.open();
        let (address, server) = serve(&doors).await;
        self.servers.push(server);
        (doors, address)
    }

    /// The upstreams that the doors ask.
    pub fn upstreams(&self) -> Upstreams {
        Upstreams::new((self.upstreams)(&self.demo)).unwrap()
    }

    /// All that stands in the files of the database.
    pub fn database_bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self._dir.path()).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap_or_default()).collect()
    }

    /// Sends a chat request with another key and further headers.
    pub async fn chat_as(&self, key: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let bearer = format!("Bearer {key}");
        let own = [("authorization", &*bearer), ("content-type", "application/json")];
        let headers: Vec<(&str, &str)> = own.into_iter().chain(headers.iter().copied()).collect();
        send(self.address, "POST", "/v1/chat/completions", &headers, body.to_string().as_bytes()).await
    }

    /// The bearer header of the key.
    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.key)
    }

    /// Sends a chat request with the key.
    pub async fn chat(&self, body: &Value) -> Answer {
        self.post(body.to_string().as_bytes()).await
    }

    /// Sends bytes to the chat door with the key.
    pub async fn post(&self, body: &[u8]) -> Answer {
        let headers = [("authorization", &*self.bearer()), ("content-type", "application/json")];
        send(self.address, "POST", "/v1/chat/completions", &headers, body).await
    }

    /// Gets a path with the key.
    pub async fn get(&self, path: &str) -> Answer {
        send(self.address, "GET", path, &[("authorization", &self.bearer())], b"").await
    }

    pub async fn available(&self) -> Amount {
        let wallet = self.services.store.reader().load_wallet(self.wallet).await.unwrap().unwrap();
        wallet.available(self.clock.now())
    }

    pub async fn held(&self) -> Amount {
        self.services.store.reader().load_wallet(self.wallet).await.unwrap().unwrap().held()
    }

    /// All charges, the latest first.
    pub async fn charges(&self) -> Vec<ChargeRow> {
        self.services.store.reader().list_charges(self.wallet, None, 10_000).await.unwrap()
    }

    /// The cost of all charges.
    pub async fn charged(&self) -> Cost {
        self.charges().await.iter().map(|row| row.charge.cost).sum()
    }

    /// What the upstream bills for all calls.
    pub fn billed(&self) -> Cost {
        self.demo.truth().sum().billed
    }

    /// Waits until everything is settled.
    pub async fn settle(&self) {
        let patience = Duration::from_secs(30);
        tokio::time::timeout(patience, self.doors.close()).await.expect("the doors close in time");
        let idle = tokio::time::timeout(patience, self.demo.truth().idle()).await;
        idle.unwrap_or_else(|_| panic!("the upstream still works on {:?}", self.demo.truth().sum()));
    }

    /// Ends the world: nothing is held, and every charge was debited to the nanodollar.
    pub async fn close(self) {
        self.settle().await;
        let reader = self.services.store.reader();
        let wallet = reader.load_wallet(self.wallet).await.unwrap().unwrap();
        assert_eq!(wallet.holds().count(), 0, "a hold is left open");
        let rows = self.charges().await;
        let debited: Amount = rows.iter().map(|row| row.charge.debited).sum();
        let lost: Amount = rows.iter().map(|row| row.charge.lost).sum();
        let cost: Cost = rows.iter().map(|row| row.charge.cost).sum();
        assert_eq!(wallet.balance(self.clock.now()), self.granted.checked_sub(debited).unwrap());
        let whole = cost.attos() / 1_000_000_000;
        assert_eq!(i128::from(debited.nanos() + lost.nanos()), whole, "debits are the costs in whole nanodollars");
        assert_eq!(self.demo.truth().sum().trapped, 0, "a redirect was followed");
        self.servers.iter().for_each(JoinHandle::abort);
        self.demo.shutdown().await;
        self.services.store.close().await;
        if let Some(scratch) = self.scratch {
            scratch.drop_database().await.unwrap();
        }
    }

    /// Ends the world, where all that the upstream bills was charged.
    pub async fn close_exact(self) {
        self.settle().await;
        assert_eq!(self.charged().await, self.billed(), "what was charged is what the upstream bills");
        self.close().await;
    }
}

async fn serve(doors: &Doors) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    (address, tokio::spawn(gateway::serve(listener, doors.router(), std::future::pending())))
}

/// A person with a wallet and a key.
pub async fn someone(services: &Services, context: &Context) -> (WalletId, String) {
    let name = format!("{}@example.com", context.ids.uuid());
    let person = user::sign_up(services, context, SignUp { name, country: None }).await.unwrap();
    let (wallet, user) = (person.wallet, Some(person.user));
    let wish = CreateApiKey { wallet, user, name: "test".to_owned(), expires_at: None, limit: None };
    let key = api_key::create(services, context, &Caller::Operator, wish).await.unwrap();
    (person.wallet, key.secret)
}

/// One master key of that name.
pub fn master_keys(name: &str) -> MasterKeys {
    MasterKeys::parse(&MasterKey::line(name, [7; 32])).ok().unwrap()
}

/// A chat request.
pub fn ask(model: &str, text: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": text}]})
}

/// A chat request for a stream.
pub fn ask_stream(model: &str, text: &str) -> Value {
    json!({"model": model, "stream": true, "messages": [{"role": "user", "content": text}]})
}

/// A clock that moves when it is told to, and true ids.
pub struct Clock {
    now: Mutex<Instant>,
    /// Ids until one panics.
    pub ids: Arc<AtomicI64>,
}

impl Clock {
    fn starting(at: &str) -> Self {
        Self { now: Mutex::new(at.parse().unwrap()), ids: Arc::new(AtomicI64::new(i64::MAX)) }
    }

    pub fn now(&self) -> Instant {
        *self.now.lock().unwrap()
    }

    pub fn advance(&self, seconds: i64) {
        let mut now = self.now.lock().unwrap();
        *now = now.plus(Seconds(seconds));
    }

    pub fn context(&self) -> Context {
        Context { now: self.now(), ids: Arc::new(TrueIds(self.ids.clone())) }
    }
}

impl Door for Clock {
    fn context(&self) -> Context {
        self.context()
    }
}

struct TrueIds(Arc<AtomicI64>);

impl Ids for TrueIds {
    fn uuid(&self) -> Uuid {
        assert_ne!(self.0.fetch_sub(1, Ordering::Relaxed), 0, "no more ids, as the test wants");
        Uuid::now_v7()
    }

    fn secret(&self) -> [u8; 32] {
        // The first half of such a UUID is the time.
        Sha256::digest(Uuid::now_v7().as_bytes()).into()
    }
}
