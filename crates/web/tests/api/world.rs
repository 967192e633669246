//! A small world: the site at a socket, over a database of either kind, and people with credits and keys.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::Router;
use billing::card_guard::CardLimits;
use billing::invoice::Document;
use billing::{Catalog, PriceBook, SpendingLimit};
use connectors::{
    demo::{DemoSettings, DemoUpstream, RunningDemo},
    mail::{KeptMail, Postbox},
    processor::{Processor, sandbox::Sandbox},
    upstream::{UpstreamSettings, Upstreams},
};
use gateway::Gateway;
use operations::{
    Caller, Context, Door, Ids, Outside, Services,
    api_key::{self, CreateApiKey, CreatedApiKey},
    byok::{MasterKey, MasterKeys},
    grant::{self, AdjustWallet},
    invoice::Printer,
    jobs,
    payment::StoreShelf,
    user::{self, SignUp},
};
use serde_json::{Value, json};
use store::{Database, Scratch, SessionKind, SessionRow, Store, UserRow, verify};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use units::{Amount, Instant, Seconds, SessionId, UserId, WalletId};
use uuid::Uuid;
use web::{Settings, Site, Web};

use crate::http::{Answer, Client};

pub struct World {
    pub address: SocketAddr,
    pub services: Services,
    pub clock: Arc<Clock>,
    pub client: Client,
    /// Who takes provider keys: the demo upstream, under two names.
    pub upstreams: Upstreams,
    pub demo: RunningDemo,
    /// Who takes payments.
    pub sandbox: Arc<Sandbox>,
    mails: Arc<KeptMail>,
    database: Database,
    scratch: Option<Scratch>,
    server: JoinHandle<()>,
    folder: TempDir,
}

/// Somebody with a wallet and a key.
#[derive(Clone, Debug)]
pub struct Person {
    pub wallet: WalletId,
    pub user: UserId,
    pub key: String,
}

/// Somebody who is signed in, or shows a key.
#[derive(Clone, Debug)]
pub struct Signed {
    pub user: UserId,
    pub wallet: WalletId,
    pub token: String,
}

impl Signed {
    /// From the answer to a sign-in.
    pub fn of(session: &Value) -> Self {
        let text = |name: &str| session[name].as_str().unwrap();
        Self {
            user: text("user").parse().unwrap(),
            wallet: text("wallet").parse().unwrap(),
            token: text("token").to_owned(),
        }
    }
}

/// Defines each test twice: `sqlite::name` and `postgres::name`.
#[macro_export]
macro_rules! on_both {
    ($($(#[$doc:meta])* async fn $name:ident($world:ident: World) $body:block)*) => {
        $($(#[$doc])* async fn $name($world: $crate::world::World) $body)*
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name($crate::world::World::sqlite().await).await })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name($crate::world::World::postgres().await).await })*
        }
    };
}

impl World {
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(folder.path().join("tare.db"));
        Self::open(database, None, folder).await
    }

    pub async fn postgres() -> Self {
        let server = std::env::var("TARE_TEST_POSTGRES")
            .expect("`tools/postgres with -- cargo nextest run` gives the tests a server");
        let scratch = Scratch::create(&server).await.unwrap();
        Self::open(scratch.database(), Some(scratch), tempfile::tempdir().unwrap()).await
    }

    async fn open(database: Database, scratch: Option<Scratch>, folder: TempDir) -> Self {
        let mut catalog = Catalog::embedded();
        // All tests come from one address.
        catalog.limits.cards = CardLimits { tries_per_hour: 1_000, tries_per_network: 1_000, ..catalog.limits.cards };
        catalog.limits.cards.backoff_seconds = 0;
        catalog.welcome.amount = Amount::ZERO;
        catalog.limits.codes_per_network = 10_000;
        catalog.limits.devices_per_network = 1_000;
        let mails = Arc::new(KeptMail::default());
        let store = Store::open(&database).await.unwrap();
        let clock = Arc::new(Clock(Mutex::new("2028-02-29T23:59:58.999999Z".parse().unwrap())));
        let sandbox = sandbox(&store, &clock);
        let (postbox, processor) = (Postbox::in_memory(mails.clone()), Some(sandbox.clone() as _));
        let services = Services {
            outside: Outside { postbox, processor, printer: Some(Arc::new(NumberPrinter)), ..Outside::default() },
            receipt_key: Some(crate::receipts::key()),
            ..Services::new(store, catalog, PriceBook::embedded())
        };
        services.keyring.put(MasterKeys::parse(&MasterKey::line("test", [7; 32])).ok().unwrap());
        let demo = DemoUpstream::start_local(DemoSettings::default()).await.unwrap();
        let named = |name| UpstreamSettings::new(name, &demo.base_url(), None, ("demo/*", "*"));
        let upstreams = Upstreams::new(vec![named("demo"), named("second")]).unwrap();
        let (address, server) = serve(site(&services, &clock, &upstreams, &sandbox), no_gateway()).await;
        let client = Client::new();
        Self { address, services, clock, client, upstreams, demo, sandbox, mails, database, scratch, server, folder }
    }

    /// Where the database of SQLite is.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Stops the server and starts another on the same database.
    pub async fn restart(&mut self) {
        self.server.abort();
        self.services.store.clone().close().await;
        self.services.store = Store::open(&self.database).await.unwrap();
        self.sandbox = sandbox(&self.services.store, &self.clock);
        self.services.outside.processor = Some(self.sandbox.clone());
        let site = site(&self.services, &self.clock, &self.upstreams, &self.sandbox);
        (self.address, self.server) = serve(site, no_gateway()).await;
        self.client = Client::new();
    }

    /// The same server with the gateway behind the site, as the program runs both.
    pub async fn with_gateway(mut self) -> Self {
        let (services, door, upstreams) = (self.services.clone(), self.clock.clone(), self.upstreams.clone());
        let doors = Gateway { services, door, upstreams, settings: gateway::Settings::default() }.open();
        self.server.abort();
        let site = site(&self.services, &self.clock, &self.upstreams, &self.sandbox);
        (self.address, self.server) = serve(site, doors.router()).await;
        self
    }

    /// The same server with another processor, which nobody asks for anything.
    pub async fn with_processor(mut self, processor: Arc<dyn Processor>) -> Self {
        self.services.outside.processor = Some(processor);
        self.server.abort();
        let site = site(&self.services, &self.clock, &self.upstreams, &self.sandbox);
        (self.address, self.server) = serve(site, no_gateway()).await;
        self
    }

    /// A person with so many dollars.
    pub async fn person(&self, credits: &str) -> Person {
        let context = self.clock.context();
        let name = format!("{}@example.com", context.ids.uuid());
        let person = user::sign_up(&self.services, &context, SignUp { name, country: None }).await.unwrap();
        let amount: Amount = credits.parse().unwrap();
        if amount.is_positive() {
            let gift = AdjustWallet { wallet: person.wallet, amount, reason: "a test".to_owned(), key: None };
            grant::adjust(&self.services, &context, gift).await.unwrap();
        }
        self.key(&Person { wallet: person.wallet, user: person.user, key: String::new() }, None).await
    }

    /// The same person with another key.
    pub async fn key(&self, person: &Person, limit: Option<SpendingLimit>) -> Person {
        let wish = CreateApiKey {
            wallet: person.wallet,
            user: Some(person.user),
            name: "test".to_owned(),
            expires_at: None,
            limit,
        };
        let key = api_key::create(&self.services, &self.clock.context(), &Caller::Operator, wish).await.unwrap();
        Person { key: key.secret, ..person.clone() }
    }

    /// Gets a path with the person's key.
    pub async fn get(&self, person: &Person, path: &str) -> Answer {
        let bearer = format!("Bearer {}", person.key);
        self.client.send(self.address, "GET", path, &[("authorization", &bearer)], "").await
    }

    /// Posts JSON with the person's key, and a key of its own for the change.
    pub async fn post(&self, person: &Person, path: &str, body: &Value) -> Answer {
        self.post_once(person, path, &Uuid::now_v7().to_string(), body).await
    }

    /// Posts JSON with this idempotency key.
    pub async fn post_once(&self, person: &Person, path: &str, key: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {}", person.key);
        let headers = [("authorization", &*bearer), ("content-type", "application/json"), ("idempotency-key", key)];
        self.client.send(self.address, "POST", path, &headers, body.to_string()).await
    }

    /// A person who is signed in, whom the catalog welcomed with nothing.
    pub async fn signed_in(&self, email: &str) -> Signed {
        let context = self.clock.context();
        let (id, wallet) = (UserId::from_uuid(context.ids.uuid()), WalletId::from_uuid(context.ids.uuid()));
        let user = UserRow { email: Some(email.to_owned()), ..UserRow::new(id, wallet, email.to_owned(), context.now) };
        self.services.store.write(async move |tx| tx.insert_user_with_wallet(&user).await).await.unwrap();
        self.signed_in_again(&Signed { user: id, wallet, token: String::new() }).await
    }

    /// The same person in another browser.
    pub async fn signed_in_again(&self, person: &Signed) -> Signed {
        self.session(person, SessionKind::Browser, "tare_ss_").await
    }

    /// A device of the person.
    pub async fn device_of(&self, person: &Signed) -> Signed {
        self.session(person, SessionKind::Device, "tare_dt_").await
    }

    async fn session(&self, person: &Signed, kind: SessionKind, prefix: &str) -> Signed {
        let context = self.clock.context();
        let secret: String = context.ids.secret().iter().map(|byte| format!("{byte:02x}")).collect();
        let token = format!("{prefix}{secret}");
        let hash = operations::secret::SESSION.hash(&token).or_else(|| operations::secret::DEVICE.hash(&token));
        let row = SessionRow {
            id: SessionId::from_uuid(context.ids.uuid()),
            user: person.user,
            kind,
            secret_hash: hash.unwrap(),
            client: "a browser".to_owned(),
            created_at: context.now,
            last_seen_at: context.now,
            expires_at: context.now.plus_days(30),
            revoked_at: None,
        };
        self.services.store.write(async move |tx| tx.insert_session(&row).await).await.unwrap();
        Signed { token, ..person.clone() }
    }

    /// Somebody who runs this server.
    pub async fn operator(&self) -> Signed {
        let signed = self.signed_in(&format!("op-{}@example.com", Uuid::now_v7().simple())).await;
        let user = signed.user;
        self.services.store.write(async move |tx| tx.set_operator(user, true).await.map(drop)).await.unwrap();
        signed
    }

    /// A key of the person for a wallet.
    pub async fn key_of(&self, person: &Signed, wallet: WalletId) -> Signed {
        Signed { token: self.make_key(person, wallet).await.secret, ..person.clone() }
    }

    /// The id of such a key.
    pub async fn key_id(&self, person: &Signed, wallet: WalletId) -> String {
        self.make_key(person, wallet).await.id.to_string()
    }

    async fn make_key(&self, person: &Signed, wallet: WalletId) -> CreatedApiKey {
        let (user, name) = (Some(person.user), "test".to_owned());
        let wish = CreateApiKey { wallet, user, name, expires_at: None, limit: None };
        api_key::create(&self.services, &self.clock.context(), &Caller::Operator, wish).await.unwrap()
    }

    /// Calls the API as somebody, or as nobody.
    pub async fn call(&self, who: Option<&Signed>, method: &str, path: &str, body: &Value) -> Answer {
        self.send(who, method, path, &Uuid::now_v7().to_string(), body).await
    }

    /// Posts with this idempotency key.
    pub async fn call_once(&self, who: &Signed, path: &str, key: &str, body: &Value) -> Answer {
        self.send(Some(who), "POST", path, key, body).await
    }

    async fn send(&self, who: Option<&Signed>, method: &str, path: &str, key: &str, body: &Value) -> Answer {
        let bearer = who.map(|who| format!("Bearer {}", who.token));
        let mut headers = vec![("content-type", "application/json"), ("idempotency-key", key)];
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.client.send(self.address, method, path, &headers, body).await
    }

    /// Asks for a page with the cookie, from an own page, and without the token that a form carries.
    pub async fn browse(&self, who: Option<&Signed>, method: &str, path: &str) -> Answer {
        let cookie = who.map(|who| format!("tare={}", who.token)).unwrap_or_default();
        let origin = format!("http://{}", self.address);
        let headers =
            [("cookie", &*cookie), ("origin", &*origin), ("content-type", "application/x-www-form-urlencoded")];
        self.client.send(self.address, method, path, &headers, "").await
    }

    /// The code in the last mail to an address.
    pub async fn mailed_code(&self, email: &str) -> String {
        let door: Arc<dyn Door> = self.clock.clone();
        jobs::run(&self.services, &door).await.unwrap();
        let mails = self.mails.take();
        let mail = mails.iter().rev().find(|mail| mail.to == email).expect("a mail");
        let digits = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
        mail.text.split_whitespace().find(digits).expect("a code").to_owned()
    }

    /// Places a hold of so many dollars.
    pub async fn hold(&self, person: &Person, amount: &str) -> String {
        let id = hold_id();
        self.post(person, "/api/v1/holds", &json!({"id": id, "amount": amount})).await.ok(201);
        id
    }

    pub async fn available(&self, person: &Person) -> Amount {
        let wallet = self.services.store.reader().load_wallet(person.wallet).await.unwrap().unwrap();
        wallet.available(self.clock.now())
    }

    /// Ends the world: the books agree with themselves.
    pub async fn close(self) {
        self.server.abort();
        let report = verify(self.services.store.reader(), &mut |_| ()).await.unwrap();
        assert!(report.differences.is_empty(), "{:?}", report.differences);
        self.demo.shutdown().await;
        self.services.store.close().await;
        if let Some(scratch) = self.scratch {
            scratch.drop_database().await.unwrap();
        }
    }
}

/// An id for a hold.
pub fn hold_id() -> String {
    format!("hld_{}", Uuid::now_v7().simple())
}

fn site(services: &Services, clock: &Arc<Clock>, upstreams: &Upstreams, sandbox: &Arc<Sandbox>) -> Site {
    let (services, upstreams, sandbox) = (services.clone(), upstreams.clone(), Some(sandbox.clone()));
    Web { services, door: clock.clone(), upstreams, sandbox, settings: Settings::default() }.open()
}

fn sandbox(store: &Store, clock: &Arc<Clock>) -> Arc<Sandbox> {
    let (shelf, clock) = (Arc::new(StoreShelf(store.clone())), clock.clone());
    let url = Settings::default().public_url;
    Arc::new(Sandbox::new(shelf, move || clock.now(), &url, "a secret".to_owned()))
}

/// What the site does not know goes to the gateway; here it says so.
fn no_gateway() -> Router {
    Router::new().fallback(async || (http::StatusCode::IM_A_TEAPOT, "the gateway"))
}

async fn serve(site: Site, next: Router) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = site.router(next).into_make_service_with_connect_info::<SocketAddr>();
    (address, tokio::spawn(async move { axum::serve(listener, service).await.unwrap() }))
}

/// Prints the number alone: how documents look is `documents`' business, which only the program knows.
struct NumberPrinter;

impl Printer for NumberPrinter {
    fn print(&self, document: &Document) -> Result<Vec<u8>, String> {
        Ok(format!("%PDF {}", document.number).into_bytes())
    }
}

/// A clock that moves when it is told to, and true ids.
pub struct Clock(Mutex<Instant>);

impl Clock {
    pub fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }

    pub fn advance(&self, seconds: i64) {
        let mut now = self.0.lock().unwrap();
        *now = now.plus(Seconds(seconds));
    }
}

impl Door for Clock {
    fn context(&self) -> Context {
        Context { now: self.now(), ids: Arc::new(TrueIds) }
    }
}

struct TrueIds;

impl Ids for TrueIds {
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn secret(&self) -> [u8; 32] {
        // Backwards: such a UUID begins with the time, and a short code is made from the first bytes.
        let mut bytes = [Uuid::now_v7().into_bytes(), Uuid::now_v7().into_bytes()].concat();
        bytes.reverse();
        bytes.try_into().unwrap()
    }
}
