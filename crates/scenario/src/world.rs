//! The program inside a story: real services, a virtual clock, and the labels of the story.

use std::collections::BTreeMap;
use std::sync::Arc;

use billing::{Catalog, PriceBook};
use connectors::mail::{KeptMail, Postbox};
use operations::user::{self, SignUp};
use operations::{Activity, Caller, Context, Door, Error, Ids, Outside, Services, jobs};
use store::{Database, Store};
use units::{HoldId, Instant, InvitationId, OrganizationId, SessionId, UserId, WalletId};

use crate::ids::CountingIds;

/// A running program whose clock the story moves.
pub struct World {
    database: Database,
    services: Option<Services>,
    ids: Arc<CountingIds>,
    mails: Arc<KeptMail>,
    now: Instant,
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
    /// Starts the program on an empty database.
    pub async fn start(database: Database, catalog: Catalog, now: Instant) -> Result<Self, Error> {
        let mails = Arc::new(KeptMail::default());
        let services = Services {
            outside: Outside { postbox: Postbox::in_memory(mails.clone()) },
            ..Services::new(Store::open(&database).await?, catalog, PriceBook::embedded())
        };
        let ids = Arc::new(CountingIds::default());
        Ok(Self {
            database,
            services: Some(services),
            ids,
            mails,
            now,
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
        let ids: Arc<dyn Ids> = self.ids.clone();
        Context { now: self.now, ids }
    }

    /// Gives a person an account, with an address that shows their label.
    pub(crate) async fn sign_up(&mut self, label: &str, country: Option<String>) -> Result<(), Error> {
        let request = SignUp { name: address(label), country };
        let signed_up = user::sign_up(self.services(), &self.context(), request).await?;
        self.wallets.insert(label.to_owned(), signed_up.wallet);
        self.people.insert(label.to_owned(), signed_up.user);
        Ok(())
    }

    /// A person of the story, signed in.
    pub(crate) fn caller(&self, label: &str) -> Caller {
        let user = *self.people.get(label).expect("the story was checked: an earlier step signs them up");
        Caller::Person { user, session: SessionId::from_uuid(user.uuid()) }
    }

    /// Where the clock stands.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Moves the clock and runs everything that falls due on the way, each at its own moment.
    pub(crate) async fn advance(&mut self, to: Instant) -> Result<(), Error> {
        loop {
            let reader = self.services().store.reader();
            let due = [reader.next_due(self.now).await?, reader.next_due_job(self.now).await?];
            let next = due.into_iter().flatten().min();
            let Some(next) = next.filter(|due| self.now < *due && *due <= to) else { break };
            self.now = next;
            self.do_what_is_due().await?;
        }
        self.now = self.now.max(to);
        self.do_what_is_due().await
    }

    async fn do_what_is_due(&self) -> Result<(), Error> {
        jobs::sweep(self.services(), &self.context()).await?;
        self.run_jobs().await
    }

    /// Runs the jobs that are due at this moment.
    pub(crate) async fn run_jobs(&self) -> Result<(), Error> {
        let door: Arc<dyn Door> = Arc::new(StoryDoor(self.context()));
        jobs::run(self.services(), &door).await?;
        Ok(())
    }

    /// The mails that were sent since the last time: to whom, and the subject.
    pub(crate) fn take_mails(&self) -> Vec<String> {
        self.mails.take().into_iter().map(|mail| format!("{}: {}", mail.to, mail.subject)).collect()
    }

    /// Drops everything in memory without warning and comes back from the database.
    pub(crate) async fn crash(&mut self) -> Result<(), Error> {
        let services = self.services.take().expect("a story is told one step at a time");
        let Services { store, catalog, prices, outside, keyring, .. } = services;
        drop(store);
        let store = Store::open(&self.database).await?;
        self.services = Some(Services { store, catalog, prices, outside, activity: Activity::default(), keyring });
        Ok(())
    }

    /// Stops the program in good order.
    pub(crate) async fn stop(mut self) {
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
