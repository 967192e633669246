//! T10 for renewals of the pass: a month that was paid is granted, once, and one that was not is not.

use billing::dunning::Letter;
use billing::pass::Status;
use billing::period::Cadence;
use operations::{Caller, pass};
use store::DebtEnd;
use units::{Amount, Instant, WalletId};

use crate::on_both;
use crate::renewal::{self, Renewed};
use crate::world::*;

struct Pass(WalletId);

impl Renewed for Pass {
    async fn begin(world: &World, name: &str, card: TestCard) -> Self {
        let wallet = world.subscriber(name, GOOD).await;
        world.subscribe(wallet, 19, Cadence::Monthly).await.unwrap();
        world.add_card(wallet, card.number()).await;
        Self(wallet)
    }

    fn wallet(&self) -> WalletId {
        self.0
    }

    async fn renews_at(&self, world: &World) -> Instant {
        world.figures(self.0).await.period.end
    }

    async fn check(&self, world: &World, is_paid: bool, place: &str) {
        let months = if is_paid { 2 } else { 1 };
        let granted: Vec<_> =
            world.pass_grants(self.0).await.iter().map(|row| (row.month, row.booked_at.is_some())).collect();
        assert_eq!(granted, (0..months).map(|month| (month, true)).collect::<Vec<_>>(), "{place}");
        assert_eq!(world.available(self.0).await, Amount::from_dollars(19 * i64::from(months)), "{place}");
        assert_eq!(world.paid(self.0).await, (2, months as usize), "{place}: payments, and those with their credits");
        let figures = world.figures(self.0).await;
        let status = if is_paid { Status::Active } else { Status::Ended };
        assert_eq!((figures.status, figures.streak), (status, if is_paid { 2 } else { 0 }), "{place}");
        let debt = world.services().store.reader().list_all_debts(self.0).await.unwrap().remove(0);
        let has_lapsed = matches!(debt.closed, Some((_, DebtEnd::Void))) && debt.letter == Some(Letter::Lapsed);
        assert_eq!(has_lapsed, !is_paid, "{place}: {debt:?}");
    }

    async fn leave(&self, world: &World) {
        if world.figures(self.0).await.status == Status::Active {
            pass::cancel(world.services(), &world.ctx(), &Caller::Operator, self.0).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_at_every_call_of_a_renewal_is_paid_once() {
    renewal::every_fault_at_every_call::<Pass>().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_dies_at_a_call_of_a_renewal_is_paid_once() {
    renewal::deaths::<Pass>().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mixed_faults_of_a_renewal_are_paid_once() {
    renewal::mixed_faults::<Pass>().await;
}

on_both! {
    async fn an_answer_that_is_lost_is_paid_once(world: World) {
        renewal::lost_answers::<Pass>(world).await;
    }
}
