//! What must be true of a person's passes (I25, I26, I28), found out from what is written down, by other ways than it was
//! decided.

use std::collections::BTreeMap;

use billing::dunning::{Cause, Letter};
use billing::pass::{EndedBy, Scheduled};
use billing::period::Cadence;
use ledger::{Source, TransferKind};
use store::{DebtEnd, DebtRow, PassGrantRow, PassRow, PaymentRow};
use units::{Amount, Cents, Instant, PassId, WalletId};

use crate::fingers::boundary;
use crate::world::World;

/// How much was seen, so that a test knows that it saw something.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub passes: u64,
    pub terms: u64,
    pub months: u64,
    pub bonuses: u64,
    pub failures: u64,
    pub lapsed: u64,
    pub ended: u64,
    pub beside: u64,
    /// Nodes that died in the middle of a call to the processor.
    pub deaths: u64,
}

impl Tally {
    pub fn add(&mut self, other: &Self) {
        self.passes += other.passes;
        self.terms += other.terms;
        self.months += other.months;
        self.bonuses += other.bonuses;
        self.failures += other.failures;
        self.lapsed += other.lapsed;
        self.ended += other.ended;
        self.beside += other.beside;
        self.deaths += other.deaths;
    }
}

/// Everything about one person.
struct Kept {
    wallet: WalletId,
    now: Instant,
    passes: Vec<PassRow>,
    grants: Vec<PassGrantRow>,
    debts: Vec<DebtRow>,
    payments: Vec<PaymentRow>,
}

pub async fn audit(world: &World, wallet: WalletId, tally: &mut Tally) {
    let reader = world.services().store.reader();
    let payments = world.payments(wallet).await.into_iter().filter(|row| row.purpose == "pass").collect();
    let debts = reader.list_all_debts(wallet).await.unwrap();
    let kept = Kept {
        wallet,
        now: world.ctx().now,
        passes: reader.list_passes(wallet).await.unwrap(),
        grants: world.pass_grants(wallet).await,
        debts: debts.into_iter().filter(|row| row.key.cause == Cause::Pass).collect(),
        payments,
    };
    kept.books(world).await;
    kept.in_force();
    kept.dunning(world, tally);
    for pass in &kept.passes {
        let months = kept.months(pass);
        kept.terms(pass, &months, tally);
        kept.bonuses(world, pass, &months, tally).await;
    }
    kept.money();
}

/// The months of a pass that were granted, by number.
type Months<'a> = BTreeMap<u32, &'a PassGrantRow>;

impl Kept {
    /// What passes have granted is in the books, once, and nothing else of that kind is.
    async fn books(&self, world: &World) {
        let reader = world.services().store.reader();
        let books = reader.list_grants(self.wallet, None, u32::MAX).await.unwrap();
        let from_passes = books.iter().filter(|grant| matches!(grant.source, Source::PassBase | Source::PassBonus));
        assert_eq!(from_passes.count(), self.grants.len(), "{}", self.wallet);
        for row in &self.grants {
            let grant = books.iter().find(|grant| grant.id == row.grant).unwrap_or_else(|| panic!("{row:?}"));
            assert!(
                (grant.source, grant.amount, grant.paid) == (row.source, row.amount, row.paid),
                "{row:?} {grant:?}"
            );
            assert!(row.booked_at.is_some() && grant.expires_at.is_some() == (row.source == Source::PassBonus));
        }
    }

    /// One is in force; any other that is not over runs out.
    fn in_force(&self) {
        let in_force = self.passes.iter().filter(|row| row.is_in_force);
        assert!(in_force.clone().count() <= 1, "{:?}", self.passes);
        assert!(in_force.into_iter().all(|row| row.pass.ended.is_none()));
        for row in self.passes.iter().filter(|row| !row.is_in_force && row.pass.ended.is_none()) {
            assert_eq!(row.pass.scheduled, Some(Scheduled::Cancel), "{row:?}");
        }
    }

    /// I28: a term is owed once, and tried no more often than the ladder has steps, cards were brought and people asked.
    fn dunning(&self, world: &World, tally: &mut Tally) {
        let rules = &world.services().catalog.current().dunning;
        for row in &self.debts {
            let debt = &row.debt;
            tally.failures += u64::from(debt.failures);
            let steps = 1 + rules.retry_days.len() as u32;
            assert!(debt.failures <= steps, "{row:?}");
            let is_lapsed = row.letter == Some(Letter::Lapsed);
            tally.lapsed += u64::from(is_lapsed);
            if let (true, Some((closed_at, how)), Some(failed_at)) = (is_lapsed, row.closed, debt.failed_at) {
                assert!(how == DebtEnd::Void && closed_at >= failed_at.plus_days(rules.grace_days), "{row:?}");
            }
            let paid = row.payment.and_then(|id| self.payments.iter().find(|payment| payment.id == id)?.paid_at);
            assert!(row.closed.is_none_or(|(_, how)| how == DebtEnd::Void || paid.is_some()), "{row:?}");
        }
    }

    fn months(&self, pass: &PassRow) -> Months<'_> {
        let own = self.grants.iter().filter(|row| row.pass == pass.id && row.source == Source::PassBase);
        own.map(|row| (row.month, row)).collect()
    }

    /// I25: months are granted in order without a gap, none before its time; a term begins with its payment.
    fn terms(&self, pass: &PassRow, months: &Months<'_>, tally: &mut Tally) {
        let anchor = pass.pass.term.anchor;
        tally.passes += 1;
        tally.ended += u64::from(pass.pass.ended.is_some());
        tally.beside += u64::from(!pass.is_in_force && pass.pass.ended.is_none());
        let numbers: Vec<u32> = months.keys().copied().collect();
        assert_eq!(numbers, (0..numbers.len() as u32).collect::<Vec<_>>(), "{pass:?}");
        assert!(months.values().is_sorted_by_key(|row| row.granted_at));
        let starts: Vec<u32> = [0].into_iter().chain(self.debts_of(pass.id, anchor).map(|row| row.key.month)).collect();
        for (number, row) in months {
            tally.months += 1;
            assert!(row.granted_at >= boundary(anchor, *number), "{row:?}");
            let payment = self.payments.iter().find(|payment| payment.id.uuid() == row.grant.uuid());
            assert_eq!(payment.is_some(), starts.contains(number), "{row:?} {starts:?}");
            let is_paid = payment.is_none_or(|payment| payment.paid_at.is_some() && payment.credited_at.is_some());
            assert!(is_paid, "{payment:?}");
            tally.terms += u64::from(payment.is_some());
        }
        // A paid term is granted as far as its time has come.
        if pass.pass.ended.is_none() && pass.pass.is_paid {
            let next = pass.pass.granted.map_or(0, |month| month.number + 1);
            assert!(self.now < boundary(anchor, next), "{pass:?}");
        }
    }

    fn debts_of(&self, _pass: PassId, anchor: Instant) -> impl Iterator<Item = &DebtRow> {
        self.debts.iter().filter(move |row| row.key.anchor == anchor)
    }

    /// I26: each month has its one bonus if, and only if, the journal says that its base less a dollar was used in time;
    /// and its percentage is that of its place in the streak.
    async fn bonuses(&self, world: &World, pass: &PassRow, months: &Months<'_>, tally: &mut Tally) {
        let reader = world.services().store.reader();
        let journal = reader.list_transfers(self.wallet, 0, u32::MAX).await.unwrap();
        let anchor = pass.pass.term.anchor;
        let mut streak = 0;
        let mut is_first = self.passes[0].id == pass.id;
        for (number, base) in months {
            let lapsed = self
                .debts_of(pass.id, anchor)
                .any(|row| row.key.month == *number && row.letter == Some(Letter::Lapsed));
            if lapsed {
                (streak, is_first) = (0, false);
            }
            streak += 1;
            let entered = journal.iter().find(|transfer| transfer.reference == base.grant.uuid().into_bytes());
            let (behind, end) = (entered.unwrap().seq, boundary(anchor, number + 1));
            let charges = journal
                .iter()
                .filter(|transfer| transfer.kind == TransferKind::Charge && transfer.seq > behind && transfer.at < end);
            let used: Amount = charges.map(|transfer| transfer.amount).sum();
            let is_unlocked = used >= base.amount.checked_sub(Amount::from_dollars(1)).unwrap();
            let bonus = self
                .grants
                .iter()
                .find(|row| row.pass == pass.id && row.month == *number && row.source == Source::PassBonus);
            assert_eq!(bonus.is_some(), is_unlocked, "month {number} of {}, used {used}: {base:?}", pass.id);
            let Some(bonus) = bonus else { continue };
            tally.bonuses += 1;
            let percents: Vec<i64> = self.percents(streak, is_first);
            let is_one = percents.iter().any(|percent| {
                let cents = (base.amount.to_cents_floor().count() * percent * 2 + 100) / 200;
                Amount::from_cents(Cents::from_count(cents)).unwrap() == bonus.amount
            });
            assert!(is_one, "{bonus:?} in month {streak} of the streak, {percents:?}");
            assert_eq!(bonus.expires_at, Some(boundary(bonus.granted_at, 1)));
        }
        let lapsed = pass.pass.ended.is_some_and(|ended| ended.why == EndedBy::Lapse);
        assert_eq!(i64::from(pass.pass.streak), if lapsed { 0 } else { streak }, "{pass:?}");
    }

    /// By the month or by the year: which it was is not written down with the grant.
    fn percents(&self, streak: i64, is_first: bool) -> Vec<i64> {
        let monthly = if streak == 1 && is_first { 50 } else { (5 * streak).min(40) };
        vec![monthly, 50]
    }

    /// What was paid for passes was granted, or is known to be granted later, to the cent.
    fn money(&self) {
        let paid: i64 = self.payments.iter().filter(|row| row.paid_at.is_some()).map(|row| row.amount.count()).sum();
        let bases = self.grants.iter().filter(|row| row.source == Source::PassBase && row.paid);
        let granted: i64 = bases.map(|row| row.amount.to_cents_floor().count()).sum();
        let later: i64 = self.passes.iter().map(|row| row.pass.prepaid().count()).sum();
        assert_eq!(paid, granted + later, "{}", self.wallet);
        let yearly = self.passes.iter().filter(|row| row.pass.term.cadence == Cadence::Yearly);
        assert!(yearly.into_iter().all(|row| row.pass.prepaid() <= row.pass.price));
    }
}
