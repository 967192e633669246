//! What must be true of an organization's seats and of what it owes, after every step (I25 to I28).

use billing::seat::{Event, Seating};
use operations::Caller;
use operations::organization::CreatedOrganization;
use operations::seat::{self, Seats};
use store::{DebtEnd, DebtRow};
use units::Instant;

use crate::desk::debts;
use crate::fingers::boundary;
use crate::world::World;

/// How much happened, so that a run in which nothing happens cannot pass.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub terms: usize,
    pub failed: usize,
    pub recovered: usize,
    pub suspended: usize,
    pub purged: usize,
    pub crashes: usize,
    /// Nodes that died in the middle of a call to the processor.
    pub deaths: usize,
}

impl Tally {
    pub fn add(&mut self, other: &Self) {
        self.terms += other.terms;
        self.failed += other.failed;
        self.recovered += other.recovered;
        self.suspended += other.suspended;
        self.purged += other.purged;
        self.crashes += other.crashes;
        self.deaths += other.deaths;
    }
}

/// As it stands now.
pub async fn audit(world: &World, found: &CreatedOrganization, trial_ends_at: Instant, tally: &mut Tally) {
    let shown = seat::show(world.services(), &world.ctx(), &Caller::Operator, found.organization).await.unwrap();
    let taken = shown.counts.members + shown.counts.invited;
    assert!(taken <= shown.seating.seats, "I27: more than there are: {shown:?}");
    assert!(taken <= shown.seating.staying(), "I27: more than stay after the renewal: {shown:?}");
    let debts = debts(world, found).await;
    terms(world, found, trial_ends_at, &shown, &debts).await;
    ladder(world, &shown, &debts, tally);
}

/// The history is the state, its terms follow each other, and none was skipped or billed twice.
async fn terms(world: &World, found: &CreatedOrganization, trial_ends_at: Instant, shown: &Seats, debts: &[DebtRow]) {
    let services = world.services();
    let mut events = services.store.reader().list_seat_events(found.organization, None, u32::MAX).await.unwrap();
    events.reverse();
    let mut folded = Seating::on_trial(services.catalog.current().trial.seats, trial_ends_at);
    let mut expected = Vec::new();
    for row in &events {
        if let Event::Renewed { term, .. } = &row.event {
            let before = folded.subscription.as_ref().unwrap().term;
            assert_eq!((before.anchor, before.end()), (term.anchor, term.start()), "I25: terms have no gap");
            assert_eq!(term.start(), boundary(term.anchor, term.month), "I25: counted from the anchor");
            expected.push((term.anchor, term.month));
        }
        folded.apply(&row.event);
    }
    assert_eq!(folded, shown.seating, "the history is not the state");
    let billed: Vec<_> = debts.iter().map(|row| (row.key.anchor, row.key.month)).collect();
    expected.sort();
    assert_eq!(billed, expected, "I26: a term is billed once");
    let mut payments: Vec<_> = debts.iter().filter_map(|row| row.payment).collect();
    let with_payment = payments.len();
    payments.sort();
    payments.dedup();
    assert_eq!(payments.len(), with_payment, "I26: a payment for each term");
}

/// Attempts are those of the schedule, and where the wallet stands follows from them.
fn ladder(world: &World, shown: &Seats, debts: &[DebtRow], tally: &mut Tally) {
    let (catalog, now) = (world.services().catalog.current(), world.ctx().now);
    let rules = &catalog.dunning;
    let most = 1 + rules.retry_days.len() as u32;
    let mut worst = "active";
    for row in debts {
        assert!(row.debt.failures <= most, "I28: {row:?}");
        let open = row.debt.failed_at.filter(|_| row.closed.is_none());
        let Some(failed_at) = open else { continue };
        let grace_ends_at = failed_at.plus_days(rules.grace_days);
        worst = match grace_ends_at.plus_days(rules.retention_days) {
            purges_at if purges_at <= now => "purged",
            _ if grace_ends_at <= now => "suspended",
            _ => "grace",
        };
        tally.suspended += usize::from(worst == "suspended");
    }
    assert_eq!(shown.status.name(), worst, "I28: {debts:?}");
    let open = debts.iter().filter(|row| row.closed.is_none() && row.purged_at.is_none());
    assert!(open.count() <= 1, "I28: one term at a time is owed: {debts:?}");
}

/// A term is paid by its payment, and by nothing else.
pub async fn audit_debts(world: &World, found: &CreatedOrganization, tally: &mut Tally) {
    for row in debts(world, found).await {
        tally.terms += 1;
        tally.failed += usize::from(row.debt.failed_at.is_some());
        tally.purged += usize::from(row.purged_at.is_some());
        let is_paid = matches!(row.closed, Some((_, DebtEnd::Paid)));
        tally.recovered += usize::from(is_paid && row.debt.failed_at.is_some());
        if let Some(payment) = row.payment {
            let payment = world.services().store.reader().find_payment(payment).await.unwrap().unwrap();
            assert_eq!(payment.paid_at.is_some(), is_paid, "I28: {row:?} {payment:?}");
        }
    }
}
