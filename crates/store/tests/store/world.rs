//! A database for one test, and short words for what tests do with it.

use std::sync::atomic::{AtomicU64, Ordering};

use ledger::{Command, Issue, LateSettle, Outcome, Place, Settle, Source, Spender};
use store::{Database, PostError, Posting, Store, UserRow};
use tempfile::TempDir;
use units::{Amount, GrantId, HoldId, Instant, UserId, WalletId};
use uuid::Uuid;

/// A database that goes with the test.
pub struct World {
    pub database: Database,
    _directory: TempDir,
    next: AtomicU64,
}

/// Defines each test twice: `sqlite::name` and `postgres::name`.
#[macro_export]
macro_rules! on_both {
    ($($(#[$doc:meta])* async fn $name:ident($world:ident: World) $body:block)*) => {
        $($(#[$doc])* async fn $name($world: &$crate::world::World) $body)*
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(&$crate::world::World::sqlite()).await })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name(&$crate::world::World::postgres().await).await })*
        }
    };
}

impl World {
    pub fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(directory.path().join("tare.db"));
        Self { database, _directory: directory, next: AtomicU64::new(1) }
    }

    pub async fn postgres() -> Self {
        let server = std::env::var("TARE_TEST_POSTGRES").expect(
            "TARE_TEST_POSTGRES must be the URL of a PostgreSQL server for tests; \
             `tools/postgres with -- cargo nextest run -p store` starts one",
        );
        let name = format!("tare_test_{}", Uuid::now_v7().simple());
        let (client, connection) = tokio_postgres::connect(&server, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        let (address, _) = server.rsplit_once('/').unwrap();
        let database = Database::Postgres(format!("{address}/{name}"));
        Self { database, _directory: tempfile::tempdir().unwrap(), next: AtomicU64::new(1) }
    }

    pub fn is_sqlite(&self) -> bool {
        matches!(self.database, Database::Sqlite(_))
    }

    pub async fn open(&self) -> Store {
        Store::open(&self.database).await.unwrap()
    }

    /// Runs SQL behind the store's back, as a bug or a person with a shell would.
    pub async fn run(&self, sql: &str) -> Result<(), String> {
        match &self.database {
            Database::Sqlite(path) => {
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
                connection.execute_batch(sql).map_err(|error| error.to_string())
            }
            Database::Postgres(url) => {
                let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
                tokio::spawn(connection);
                let done = client.batch_execute(sql).await;
                done.map_err(|error| error.as_db_error().map_or(error.to_string(), |told| told.message().to_owned()))
            }
        }
    }

    /// A UUID that no other call in this test gives, the same in every run.
    pub fn id(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.next.fetch_add(1, Ordering::Relaxed)) | 0x0190_0000_0000_7000_8000 << 48)
    }

    pub fn hold(&self) -> HoldId {
        HoldId::from_uuid(self.id())
    }

    /// A user with an empty wallet.
    pub async fn wallet(&self, store: &Store) -> WalletId {
        let id = self.id();
        let wallet = WalletId::from_uuid(id);
        let name = format!("{}@example.com", id.simple());
        let country = Some("NO".to_owned());
        let user = UserRow { country, ..UserRow::new(UserId::from_uuid(id), wallet, name, at(0)) };
        store.write(async move |tx| tx.insert_user_with_wallet(&user).await).await.unwrap();
        wallet
    }

    /// A user with so much.
    pub async fn wallet_with(&self, store: &Store, dollars: i64) -> WalletId {
        let wallet = self.wallet(store).await;
        self.grant(store, wallet, Amount::from_dollars(dollars), None).await;
        wallet
    }

    pub async fn grant(&self, store: &Store, wallet: WalletId, amount: Amount, until: Option<Instant>) -> GrantId {
        let grant = GrantId::from_uuid(self.id());
        post(store, wallet, at(0), issue(grant, amount, until)).await.unwrap();
        grant
    }
}

/// So many seconds into 28 February 2028, a day before a leap day.
pub fn at(seconds: i64) -> Instant {
    "2028-02-28T00:00:00Z".parse::<Instant>().unwrap().plus(units::Seconds(seconds))
}

pub fn dollars(dollars: i64) -> Amount {
    Amount::from_dollars(dollars)
}

pub fn issue(grant: GrantId, amount: Amount, expires_at: Option<Instant>) -> Command {
    Command::Issue(Issue { grant, source: Source::Purchase, amount, paid: true, effective_at: at(0), expires_at })
}

pub fn place(hold: HoldId, amount: Amount) -> Command {
    Command::Place(Place {
        hold,
        wanted: amount,
        least: amount,
        lease_until: at(600),
        is_fresh: false,
        spender: Spender::default(),
    })
}

pub fn settle(hold: HoldId, cost: &str) -> Command {
    Command::Settle(Settle { hold, cost: cost.parse().unwrap(), late: LateSettle::Refuse })
}

pub async fn post(store: &Store, wallet: WalletId, now: Instant, command: Command) -> Result<Outcome, PostError> {
    store.post(Posting { wallet, now, command, key: None, usage: None }).await
}
