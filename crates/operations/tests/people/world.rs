//! A running program for one test, and short words for what tests do with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use billing::{Catalog, PriceBook};
use connectors::mail::{KeptMail, Mail, Postbox};
use operations::sign_in::{RedeemCode, SendCode, SentCode, SignedIn, redeem_code, send_code};
use operations::{Caller, Context, Door, Error, Ids, Outside, Services, jobs};
use store::{Database, Scratch, Store};
use tempfile::TempDir;
use units::{Amount, Instant, Seconds, WalletId};
use uuid::Uuid;

/// A program on an empty database, whose clock the test moves.
pub struct World {
    pub services: Services,
    pub database: Database,
    ids: Arc<Counting>,
    mails: Arc<KeptMail>,
    now: AtomicI64,
    _directory: TempDir,
    scratch: Option<Scratch>,
}

/// Ids and secrets count from 1.
#[derive(Default)]
struct Counting {
    ids: AtomicU64,
    secrets: AtomicU64,
}

impl Ids for Counting {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.ids.fetch_add(1, Ordering::Relaxed) + 1))
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        secret[..8].copy_from_slice(&(self.secrets.fetch_add(1, Ordering::Relaxed) + 1).to_be_bytes());
        secret
    }
}

/// Defines each test twice: `sqlite::name` and `postgres::name`.
#[macro_export]
macro_rules! on_both {
    ($($(#[$doc:meta])* async fn $name:ident($world:ident: World) $body:block)*) => {
        $($(#[$doc])* async fn $name($world: &$crate::world::World) $body)*
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let world = $crate::world::World::sqlite().await;
                super::$name(&world).await;
                world.close().await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let world = $crate::world::World::postgres().await;
                super::$name(&world).await;
                world.close().await;
            })*
        }
    };
}

impl World {
    pub async fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(directory.path().join("tare.db"));
        Self::open(database, directory, None).await
    }

    pub async fn postgres() -> Self {
        let server = std::env::var("TARE_TEST_POSTGRES").expect(
            "TARE_TEST_POSTGRES must be the URL of a PostgreSQL server for tests; \
             `tools/postgres with -- cargo nextest run -p operations` starts one",
        );
        let scratch = Scratch::create(&server).await.unwrap();
        Self::open(scratch.database(), tempfile::tempdir().unwrap(), Some(scratch)).await
    }

    async fn open(database: Database, directory: TempDir, scratch: Option<Scratch>) -> Self {
        let store = Store::open(&database).await.unwrap();
        let mails = Arc::new(KeptMail::default());
        let services = Services {
            outside: Outside { postbox: Postbox::in_memory(mails.clone()), ..Outside::default() },
            ..Services::new(store, Catalog::embedded(), PriceBook::embedded())
        };
        let now = AtomicI64::new("2028-02-28T23:59:59Z".parse::<Instant>().unwrap().micros());
        Self { services, database, ids: Arc::default(), mails, now, _directory: directory, scratch }
    }

    /// The books are whole, and the database goes.
    pub async fn close(self) {
        let report = store::verify(self.services.store.reader(), &mut |_| {}).await.unwrap();
        assert!(report.differences.is_empty(), "{:?}", report.differences);
        self.services.store.close().await;
        if let Some(scratch) = self.scratch {
            scratch.drop_database().await.unwrap();
        }
    }

    /// Another node on the same database. SQLite has one writer, so there it is the same.
    pub async fn second_node(&self) -> Services {
        match &self.database {
            Database::Sqlite(_) => self.services.clone(),
            database => {
                let store = Store::open(database).await.unwrap();
                Services { store, ..self.services.clone() }
            }
        }
    }

    pub fn now(&self) -> Instant {
        Instant::from_micros(self.now.load(Ordering::Relaxed))
    }

    pub fn ctx(&self) -> Context {
        let ids: Arc<dyn Ids> = self.ids.clone();
        Context { now: self.now(), ids }
    }

    /// Moves the clock.
    pub fn pass(&self, time: Seconds) {
        self.now.store(self.now().plus(time).micros(), Ordering::Relaxed);
    }

    /// Asks for a code, and reads it in the mailbox.
    pub async fn code(&self, email: &str, from: &str) -> Result<(SentCode, String), Error> {
        let request = SendCode { email: email.to_owned(), from: from.parse().unwrap() };
        let sent = send_code(&self.services, &self.ctx(), request).await?;
        let mails = self.mails().await;
        let [mail] = &mails[..] else { panic!("{} mails", mails.len()) };
        assert_eq!(mail.to, email.trim().to_lowercase());
        let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
        let code = mail.text.split_whitespace().find(is_code).unwrap().to_owned();
        Ok((sent, code))
    }

    /// The mails that were sent since the last time.
    pub async fn mails(&self) -> Vec<Mail> {
        struct Here(Context);
        impl Door for Here {
            fn context(&self) -> Context {
                self.0.clone()
            }
        }
        let door: Arc<dyn Door> = Arc::new(Here(self.ctx()));
        jobs::run(&self.services, &door).await.unwrap();
        self.mails.take()
    }

    pub async fn redeem(&self, challenge: &str, code: &str) -> Result<SignedIn, Error> {
        let (challenge, code) = (challenge.to_owned(), code.to_owned());
        redeem_code(&self.services, &self.ctx(), RedeemCode { challenge, code, client: "Firefox".to_owned() }).await
    }

    /// A person who signed in with a code, each from a network of their own.
    pub async fn person(&self, name: &str) -> (SignedIn, Caller) {
        let number = self.ids.ids.load(Ordering::Relaxed);
        let from = format!("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255);
        self.mails().await;
        let (sent, code) = self.code(&format!("{name}@example.com"), &from).await.unwrap();
        let signed_in = self.redeem(&sent.challenge, &code).await.unwrap();
        let caller = Caller::Person { user: signed_in.user, session: signed_in.session };
        (signed_in, caller)
    }

    pub async fn balance(&self, wallet: WalletId) -> Amount {
        self.services.store.reader().load_wallet(wallet).await.unwrap().unwrap().balance(self.now())
    }
}

/// The code of a refusal.
pub fn refused<T>(answer: Result<T, Error>) -> &'static str {
    match answer {
        Ok(_) => panic!("it was not refused"),
        Err(Error::Fault(fault)) => panic!("{fault}"),
        Err(error) => error.code(),
    }
}
