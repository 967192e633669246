//! T10 for renewals of seats.

use operations::organization::CreatedOrganization;
use operations::seat::SeatChange;
use units::{Instant, WalletId};

use crate::desk::*;
use crate::on_both;
use crate::renewal::{self, Renewed};
use crate::world::*;

struct Seats(CreatedOrganization);

impl Renewed for Seats {
    async fn begin(world: &World, name: &str, card: TestCard) -> Self {
        let (_, owner) = world.person(name).await;
        let found = found(world, &owner, GOOD).await;
        order(world, found.organization, TEAMS).await.unwrap();
        world.add_card(found.wallet, card.number()).await;
        Self(found)
    }

    fn wallet(&self) -> WalletId {
        self.0.wallet
    }

    async fn renews_at(&self, world: &World) -> Instant {
        subscription(world, self.0.organization).await.term.end()
    }

    async fn check(&self, world: &World, is_paid: bool, place: &str) {
        assert_eq!(status(world, &self.0).await == "active", is_paid, "{place}");
        let now = subscription(world, self.0.organization).await;
        assert_eq!((now.is_paid, now.term.month), (is_paid, 1), "{place}");
    }

    /// Who is suspended is billed no further.
    async fn leave(&self, world: &World) {
        if subscription(world, self.0.organization).await.is_paid {
            change(world, self.0.organization, SeatChange::Cancel).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_at_every_call_of_a_renewal_is_paid_once() {
    renewal::every_fault_at_every_call::<Seats>().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_dies_at_a_call_of_a_renewal_is_paid_once() {
    renewal::deaths::<Seats>().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mixed_faults_of_a_renewal_are_paid_once() {
    renewal::mixed_faults::<Seats>().await;
}

on_both! {
    async fn an_answer_that_is_lost_is_paid_once(world: World) {
        renewal::lost_answers::<Seats>(world).await;
    }
}
