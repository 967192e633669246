//! The program inside a story: real services, a virtual clock, and the labels of the story.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use billing::{Catalog, PriceBook};
use connectors::mail::{KeptMail, Postbox};
use connectors::processor::sandbox::Sandbox;
use operations::payment::{self, StoreShelf, Way};
use operations::user::{self, SignUp};
use operations::{Activity, Caller, Context, Door, Error, Ids, Outside, Services, alert, jobs};
use store::{Database, Store};
use units::{Cents, HoldId, Instant, InvitationId, OrganizationId, SessionId, UserId, WalletId};

use crate::ids::CountingIds;

/// A running program whose clock the story moves.
pub struct World {
    database: Database,
    services: Option<Services>,
    ids: Arc<dyn Ids>,
    mails: Arc<KeptMail>,
    sandbox: Option<Arc<Sandbox>>,
    /// How events of the processor arrive from now on.
    pub(crate) way: Way,
    clock: Clock,
    /// What the last quote said.
    pub(crate) quoted: Option<Cents>,
    /// What cards have paid until the last step.
    paid: Cents,
    /// Wallets by label, in the order of labels.
    pub(crate) wallets: BTreeMap<String, WalletId>,
    /// People by label.
    pub(crate) people: BTreeMap<String, UserId>,
    /// Organizations by label.
    pub(crate) organizations: BTreeMap<String, OrganizationId>,
    /// The last invitation of a person into an organization, by both labels.
    pub(crate) invitations: BTreeMap<(String, String), InvitationId>,
    /// Holds by label.
    pub(crate) holds: BTreeMap<String, (WalletId, HoldId)>,
}

impl World {
    /// Starts the program on an empty database, with ids that are the same every time.
    pub async fn start(database: Database, catalog: Catalog, now: Instant) -> Result<Self, Error> {
        Self::start_with(database, catalog, now, Arc::new(CountingIds::default())).await
    }

    /// The same with ids and secrets from elsewhere, for a life that goes on after the story.
    pub async fn start_with(
        database: Database,
        catalog: Catalog,
        now: Instant,
        ids: Arc<dyn Ids>,
    ) -> Result<Self, Error> {
        let mails = Arc::new(KeptMail::default());
        let clock = Clock(Arc::new(AtomicI64::new(now.micros())));
        let store = Store::open(&database).await?;
        let (outside, sandbox) = outside(&store, &clock, &mails);
        let services = Services { outside, ..Services::new(store, catalog, PriceBook::embedded()) };
        Ok(Self {
            database,
            services: Some(services),
            ids,
            mails,
            sandbox: Some(sandbox),
            way: Way::USUAL,
            clock,
            quoted: None,
            paid: Cents::ZERO,
            wallets: BTreeMap::new(),
            people: BTreeMap::new(),
            organizations: BTreeMap::new(),
            invitations: BTreeMap::new(),
            holds: BTreeMap::new(),
        })
    }

    /// What operations work with.
    pub fn services(&self) -> &Services {
        self.services.as_ref().expect("only a crash takes the services away, and brings them back")
    }

    /// The moment, and where ids come from.
    pub fn context(&self) -> Context {
        Context { now: self.now(), ids: self.ids.clone() }
    }

    /// Gives a person an account, with an address that shows their label.
    pub(crate) async fn sign_up(&mut self, label: &str, country: Option<String>) -> Result<(), Error> {
        let request = SignUp { name: address(label), country };
        let signed_up = user::sign_up(self.services(), &self.context(), request).await?;
        self.wallets.insert(label.to_owned(), signed_up.wallet);
        self.people.insert(label.to_owned(), signed_up.user);
        Ok(())
    }

    /// Whose wallet has this label.
    pub fn wallet(&self, label: &str) -> Option<WalletId> {
        self.wallets.get(label).copied()
    }

    /// Which organization has this label.
    pub fn organization(&self, label: &str) -> Option<OrganizationId> {
        self.organizations.get(label).copied()
    }

    /// A person of the story, signed in, once an earlier step has signed them up.
    pub fn find_caller(&self, label: &str) -> Option<Caller> {
        let user = *self.people.get(label)?;
        Some(Caller::Person { user, session: SessionId::from_uuid(user.uuid()) })
    }

    pub(crate) fn caller(&self, label: &str) -> Caller {
        self.find_caller(label).expect("the story was checked: an earlier step signs them up")
    }

    /// Where the clock stands.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// The processor that moves no money.
    pub(crate) fn sandbox(&self) -> &Arc<Sandbox> {
        self.sandbox.as_ref().expect("only a crash takes the sandbox away, and brings it back")
    }

    /// Moves the clock and runs everything that falls due on the way, each at its own moment.
    pub async fn advance(&mut self, to: Instant) -> Result<(), Error> {
        loop {
            let (now, reader) = (self.now(), self.services().store.reader());
            let sandbox = self.sandbox().next_due(now).await?;
            let watch = reader.next_due_watch(now).await?;
            let mut notices = Vec::new();
            for days in alert::NOTICES {
                notices.extend(reader.next_expiry_notice(days, now).await?);
            }
            let due = [reader.next_due(now).await?, reader.next_due_job(now).await?, watch, sandbox];
            let next = due.into_iter().flatten().chain(notices).min();
            let Some(next) = next.filter(|due| now < *due && *due <= to) else { break };
            self.clock.set(next);
            self.do_what_is_due().await?;
        }
        self.clock.set(self.now().max(to));
        self.do_what_is_due().await
    }

    async fn do_what_is_due(&self) -> Result<(), Error> {
        jobs::sweep(self.services(), &self.context()).await?;
        jobs::find_missed(self.services(), &self.context()).await?;
        alert::tell_expiring(self.services(), &self.context()).await?;
        self.run_jobs().await
    }

    /// Runs the jobs that are due at this moment, and takes what the processor tells.
    pub(crate) async fn run_jobs(&self) -> Result<(), Error> {
        let door: Arc<dyn Door> = Arc::new(StoryDoor(self.context()));
        loop {
            // What was charged a moment ago must be in the tables, so that its crossing of a line is seen.
            self.services().store.reader().ping().await?;
            let looked = jobs::watch(self.services(), &self.context()).await?;
            jobs::run(self.services(), &door).await?;
            let told = payment::deliver(self.services(), &self.context(), self.sandbox(), self.way).await?;
            if looked + told == 0 {
                return Ok(());
            }
        }
    }

    /// What cards have paid since the last time.
    pub(crate) async fn take_charged(&mut self) -> Result<Cents, Error> {
        let mut paid = 0;
        for wallet in self.wallets.values() {
            let payments = self.services().store.reader().list_payments(*wallet, None, u32::MAX).await?;
            paid += payments.iter().filter(|row| row.paid_at.is_some()).map(|row| row.amount.count()).sum::<i64>();
        }
        let before = std::mem::replace(&mut self.paid, Cents::from_count(paid));
        Ok(Cents::from_count(paid - before.count()))
    }

    /// The mails that were sent since the last time: to whom, and the subject.
    pub fn take_mails(&self) -> Vec<String> {
        self.mails.take().into_iter().map(|mail| format!("{}: {}", mail.to, mail.subject)).collect()
    }

    /// Drops everything in memory without warning and comes back from the database.
    pub(crate) async fn crash(&mut self) -> Result<(), Error> {
        let services = self.services.take().expect("a story is told one step at a time");
        let Services { store, catalog, prices, outside: before, keyring, events, .. } = services;
        (_, _) = (self.sandbox.take(), before);
        drop(store);
        let store = Store::open(&self.database).await?;
        let (outside, sandbox) = outside(&store, &self.clock, &self.mails);
        self.sandbox = Some(sandbox);
        self.services = Some(Services {
            store,
            catalog,
            prices,
            outside,
            activity: Activity::default(),
            keyring,
            events,
            receipt_key: None,
        });
        Ok(())
    }

    /// Stops the program in good order.
    pub async fn stop(mut self) {
        drop(self.sandbox.take());
        if let Some(services) = self.services.take() {
            services.store.close().await;
        }
    }
}

/// The mail address of a person of the story.
pub(crate) fn address(label: &str) -> String {
    let mailbox = |letter: char| if letter.is_alphanumeric() { letter } else { '-' };
    match label.contains('@') {
        true => label.to_owned(),
        false => format!("{}@example.com", label.chars().map(mailbox).collect::<String>()),
    }
}

/// The door through which jobs come in while the clock of a story stands still.
struct StoryDoor(Context);

impl Door for StoryDoor {
    fn context(&self) -> Context {
        self.0.clone()
    }
}

/// The clock that the story moves; the sandbox's is the same.
#[derive(Clone)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn now(&self) -> Instant {
        Instant::from_micros(self.0.load(Ordering::Relaxed))
    }

    fn set(&self, now: Instant) {
        self.0.store(now.micros(), Ordering::Relaxed);
    }
}

/// Mail that is kept, and the sandbox with its memory in the store.
fn outside(store: &Store, clock: &Clock, mails: &Arc<KeptMail>) -> (Outside, Arc<Sandbox>) {
    let clock = clock.clone();
    let shelf = Arc::new(StoreShelf(store.clone()));
    let sandbox = Arc::new(Sandbox::new(shelf, move || clock.now(), "http://localhost", "story".to_owned()));
    let postbox = Postbox::in_memory(mails.clone());
    let outside = Outside { postbox, processor: Some(sandbox.clone()), ..Outside::default() };
    (outside, sandbox)
}
