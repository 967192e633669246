//! The chain of transfers, and the grants and holds that stand on it.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::{Account, Auditor, Grant, Transfer, TransferKind};
use units::{Amount, GrantId, WalletId};

use super::{Checked, ROWS_A_PAGE, Wrong, different};
use crate::books::{self, Head};
use crate::reader::list_transfers;
use crate::rows::place;
use crate::session::Session;

/// What the journal says.
pub(super) struct Journal {
    auditor: Auditor,
    pub transfers: u64,
    /// How many of them charge a request or book its loss.
    pub of_charges: u64,
    /// What moved into each account by day; all grants are one account.
    pub accounts: BTreeMap<i64, [i128; 6]>,
    /// What each grant brought, and whether money paid for it.
    issued: HashMap<GrantId, (Amount, bool)>,
}

impl Journal {
    pub(super) fn platform(&self) -> BTreeMap<Account, i128> {
        self.auditor.platform().iter().map(|(account, nanos)| (*account, *nanos)).collect()
    }

    fn take(&mut self, transfer: &Transfer) -> Checked<()> {
        self.auditor.take(transfer).map_err(|found| Wrong::Different(found.to_string()))?;
        let day = i64::from(transfer.at.day().number());
        let nanos = i128::from(transfer.amount.nanos());
        let accounts = self.accounts.entry(day).or_default();
        accounts[place(transfer.from)] -= nanos;
        accounts[place(transfer.to)] += nanos;
        self.transfers += 1;
        self.of_charges += u64::from(matches!(transfer.kind, TransferKind::Charge | TransferKind::Loss));
        if let (TransferKind::Grant, Account::Grant(grant)) = (transfer.kind, transfer.to) {
            self.issued.insert(grant, (transfer.amount, transfer.from == Account::Cash));
        }
        Ok(())
    }
}

pub(super) async fn check(session: &mut Session<'_>, id: WalletId, head: &Head, rows: &AtomicU64) -> Checked<Journal> {
    let mut journal = Journal {
        auditor: Auditor::new(id),
        transfers: 0,
        of_charges: 0,
        accounts: BTreeMap::new(),
        issued: HashMap::new(),
    };
    loop {
        // The journal is read by its own seq: a row that is missing shows as a gap.
        let page = list_transfers(session, id, journal.transfers, ROWS_A_PAGE).await?;
        page.iter().try_for_each(|transfer| journal.take(transfer))?;
        rows.fetch_add(page.len() as u64, Ordering::Relaxed);
        if page.len() < ROWS_A_PAGE as usize {
            break;
        }
    }
    let grants = list_grants(session, id).await?;
    let left: HashMap<GrantId, Amount> = grants.iter().map(|grant| (grant.id, grant.left)).collect();
    let stored = left.iter().map(|(grant, left)| (*grant, *left));
    journal.auditor.finish(head.head, stored).map_err(|found| Wrong::Different(found.to_string()))?;
    if journal.auditor.head().at != head.head.at {
        return different("the wallet and its last transfer disagree about the time of the last transfer");
    }
    let untold = |grant: &&Grant| journal.issued.get(&grant.id) != Some(&(grant.amount, grant.paid));
    if let Some(grant) = grants.iter().find(untold) {
        return different(format!("grant {} does not say what the journal says it brought", grant.id));
    }
    check_holds(session, id, &left).await?;
    Ok(journal)
}

async fn list_grants(session: &mut Session<'_>, id: WalletId) -> Checked<Vec<Grant>> {
    let sql = format!("SELECT {} FROM grants WHERE wallet = $1", books::GRANT);
    let rows = session.query(&sql, &[id.into()]).await?;
    rows.into_iter().map(|mut row| Ok(books::grant(&mut row)?.1)).collect()
}

/// Open holds reserve no more than is left, and have not ended.
async fn check_holds(session: &mut Session<'_>, id: WalletId, left: &HashMap<GrantId, Amount>) -> Checked<()> {
    let mut held: HashMap<GrantId, i128> = HashMap::new();
    for hold in books::open_holds(session, id).await? {
        for draw in hold.draws {
            let sum = held.entry(draw.grant).or_default();
            *sum += i128::from(draw.amount.nanos());
            let least = left.get(&draw.grant).copied().unwrap_or_default();
            if !draw.amount.is_positive() || *sum > i128::from(least.nanos()) {
                return different(format!(
                    "open holds reserve more than is left on {}; {} is one",
                    draw.grant, hold.id
                ));
            }
        }
    }
    for (table, how) in [("charges", "charged"), ("ended_holds", "ended")] {
        let sql = format!(
            "SELECT h.id FROM open_holds h JOIN {table} e ON e.wallet = h.wallet AND e.id = h.id WHERE h.wallet = $1"
        );
        if let Some(mut row) = session.find(&sql, &[id.into()]).await? {
            return different(format!("hold {} is open and was {how}", row.take::<units::HoldId>()?));
        }
    }
    Ok(())
}
