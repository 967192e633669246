//! The books against themselves, and what an operator has to see to.

use std::collections::BTreeMap;

use ledger::Account;
use store::{BookSize, FindingRow, GivenUpJob, SuspensionRow, platform_difference};
use units::{Amount, WalletId};

use crate::payment::EventsSeen;
use crate::{Caller, Error, Services, access};

/// The platform's accounts, and whether all of the books sum to zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciled {
    /// What was moved into each account, in all.
    pub accounts: BTreeMap<Account, Amount>,
    /// What is left on all grants and these accounts come to together: nothing, or the books are wrong.
    pub difference: Amount,
    /// How much there is.
    pub size: BookSize,
}

/// What an operator has to see to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarms {
    /// What the self-check found, until it is sound again, the oldest first.
    pub findings: Vec<FindingRow>,
    /// Work that was given up, the oldest first.
    pub given_up: Vec<GivenUpJob>,
    /// Wallets that are suspended by hand, the longest first.
    pub suspensions: Vec<(WalletId, SuspensionRow)>,
    /// What came to the door for events of the processor since this process began.
    pub events: EventsSeen,
}

/// So many of a kind are told.
const MOST_ALARMS: u32 = 100;

/// Sums the books up.
///
/// # Errors
/// `forbidden`.
pub async fn reconcile(services: &Services, caller: &Caller) -> Result<Reconciled, Error> {
    let reader = services.store.reader();
    access::read_operator(reader, caller).await?;
    let totals = reader.platform_totals().await?;
    Ok(Reconciled {
        accounts: totals.into_iter().map(|(account, nanos)| (account, shown(nanos))).collect(),
        difference: shown(platform_difference(reader).await?),
        size: reader.size().await?,
    })
}

/// Lists what has to be seen to.
///
/// # Errors
/// `forbidden`.
pub async fn alarms(services: &Services, caller: &Caller) -> Result<Alarms, Error> {
    let reader = services.store.reader();
    access::read_operator(reader, caller).await?;
    Ok(Alarms {
        findings: reader.list_findings(MOST_ALARMS).await?,
        given_up: reader.list_given_up_jobs(None, MOST_ALARMS).await?,
        suspensions: reader.list_suspensions(MOST_ALARMS).await?,
        events: services.events.seen(),
    })
}

/// Nobody has had more than fits in all of history; whoever would is shown the most that fits.
fn shown(nanos: i128) -> Amount {
    let most = if nanos < 0 { -i64::MAX } else { i64::MAX };
    Amount::from_nanos(i64::try_from(nanos).unwrap_or(most))
}
