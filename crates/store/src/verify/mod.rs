//! Recomputing the books from their journals, without trusting any stored sum.
//!
//! Each wallet is read from one state of the database, page by page, so it can be checked while it is in
//! use and in flat memory: what grows with a wallet's age is only its rows by day. Nothing is repaired.

mod amendments;
mod charges;
mod findings;
mod invoices;
mod journal;
mod quick;
mod rollups;
mod segments;

pub use findings::Difference;
pub use quick::{check_quickly, platform_difference};

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use findings::Findings;
use futures_util::{StreamExt, stream};
use ledger::Account;
use units::WalletId;

use crate::session::Session;
use crate::{BookSize, Fault, Reader, books};

/// How far a verification is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Wallets that were checked.
    pub wallets_done: u64,
    /// Wallets that there are.
    pub wallets: u64,
    /// Transfers and charges that were checked.
    pub rows: u64,
    /// How many of them there should be, by what the wallets and the rollups say.
    pub rows_expected: u64,
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
    /// Daily roots that were checked.
    pub roots: u64,
    /// Invoices and credit notes that were checked.
    pub invoices: u64,
    /// The first difference of each wallet that has one, and those of roots and invoices.
    pub differences: Vec<Difference>,
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
/// How many wallets are checked at once.
const AT_ONCE: usize = 4;
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
/// the last attodollar, and the rollups. Then the daily roots, and invoices against payments.
pub async fn verify(reader: &Reader, progress: &mut dyn FnMut(Progress)) -> Result<VerifyReport, Fault> {
    let mut report = VerifyReport::default();
    let BookSize { wallets, transfers, charges } = reader.size().await?;
    let rows_expected = transfers.saturating_add(charges);
    let rows = Arc::new(AtomicU64::new(0));
    let told = |wallets_done| Progress { wallets_done, wallets, rows: rows.load(Ordering::Relaxed), rows_expected };
    let mut after = None;
    loop {
        let page = reader.list_wallet_ids(after, WALLETS_A_PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(*last);
        let checks = stream::iter(page).map(|id| check_wallet(reader.clone(), id, Arc::clone(&rows)));
        let mut checks = checks.buffered(AT_ONCE);
        loop {
            match tokio::time::timeout(TICK, checks.next()).await {
                Ok(Some(found)) => report.take(found?),
                Ok(None) => break,
                Err(_) => progress(told(report.wallets)),
            }
        }
        progress(told(report.wallets));
    }
    let orphans = reader.read("looking for rows without a wallet", |session| Box::pin(orphans(session))).await?;
    report.differences.extend(orphans);
    let (roots, differences) = segments::check_roots(reader).await?;
    report.roots = roots;
    report.differences.extend(differences);
    let (invoices, differences) = invoices::check(reader).await?;
    report.invoices = invoices;
    report.differences.extend(differences);
    Ok(report)
}

/// Checks one wallet, on a thread of its own.
async fn check_wallet(reader: Reader, id: WalletId, rows: Arc<AtomicU64>) -> Result<Checkup, Fault> {
    let task = tokio::spawn(async move {
        reader.snapshot_wallet(id, "checking a wallet", move |session| Box::pin(check(session, id, rows))).await
    });
    task.await.unwrap_or_else(|error| match error.is_panic() {
        // Numbers that nobody can add up are a difference of their wallet too.
        true => {
            let what = "its numbers are beyond what can be counted".to_owned();
            let difference = Some(Difference { wallet: Some(id), seq: None, what, more: 0 });
            Ok(Checkup { difference, ..Checkup::default() })
        }
        false => Err(Fault::unavailable("checking a wallet", error)),
    })
}

/// What a wallet adds to the report.
#[derive(Default)]
struct Checkup {
    transfers: u64,
    charges: u64,
    platform: BTreeMap<Account, i128>,
    difference: Option<Difference>,
}

impl VerifyReport {
    fn take(&mut self, found: Checkup) {
        self.wallets += 1;
        self.transfers += found.transfers;
        self.charges += found.charges;
        for (account, nanos) in found.platform {
            *self.platform.entry(account).or_default() += nanos;
        }
        self.differences.extend(found.difference);
    }
}

async fn check(session: &mut Session<'_>, id: WalletId, rows: Arc<AtomicU64>) -> Result<Checkup, Fault> {
    let mut findings = Findings::default();
    let mut checkup = Checkup::default();
    check_parts(session, id, &rows, &mut findings, &mut checkup).await?;
    checkup.difference = findings.difference(id);
    Ok(checkup)
}

/// Looks at each part, also when one before it is wrong.
async fn check_parts(
    session: &mut Session<'_>,
    id: WalletId,
    rows: &AtomicU64,
    findings: &mut Findings,
    checkup: &mut Checkup,
) -> Result<(), Fault> {
    let sql = format!("SELECT {} FROM wallets WHERE id = $1", books::HEAD);
    let Some(mut row) = session.find(&sql, &[id.into()]).await? else {
        findings.add(None, || "the wallet went while it was checked".to_owned());
        return Ok(());
    };
    let Some((_, head)) = findings.note(books::head(&mut row).map_err(Wrong::from))? else { return Ok(()) };
    if session.find("SELECT 1 FROM refused_pages WHERE wallet = $1 LIMIT 1", &[id.into()]).await?.is_some() {
        findings
            .add(None, || "the tables refused a change that was acknowledged; it is kept in refused_pages".to_owned());
    }
    let walked = journal::walk(session, id, findings, rows).await;
    let Some(journal) = findings.note(walked)? else { return Ok(()) };
    (checkup.transfers, checkup.platform) = (journal.transfers, journal.platform());
    findings.note(journal::check_end(session, id, &head, &journal).await)?;
    if let Some(charges) = findings.note(charges::check(session, id, &head, &journal, rows).await)? {
        checkup.charges = charges.count;
        findings.note(rollups::check_usage(session, id, &charges.usage).await)?;
    }
    findings.note(rollups::check_accounts(session, id, &journal).await)?;
    Ok(())
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
    let difference = |(wallet, what)| Difference { wallet: Some(wallet), seq: None, what, more: 0 };
    Ok(found.into_iter().map(difference).collect())
}
