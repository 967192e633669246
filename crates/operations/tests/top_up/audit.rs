//! What must be true of the automatic top-ups of a wallet (I23) and of all its payments (I16, I24), found out from what is
//! written down, by other ways than it was decided.

use billing::dunning::Cause;
use billing::top_up::State;
use connectors::processor::PaymentStatus;
use ledger::Source;
use store::{AuditFilter, Holder, InvoiceFilter, PaymentRow, TopUpAttemptRow, TopUpAttemptState, TopUpConsentRow};
use units::{Amount, Instant, WalletId};
use uuid::Uuid;

use crate::world::World;

/// How much was seen, so that a test knows that it saw something.
#[derive(Clone, Copy, Debug, Default)]
pub struct TopUps {
    pub paid: usize,
    pub declined: usize,
    pub called_off: usize,
    /// How often it was paused, and how often by a suspension.
    pub paused: usize,
    pub suspended: usize,
    /// How often a cap was waited for.
    pub waited: usize,
}

impl TopUps {
    pub fn add(&mut self, other: &Self) {
        self.paid += other.paid;
        self.declined += other.declined;
        self.called_off += other.called_off;
        self.paused += other.paused;
        self.suspended += other.suspended;
        self.waited += other.waited;
    }
}

/// Behind everything that was due: whoever is below the line has a payment on its way, or waits for a moment that comes.
pub async fn audit_watch(world: &World, wallet: WalletId, tally: &mut TopUps) {
    let seen = world.see(wallet).await;
    if seen.state != State::On || seen.available >= seen.settings.threshold {
        return;
    }
    let waits = seen.waits_for.is_some_and(|(_, until)| until > world.ctx().now);
    assert!(seen.is_buying || waits, "I23: nobody tops {wallet} up: {seen:?}");
    tally.waited += usize::from(waits);
}

/// Everything that was ever bought without asking.
pub async fn audit_top_up(world: &World, wallet: WalletId, tally: &mut TopUps) {
    let reader = world.services().store.reader();
    let attempts = reader.list_top_up_attempts(wallet, u32::MAX).await.unwrap();
    let consents = reader.list_top_up_consents(wallet).await.unwrap();
    let stretches = stretches(world, wallet, tally).await;
    let suspended = suspensions(world, wallet).await;
    one_at_a_time(&attempts);
    within_limits(world, &attempts, &consents);
    for row in &attempts {
        let (began_at, ended_at) = (row.began_at, row.ended_at);
        let is_on = stretches.iter().any(|(from, to)| *from <= began_at && began_at <= *to);
        assert!(is_on, "I23: it was not on: {row:?} {stretches:?}");
        let is_suspended = suspended.iter().any(|(from, to)| *from <= began_at && began_at < *to);
        assert!(!is_suspended, "I23: it was suspended: {row:?} {suspended:?}");
        let goes_on = |(from, to): &(Instant, Instant)| ended_at.is_some_and(|at| *from < at && at < *to);
        let is_declined = row.state == TopUpAttemptState::Declined;
        assert!(!is_declined || !stretches.iter().any(goes_on), "I23: it went on after {row:?} {stretches:?}");
        tally.declined += usize::from(is_declined);
        tally.paid += usize::from(row.state == TopUpAttemptState::Paid);
        tally.called_off += usize::from(row.state == TopUpAttemptState::CalledOff);
    }
    let payments = world.payments(wallet).await.into_iter().filter(|row| row.purpose == Source::AutoTopUp.name());
    credits(world, wallet, &attempts, &payments.collect::<Vec<_>>()).await;
}

fn one_at_a_time(attempts: &[TopUpAttemptRow]) {
    for pair in attempts.windows(2) {
        let is_over = pair[0].ended_at.is_some_and(|end| end <= pair[1].began_at);
        assert!(is_over, "I23: two at once: {pair:?}");
    }
}

/// Each is of the amount that was agreed to, and stays within the caps of its UTC day and month.
fn within_limits(world: &World, attempts: &[TopUpAttemptRow], consents: &[TopUpConsentRow]) {
    let per_day = world.services().catalog.current().top_up.per_day as usize;
    for (at, row) in attempts.iter().enumerate() {
        // Of what was agreed to in the moment of the attempt nobody knows which came first.
        let earlier = consents.iter().rfind(|consent| consent.given_at < row.began_at);
        let now = consents.iter().filter(|consent| consent.given_at == row.began_at);
        let agreed: Vec<_> = earlier.into_iter().chain(now).collect();
        assert!(agreed.iter().any(|consent| consent.amount == row.amount), "I23: another amount: {row:?} {agreed:?}");
        let day = row.began_at.day();
        let today = attempts.iter().filter(|other| other.began_at.day() == day).count();
        assert!(today <= per_day, "I23: {today} on {day}");
        let is_counted = |other: &&TopUpAttemptRow| {
            let is_taken = matches!(other.state, TopUpAttemptState::Open | TopUpAttemptState::Paid);
            is_taken && other.began_at.day().first_of_month() == day.first_of_month()
        };
        let taken: i64 = attempts[..=at].iter().filter(is_counted).map(|other| other.amount.count()).sum();
        let cap = agreed.iter().map(|consent| consent.monthly_cap.count()).max().unwrap();
        assert!(taken <= cap, "I23: {taken} cents in the month of {row:?}, and {cap} are allowed");
    }
}

/// From when to when it was on, by the log.
async fn stretches(world: &World, wallet: WalletId, tally: &mut TopUps) -> Vec<(Instant, Instant)> {
    let reader = world.services().store.reader();
    let scope: Uuid = match reader.find_wallet(wallet).await.unwrap().unwrap().holder {
        Holder::User(user) => user.uuid(),
        Holder::Organization(organization) => organization.uuid(),
    };
    let mut lines = reader.list_audit(scope, AuditFilter::default(), None, u32::MAX).await.unwrap();
    lines.reverse();
    let (mut stretches, mut since) = (Vec::new(), None);
    for line in lines {
        match line.action.as_str() {
            "top_up.turn_on" | "top_up.resume" => _ = since.get_or_insert(line.at),
            "top_up.pause" | "top_up.turn_off" | "organization.purge" => {
                stretches.extend(since.take().map(|from| (from, line.at)));
                let is_pause = line.action == "top_up.pause";
                tally.paused += usize::from(is_pause);
                tally.suspended += usize::from(is_pause && line.after.is_some_and(|after| after.contains("suspended")));
            }
            _ => {}
        }
    }
    stretches.extend(since.map(|from| (from, world.ctx().now)));
    stretches
}

/// From when to when the wallet was suspended, by what it owed.
async fn suspensions(world: &World, wallet: WalletId) -> Vec<(Instant, Instant)> {
    let grace = world.services().catalog.current().dunning.grace_days;
    let debts = world.services().store.reader().list_all_debts(wallet).await.unwrap();
    let of_seats = debts.into_iter().filter(|row| row.key.cause == Cause::Seats);
    let failed = of_seats.filter_map(|row| Some((row.debt.failed_at?.plus_days(grace), row.closed)));
    let far = world.ctx().now.plus_days(1);
    failed.map(|(from, closed)| (from, closed.map_or(far, |(at, _)| at))).filter(|(from, to)| from < to).collect()
}

/// Each that is paid has brought its credits, once, and nothing else has.
async fn credits(world: &World, wallet: WalletId, attempts: &[TopUpAttemptRow], payments: &[PaymentRow]) {
    assert_eq!(attempts.len(), payments.len(), "{wallet}");
    let grants = world.services().store.reader().list_grants(wallet, None, u32::MAX).await.unwrap();
    let bought = grants.iter().filter(|grant| grant.source == Source::AutoTopUp);
    assert_eq!(bought.count(), payments.iter().filter(|row| row.credited_at.is_some()).count(), "{wallet}");
    for payment in payments {
        let attempt = attempts.iter().find(|row| row.payment == payment.id).unwrap();
        assert_eq!(attempt.amount, payment.amount);
        assert_eq!(attempt.state == TopUpAttemptState::Paid, payment.paid_at.is_some(), "{attempt:?} {payment:?}");
        assert_eq!(payment.credited_at.is_some(), payment.paid_at.is_some(), "{payment:?}");
        let grant = grants.iter().find(|grant| grant.id.uuid() == payment.id.uuid());
        let amount = Amount::from_cents(payment.amount).unwrap();
        assert!(payment.paid_at.is_none() || grant.is_some_and(|it| it.paid && it.amount == amount), "{grant:?}");
    }
}

/// The processor has charged once for each payment of a wallet that is paid, and for none that is not (I24); and each that
/// is paid has one invoice over what it took (I16). Answers how many are paid.
pub async fn audit_payments(world: &World, wallet: WalletId) -> usize {
    let processor = world.services().outside.processor.clone().unwrap();
    let filter = InvoiceFilter { wallet: Some(wallet), ..InvoiceFilter::default() };
    let invoices = world.services().store.reader().list_invoices(filter, None, u32::MAX).await.unwrap();
    let payments = world.payments(wallet).await;
    for payment in &payments {
        let mut charged = 0;
        for attempt in world.attempts(payment.id).await {
            assert!(!attempt.is_live || payment.paid_at.is_none(), "I24: {attempt:?}");
            if let Some(id) = attempt.foreign_id {
                let told = processor.get_payment(&id).await.unwrap();
                charged += usize::from(told.status == PaymentStatus::Succeeded);
            }
        }
        assert_eq!(charged, usize::from(payment.paid_at.is_some()), "I24: {payment:?}");
        let own: Vec<_> = invoices.iter().filter(|it| it.payment == payment.id && it.refund.is_none()).collect();
        assert_eq!(own.len(), usize::from(payment.paid_at.is_some()), "I16: {payment:?}");
        assert!(own.iter().all(|invoice| invoice.content.total == payment.amount), "I16: {payment:?}");
    }
    payments.iter().filter(|row| row.paid_at.is_some()).count()
}
