//! Recomputing the books from their journals, without trusting any stored sum.
//!
//! Each wallet is read from one state of the database, page by page, so it can be checked while it is in
//! use and in flat memory: what grows with a wallet's age is only its rows by day. Nothing is repaired.

mod amendments;
mod charges;
mod journal;
mod rollups;

use std::collections::BTreeMap;
use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ledger::Account;
use units::WalletId;
use uuid::Uuid;

use crate::session::Session;
use crate::{Fault, Reader, books};

/// How far a verification is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Wallets that were checked.
    pub wallets_done: u64,
    /// Wallets that there are.
    pub wallets: u64,
    /// Transfers and charges that were checked.
    pub rows: u64,
}

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Wallets that were checked.
    pub wallets: u64,
    /// Transfers that were checked.
    pub transfers: u64,
    /// Charges that were checked.
    pub charges: u64,
    /// The balance of each of the platform's accounts in nanodollars, recomputed from the journals.
    pub platform: BTreeMap<Account, i128>,
    /// The first difference of each wallet that has one.
    pub differences: Vec<Difference>,
}

/// Where stored books disagree with themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// In which wallet.
    pub wallet: WalletId,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.what.starts_with("wal_") {
            true => f.write_str(&self.what),
            false => write!(f, "{}: {}", self.wallet, self.what),
        }
    }
}

impl VerifyReport {
    /// Whether everything agrees.
    pub const fn is_clean(&self) -> bool {
        self.differences.is_empty()
    }
}

/// How many wallets are listed at a time, and how many rows are read at a time.
const WALLETS_A_PAGE: u32 = 1_000;
const ROWS_A_PAGE: u32 = 5_000;
const TICK: Duration = Duration::from_millis(200);

/// What one wallet was found to be, or the first difference.
type Checked<T> = Result<T, Wrong>;

enum Wrong {
    Different(String),
    Fault(Fault),
}

impl From<Fault> for Wrong {
    fn from(fault: Fault) -> Self {
        match fault {
            // A row that cannot be read is a difference of its wallet, not the end of the verification.
            Fault::Corrupt { what } => Self::Different(what),
            fault => Self::Fault(fault),
        }
    }
}

fn different<T>(what: impl Into<String>) -> Checked<T> {
    Err(Wrong::Different(what.into()))
}

/// Checks every wallet: the hash chain and its end, what is left on each grant, open holds against grants,
/// refunds, disputes, corrections and debts, each charge against its transfers, all charges against all costs to
/// the last attodollar, and the rollups.
pub async fn verify(reader: &Reader, progress: &mut dyn FnMut(Progress)) -> Result<VerifyReport, Fault> {
    let mut report = VerifyReport::default();
    let wallets = reader.read("counting wallets", |session| Box::pin(count_wallets(session))).await?;
    let rows = Arc::new(AtomicU64::new(0));
    let mut after = Uuid::nil();
    loop {
        let page = reader.read("listing wallets", move |session| Box::pin(list_wallets(session, after))).await?;
        let Some(last) = page.last() else { break };
        after = last.uuid();
        for id in page {
            let counter = Arc::clone(&rows);
            let checking = reader.snapshot("checking a wallet", move |session| Box::pin(check(session, id, counter)));
            let mut checking = pin!(checking);
            let found = loop {
                match tokio::time::timeout(TICK, &mut checking).await {
                    Ok(found) => break found?,
                    Err(_) => {
                        progress(Progress { wallets_done: report.wallets, wallets, rows: rows.load(Ordering::Relaxed) })
                    }
                }
            };
            report.take(id, found);
        }
        progress(Progress { wallets_done: report.wallets, wallets, rows: rows.load(Ordering::Relaxed) });
    }
    let orphans = reader.read("looking for rows without a wallet", |session| Box::pin(orphans(session))).await?;
    report.differences.extend(orphans);
    Ok(report)
}

/// What a sound wallet adds to the report.
struct Sound {
    transfers: u64,
    charges: u64,
    platform: BTreeMap<Account, i128>,
}

impl VerifyReport {
    fn take(&mut self, wallet: WalletId, found: Result<Sound, String>) {
        self.wallets += 1;
        match found {
            Ok(sound) => {
                self.transfers += sound.transfers;
                self.charges += sound.charges;
                for (account, nanos) in sound.platform {
                    *self.platform.entry(account).or_default() += nanos;
                }
            }
            Err(what) => self.differences.push(Difference { wallet, what }),
        }
    }
}

async fn check(session: &mut Session<'_>, id: WalletId, rows: Arc<AtomicU64>) -> Result<Result<Sound, String>, Fault> {
    match check_parts(session, id, &rows).await {
        Ok(sound) => Ok(Ok(sound)),
        Err(Wrong::Different(what)) => Ok(Err(what)),
        Err(Wrong::Fault(fault)) => Err(fault),
    }
}

async fn check_parts(session: &mut Session<'_>, id: WalletId, rows: &AtomicU64) -> Checked<Sound> {
    let sql = format!("SELECT {} FROM wallets WHERE id = $1", books::HEAD);
    let Some(mut row) = session.find(&sql, &[id.into()]).await? else {
        return different("the wallet went while it was checked");
    };
    let (_, head) = books::head(&mut row)?;
    let journal = journal::check(session, id, &head, rows).await?;
    let charges = charges::check(session, id, &head, &journal, rows).await?;
    rollups::check_accounts(session, id, &journal).await?;
    rollups::check_usage(session, id, &charges.usage).await?;
    Ok(Sound { transfers: journal.transfers, charges: charges.count, platform: journal.platform() })
}

async fn count_wallets(session: &mut Session<'_>) -> Result<u64, Fault> {
    match session.find("SELECT count(*) FROM wallets", &[]).await? {
        Some(mut row) => row.take(),
        None => Ok(0),
    }
}

async fn list_wallets(session: &mut Session<'_>, after: Uuid) -> Result<Vec<WalletId>, Fault> {
    let sql = "SELECT id FROM wallets WHERE id > $1 ORDER BY id LIMIT $2";
    let rows = session.query(sql, &[after.into(), WALLETS_A_PAGE.into()]).await?;
    rows.into_iter().map(|mut row| row.take()).collect()
}

/// Rows of wallets that are gone. Every transfer has a row by day, so the long tables need not be read.
async fn orphans(session: &mut Session<'_>) -> Result<Vec<Difference>, Fault> {
    let mut found = BTreeMap::new();
    for table in ["account_daily", "usage_daily", "grants", "open_holds", "refunds", "disputes"] {
        let sql = format!(
            "SELECT DISTINCT wallet FROM {table} WHERE NOT EXISTS (SELECT 1 FROM wallets WHERE id = wallet) LIMIT $1"
        );
        for mut row in session.query(&sql, &[WALLETS_A_PAGE.into()]).await? {
            let what = || format!("{table} has rows of a wallet that is gone");
            found.entry(row.take::<WalletId>()?).or_insert_with(what);
        }
    }
    Ok(found.into_iter().map(|(wallet, what)| Difference { wallet, what }).collect())
}
