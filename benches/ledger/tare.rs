//! Tare's own books: the store, as `operations` uses it. Nothing is left out: each charge has its usage record, its
//! draws, its journal and its rollups.

use std::path::Path;

use benches::{Failure, Server, connect};
use billing::{CostSource, Usage, UsageRecord};
use ledger::{Command, Issue, LateSettle, Outcome, Place, Settle, Source, Spender};
use store::{Database, Fault, Posting, Store, UserRow};
use tokio_postgres::Client;
use units::{Amount, ApiKeyId, Day, GrantId, RequestId, Seconds, UserId, WalletId};

use crate::commits::{WalCounter, xids};
use crate::request::{Request, id_of, new_id, now};

/// How long a hold lasts when nobody renews it.
const LEASE: Seconds = Seconds(600);

/// One database, and the nodes that are open on it.
pub struct Tare {
    nodes: Vec<Store>,
    commits: Commits,
    server: Option<Server>,
}

enum Commits {
    Sqlite(Option<WalCounter>),
    Postgres(Client),
}

impl Tare {
    /// Opens a SQLite file.
    pub async fn sqlite(path: &Path) -> Result<Self, Failure> {
        let nodes = vec![Store::open(&Database::Sqlite(path.to_owned())).await?];
        Ok(Self { nodes, commits: Commits::Sqlite(WalCounter::open(path)), server: None })
    }

    /// Opens as many nodes on a PostgreSQL database.
    pub async fn postgres(url: &str, nodes: usize, server: Option<Server>) -> Result<Self, Failure> {
        let mut open = Vec::new();
        for _ in 0..nodes {
            open.push(Store::open(&Database::Postgres(url.to_owned())).await?);
        }
        Ok(Self { nodes: open, commits: Commits::Postgres(connect(url).await?), server })
    }

    /// Signs people up, each with a welcome grant that expires and a purchase that is enough for the run.
    pub async fn sign_up(&self, from: usize, until: usize) -> Result<(), Failure> {
        const AT_ONCE: usize = 500;
        for first in (from..until).step_by(AT_ONCE) {
            let people = first..(first + AT_ONCE).min(until);
            let rows: Vec<UserRow> = people.clone().map(user).collect();
            let insert = async move |tx: &mut store::Tx<'_>| {
                for row in &rows {
                    tx.insert_user_with_wallet(row).await?;
                }
                Ok::<_, Fault>(())
            };
            self.nodes[0].write(insert).await?;
            let grants = people.map(async |person| {
                self.grant(person, Source::Welcome, Amount::from_dollars(5)).await?;
                self.grant(person, Source::Purchase, Amount::from_dollars(900_000_000)).await
            });
            futures_util::future::try_join_all(grants).await?;
        }
        Ok(())
    }

    /// Places the hold.
    pub async fn hold(&self, request: &Request) -> Result<(), Failure> {
        let now = now();
        let wanted = request.wanted();
        let lease_until = now.plus(LEASE);
        let spender = Spender::default();
        let place = Place { hold: request.hold, wanted, least: wanted, lease_until, is_fresh: true, spender };
        self.post(request.caller, request.wallet, Command::Place(place), None).await.map(drop)
    }

    /// Settles it with what the request used.
    pub async fn settle(&self, request: &Request) -> Result<(), Failure> {
        let settle = Settle { hold: request.hold, cost: request.cost(), late: LateSettle::Charge };
        let usage = UsageRecord {
            request: RequestId::from_uuid(request.id),
            user: Some(UserId::from_uuid(id_of(request.wallet, 1))),
            api_key: Some(ApiKeyId::from_uuid(id_of(request.wallet, 2))),
            model: request.model.to_owned(),
            provider: "openrouter".to_owned(),
            project: String::new(),
            admitted_at: now(),
            price_version: Some("2026-11-01".to_owned()),
            cost_source: CostSource::Priced,
            own_cost: None,
            usage: Usage {
                input: request.input,
                cache_read: request.cached,
                output: request.output,
                ..Usage::default()
            },
        };
        match self.post(request.caller, request.wallet, Command::Settle(settle), Some(usage)).await? {
            Outcome::Settled(settled) if settled.lost.is_zero() => Ok(()),
            other => Err(format!("a settlement answered {other:?}").into()),
        }
    }

    /// Requests in the rollups of a wallet, which are written with its charges.
    pub async fn charges(&self, wallet: usize) -> Result<u64, Failure> {
        let (from, until) = (Day::from_number(0), now().day().next().next());
        let rows = self.nodes[0].reader().list_usage_daily(wallet_id(wallet), from, until).await?;
        Ok(rows.iter().map(|row| row.requests).sum::<u64>())
    }

    /// Transactions so far.
    pub async fn commits(&self) -> Option<u64> {
        match &self.commits {
            Commits::Sqlite(counter) => counter.as_ref()?.read(),
            Commits::Postgres(watcher) => xids(watcher).await.ok(),
        }
    }

    /// The server.
    pub const fn server(&self) -> Option<Server> {
        self.server
    }

    /// The way to ask.
    pub fn reader(&self) -> &store::Reader {
        self.nodes[0].reader()
    }

    /// Finishes and lets go.
    pub async fn close(self) {
        for node in self.nodes {
            node.close().await;
        }
    }

    async fn grant(&self, person: usize, source: Source, amount: Amount) -> Result<(), Failure> {
        let paid = source == Source::Purchase;
        let now = now();
        let expires_at = (!paid).then(|| now.plus_days(30));
        let grant = GrantId::from_uuid(new_id());
        let issue = Issue { grant, source, amount, paid, effective_at: now, expires_at };
        self.post(0, person, Command::Issue(issue), None).await.map(drop)
    }

    async fn post(
        &self,
        caller: usize,
        wallet: usize,
        command: Command,
        usage: Option<UsageRecord>,
    ) -> Result<Outcome, Failure> {
        let posting = Posting { wallet: wallet_id(wallet), now: now(), command, key: None, usage };
        Ok(self.nodes[caller % self.nodes.len()].post(posting).await?)
    }
}

/// The wallet at an index.
pub fn wallet_id(index: usize) -> WalletId {
    WalletId::from_uuid(id_of(index, 0))
}

fn user(index: usize) -> UserRow {
    let id = UserId::from_uuid(id_of(index, 1));
    UserRow::new(id, wallet_id(index), format!("person-{index}@example.com"), now())
}
