//! A running program whose clock the test moves, with as many nodes as the database bears.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use billing::top_up::Wish;
use billing::{Catalog, PriceBook};
use connectors::mail::{KeptMail, Postbox};
use connectors::processor::sandbox::Sandbox;
use connectors::processor::{Processor, SetupStatus};
use ledger::{LateSettle, Source, Spender};
use operations::grant::{Expiry, IssueGrant, issue};
use operations::hold::{self, PlaceHold, SettleHold};
use operations::payment::{self, AddCard, BeginCard, StoreShelf, Way};
use operations::top_up::{self, TopUp, TurnOn};
use operations::user::{SignUp, sign_up};
use operations::{Caller, Context, Door, Error, Ids, Outside, Services, jobs};
use store::{AttemptRow, Database, PaymentRow, Scratch, Store};
use tempfile::TempDir;
use units::{Amount, Cents, Cost, HoldId, Instant, PaymentId, Seconds, WalletId};
use uuid::Uuid;

pub const GOOD: &str = "4242424242424242";
pub const DECLINES: &str = "4000000000000341";

#[derive(Default)]
struct Counting(AtomicU64);

impl Ids for Counting {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128((self.0.fetch_add(1, Ordering::Relaxed) + 1).into())
    }

    fn secret(&self) -> [u8; 32] {
        [7; 32]
    }
}

/// A clock that the test moves, and ids that count.
#[derive(Clone)]
pub struct Clock(Arc<AtomicI64>, Arc<Counting>);

impl Door for Clock {
    fn context(&self) -> Context {
        Context { now: Instant::from_micros(self.0.load(Ordering::Relaxed)), ids: self.1.clone() }
    }
}

/// How much was done. A node that met another one too often comes again, as a server does.
fn again(done: Result<u64, Error>) -> u64 {
    match done {
        Err(Error::Fault(fault)) if fault.is_retryable() => 1,
        done => done.unwrap(),
    }
}

/// What the card of a wallet does.
#[derive(Clone, Copy, Debug)]
pub enum TestCard {
    Pays,
    Declines,
    Asks,
    AnswersLater,
}

impl TestCard {
    pub const ALL: [Self; 4] = [Self::Pays, Self::Declines, Self::Asks, Self::AnswersLater];

    pub fn number(self) -> &'static str {
        match self {
            Self::Pays => GOOD,
            Self::Declines => DECLINES,
            Self::Asks => "4000002760003184",
            Self::AnswersLater => "4000009999000105",
        }
    }

    pub fn is_paid(self) -> bool {
        matches!(self, Self::Pays | Self::AnswersLater)
    }
}

/// A program with one node, or two on PostgreSQL.
pub struct World {
    pub nodes: Vec<Services>,
    pub database: Database,
    pub clock: Clock,
    pub mails: Arc<KeptMail>,
    sandbox: Option<Arc<Sandbox>>,
    _folder: TempDir,
    scratch: Option<Scratch>,
}

/// Defines each test twice: `sqlite::name` and `postgres::name`.
#[macro_export]
macro_rules! on_both {
    ($($(#[$doc:meta])* async fn $name:ident($world:ident: World) $body:block)*) => {
        $($(#[$doc])* async fn $name($world: &mut $crate::world::World) $body)*
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let mut world = $crate::world::World::sqlite().await;
                super::$name(&mut world).await;
                world.close().await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let mut world = $crate::world::World::postgres().await;
                super::$name(&mut world).await;
                world.close().await;
            })*
        }
    };
}

impl World {
    /// In memory where files can be held there: what is durable is tested elsewhere.
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        Self::open(Database::Sqlite(folder.path().join("tare.db")), folder, None, 1).await
    }

    pub async fn postgres() -> Self {
        let server = std::env::var("TARE_TEST_POSTGRES").expect(
            "TARE_TEST_POSTGRES must be the URL of a PostgreSQL server for tests; \
             `tools/postgres with -- cargo nextest run -p operations` starts one",
        );
        let scratch = Scratch::create(&server).await.unwrap();
        Self::open(scratch.database(), tempfile::tempdir().unwrap(), Some(scratch), 2).await
    }

    async fn open(database: Database, folder: TempDir, scratch: Option<Scratch>, nodes: usize) -> Self {
        let start: Instant = "2028-02-29T23:30:00Z".parse().unwrap();
        let clock = Clock(Arc::new(AtomicI64::new(start.micros())), Arc::default());
        let mails = Arc::new(KeptMail::default());
        let mut stores = Vec::new();
        for _ in 0..nodes {
            stores.push(Store::open(&database).await.unwrap());
        }
        let sandbox = sandbox(&stores[nodes - 1], &clock);
        let nodes = stores.into_iter().map(|store| services(store, &mails, &sandbox)).collect();
        Self { nodes, database, clock, mails, sandbox: Some(sandbox), _folder: folder, scratch }
    }

    /// Drops everything in memory without a word and comes back from the database.
    pub async fn crash(&mut self) {
        let count = self.nodes.len();
        self.nodes.clear();
        self.sandbox = None;
        let mut stores = Vec::new();
        for _ in 0..count {
            stores.push(Store::open(&self.database).await.unwrap());
        }
        let sandbox = self.sandbox.insert(sandbox(&stores[count - 1], &self.clock));
        self.nodes.extend(stores.into_iter().map(|store| services(store, &self.mails, sandbox)));
    }

    /// The same for the first node alone. Where there is another, it goes on, and so does the sandbox.
    pub async fn lose_node(&mut self) {
        if self.nodes.len() == 1 {
            return self.crash().await;
        }
        drop(self.nodes.remove(0));
        let store = Store::open(&self.database).await.unwrap();
        let node = services(store, &self.mails, self.sandbox());
        self.nodes.insert(0, node);
    }

    pub fn sandbox(&self) -> &Arc<Sandbox> {
        self.sandbox.as_ref().expect("only a crash takes the sandbox away, and brings it back")
    }

    pub async fn close(self) {
        drop(self.sandbox);
        for node in self.nodes {
            node.store.close().await;
        }
        if let Some(scratch) = self.scratch {
            scratch.drop_database().await.unwrap();
        }
    }

    pub fn services(&self) -> &Services {
        &self.nodes[0]
    }

    pub fn ctx(&self) -> Context {
        self.clock.context()
    }

    pub fn wait(&self, seconds: i64) {
        let now = self.ctx().now.plus(Seconds(seconds));
        self.clock.0.store(now.micros(), Ordering::Relaxed);
    }

    pub async fn person(&self, name: &str) -> (WalletId, Caller) {
        let request = SignUp { name: format!("{name}@example.com"), country: None };
        let signed_up = sign_up(self.services(), &self.ctx(), request).await.unwrap();
        let session = units::SessionId::from_uuid(signed_up.user.uuid());
        (signed_up.wallet, Caller::Person { user: signed_up.user, session })
    }

    pub async fn add_card(&self, wallet: WalletId, number: &str) {
        let (services, caller) = (self.services(), Caller::Operator);
        let begin = BeginCard { caller, wallet, return_url: "http://localhost/".to_owned(), from: None };
        let begun = payment::begin_card(services, &self.ctx(), begin).await.unwrap();
        if self.sandbox().submit_card(&begun.id, number).await.unwrap().status == SetupStatus::ActionRequired {
            self.sandbox().answer_setup(&begun.id, true).await.unwrap();
        }
        payment::add_card(services, &self.ctx(), AddCard { caller, wallet, setup: begun.id }).await.unwrap();
    }

    pub async fn grant(&self, wallet: WalletId, dollars: i64) {
        let amount = Amount::from_dollars(dollars);
        let request =
            IssueGrant { wallet, source: Source::Operator, amount, paid: false, expires: Expiry::Never, key: None };
        issue(self.services(), &self.ctx(), request).await.unwrap();
    }

    /// A person with so many dollars and this card, for whom 50 are bought below 5.
    pub async fn topped_up(&self, name: &str, dollars: i64, card: &str) -> WalletId {
        let (wallet, _) = self.person(name).await;
        self.grant(wallet, dollars).await;
        self.add_card(wallet, card).await;
        self.turn_on(wallet, Wish::default()).await.unwrap();
        wallet
    }

    pub async fn turn_on(&self, wallet: WalletId, wish: Wish) -> Result<TopUp, Error> {
        let request = TurnOn { caller: Caller::Operator, wallet, wish, address: None };
        top_up::turn_on(self.services(), &self.ctx(), request).await
    }

    /// One request of this cost.
    pub async fn charge(&self, wallet: WalletId, cost: &str) {
        self.charges(wallet, cost, 1).await;
    }

    /// Reserves so much.
    pub async fn hold(&self, wallet: WalletId, amount: &str) -> HoldId {
        let (hold, wanted) = (HoldId::from_uuid(self.ctx().ids.uuid()), amount.parse().unwrap());
        let (lease, spender) = (Seconds(300), Spender::default());
        let request = PlaceHold { wallet, hold, wanted, least: wanted, lease, is_fresh: true, spender };
        hold::place(self.services(), &self.ctx(), request).await.map(drop).unwrap();
        hold
    }

    /// Requests that are all held before any is settled, on all nodes at once.
    pub async fn charges(&self, wallet: WalletId, cost: &str, times: usize) {
        let holds: Vec<HoldId> = (0..times).map(|_| HoldId::from_uuid(self.ctx().ids.uuid())).collect();
        let cost: Cost = cost.parse().unwrap();
        let mut placing = tokio::task::JoinSet::new();
        for (at, hold) in holds.iter().copied().enumerate() {
            let (services, ctx) = (self.nodes[at % self.nodes.len()].clone(), self.ctx());
            placing.spawn(async move {
                let wanted = cost.to_amount_ceil().unwrap();
                let (lease, spender) = (Seconds(300), Spender::default());
                let request = PlaceHold { wallet, hold, wanted, least: wanted, lease, is_fresh: true, spender };
                hold::place(&services, &ctx, request).await.map(drop).unwrap();
            });
        }
        placing.join_all().await;
        let mut settling = tokio::task::JoinSet::new();
        for (at, hold) in holds.into_iter().enumerate() {
            let (services, ctx) = (self.nodes[(at + 1) % self.nodes.len()].clone(), self.ctx());
            settling.spawn(async move {
                let request = SettleHold { wallet, hold, cost, usage: None, late: LateSettle::Refuse };
                hold::settle(&services, &ctx, request).await.map(drop).unwrap();
            });
        }
        settling.join_all().await;
    }

    /// Everything that is to be done is done, and what the processor tells is heard, until nothing more comes of it.
    pub async fn run(&self) {
        loop {
            self.look().await;
            if payment::deliver(self.services(), &self.ctx(), self.sandbox(), Way::USUAL).await.unwrap() == 0 {
                return;
            }
        }
    }

    /// The same without the processor's events: by all nodes at once.
    pub async fn look(&self) {
        self.look_on(&self.nodes).await;
    }

    /// By some of them.
    pub async fn look_on(&self, nodes: &[Services]) {
        loop {
            let mut looking = tokio::task::JoinSet::new();
            for node in nodes {
                node.store.reader().ping().await.unwrap();
                let (services, clock) = (node.clone(), self.clock.clone());
                looking.spawn(async move {
                    let looked = again(jobs::watch(&services, &clock.context()).await);
                    let door: Arc<dyn Door> = Arc::new(clock);
                    looked + again(jobs::run(&services, &door).await.map(|ran| ran.done))
                });
            }
            if looking.join_all().await.into_iter().sum::<u64>() == 0 {
                return;
            }
        }
    }

    pub async fn payments(&self, wallet: WalletId) -> Vec<PaymentRow> {
        self.services().store.reader().list_payments(wallet, None, u32::MAX).await.unwrap()
    }

    /// All attempts of a payment, in order.
    pub async fn attempts(&self, payment: PaymentId) -> Vec<AttemptRow> {
        let found = self.services().store.write(async move |tx| {
            let (mut attempts, mut number) = (Vec::new(), 1);
            while let Some(attempt) = tx.find_attempt_of(payment, number).await? {
                attempts.push(attempt);
                number += 1;
            }
            Ok::<_, store::Fault>(attempts)
        });
        found.await.unwrap()
    }

    /// How many payments were made, and how many of them are paid and credited.
    pub async fn paid(&self, wallet: WalletId) -> (usize, usize) {
        let payments = self.payments(wallet).await;
        (payments.len(), payments.iter().filter(|row| row.credited_at.is_some()).count())
    }

    pub async fn available(&self, wallet: WalletId) -> Amount {
        let books = self.services().store.reader().load_wallet(wallet).await.unwrap().unwrap();
        books.available(self.ctx().now)
    }

    pub async fn see(&self, wallet: WalletId) -> TopUp {
        top_up::see(self.services(), &self.ctx(), &Caller::Operator, wallet).await.unwrap()
    }

    /// Subjects of the mails since the last time, each with its reader.
    pub fn mails(&self) -> Vec<String> {
        self.mails.take().into_iter().map(|mail| format!("{}: {}", mail.to, mail.subject)).collect()
    }
}

pub fn dollars(count: i64) -> Cents {
    Cents::from_count(count * 100)
}

fn sandbox(store: &Store, clock: &Clock) -> Arc<Sandbox> {
    let (shelf, clock) = (Arc::new(StoreShelf(store.clone())), clock.clone());
    Arc::new(Sandbox::new(shelf, move || clock.context().now, "http://localhost", "secret".to_owned()))
}

fn services(store: Store, mails: &Arc<KeptMail>, sandbox: &Arc<Sandbox>) -> Services {
    let processor: Arc<dyn Processor> = sandbox.clone();
    let outside =
        Outside { postbox: Postbox::in_memory(mails.clone()), processor: Some(processor), ..Outside::default() };
    let mut catalog = Catalog::embedded();
    catalog.welcome.amount = Amount::ZERO;
    Services { outside, ..Services::new(store, catalog, PriceBook::embedded()) }
}
