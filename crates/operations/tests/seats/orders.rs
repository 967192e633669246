//! What is ordered is made once, at the price that was quoted.

use billing::period::Cadence;
use billing::seat::{Event, Plan, Wish};
use operations::payment::PaymentState;
use operations::seat::{self, SeatChange};
use operations::{Caller, invitation};
use units::Cents;

use crate::desk::*;
use crate::on_both;
use crate::world::*;

on_both! {
    async fn a_key_orders_once(world: World) {
        let (_, owner) = world.person("ana").await;
        let acme = found(world, &owner, GOOD).await;
        let (services, ctx) = (world.services(), world.ctx());
        let request = || wished(acme.organization, TEAMS, Cents::from_count(5_400), Some("k1"));
        let first = seat::order(services, &ctx, request()).await.unwrap();
        assert_eq!((first.total, &first.payment.as_ref().unwrap().state), (Cents::from_count(5_400), &PaymentState::Paid));
        // Again, it answers as before, though a subscription is there by now.
        assert_eq!(seat::order(services, &ctx, request()).await.unwrap(), first);
        let other = wished(acme.organization, Wish::Add { seats: 1 }, Cents::ZERO, Some("k1"));
        assert_eq!(seat::order(services, &ctx, other).await.unwrap_err().code(), "idempotency_conflict");
        assert_eq!(world.payments(acme.wallet).await.len(), 1);
        let history = seat::history(services, &owner, acme.organization, None, 10).await.unwrap();
        assert!(matches!(history[0].event, Event::Subscribed { seats: 3, .. }), "{history:?}");
        assert_eq!(history.iter().map(|row| row.number).collect::<Vec<_>>(), [3, 2, 1]);
    }

    /// The same key for what is free: seats that would leave stay once.
    async fn a_key_changes_once(world: World) {
        let acme = subscribed(world).await;
        change(world, acme.organization, SeatChange::Remove { seats: 2 }).await.unwrap();
        let (services, ctx) = (world.services(), world.ctx());
        for _ in 0..2 {
            let request = wished(acme.organization, Wish::Add { seats: 1 }, Cents::ZERO, Some("one more"));
            let ordered = seat::order(services, &ctx, request).await.unwrap();
            assert_eq!((ordered.total, ordered.payment), (Cents::ZERO, None));
            assert_eq!(subscription(world, acme.organization).await.leaving, 1);
        }
        for _ in 0..2 {
            let (caller, key) = (Caller::Operator, Some("less".to_owned()));
            let (organization, change) = (acme.organization, SeatChange::Remove { seats: 1 });
            seat::change(services, &ctx, seat::ChangeSeats { caller, organization, change, key }).await.unwrap();
            assert_eq!(subscription(world, acme.organization).await.leaving, 2);
        }
    }

    async fn a_price_that_is_another_by_now_is_asked_for_again(world: World) {
        let acme = subscribed(world).await;
        let (services, ctx) = (world.services(), world.ctx());
        let wish = Wish::Add { seats: 1 };
        let quoted = seat::quote(services, &ctx, &Caller::Operator, acme.organization, wish).await.unwrap().total;
        // The world began half an hour before midnight.
        world.wait(3_600);
        let before = seating(world, acme.organization).await;
        let refused = seat::order(services, &world.ctx(), wished(acme.organization, wish, quoted, Some("k"))).await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.code(), "quote_stale");
        assert_eq!(refused.to_string(), "this costs 17.38 now, not 18.00. Look at the new quote and confirm it");
        assert_eq!(seating(world, acme.organization).await, before);
        let now = Cents::from_count(1_738);
        let ordered = seat::order(services, &world.ctx(), wished(acme.organization, wish, now, Some("k"))).await;
        assert_eq!(ordered.unwrap().total, now);
        assert_eq!(seating(world, acme.organization).await.seats, 4);
    }

    /// Whoever asks at the same time, on either node: one change is under way, and the others are told so.
    async fn of_many_orders_at_once_one_is_made(world: World) {
        let acme = subscribed(world).await;
        let wish = Wish::Add { seats: 1 };
        let quoted =
            seat::quote(world.services(), &world.ctx(), &Caller::Operator, acme.organization, wish).await.unwrap().total;
        world.add_card(acme.wallet, "4000009999000105").await;
        let mut ordering = tokio::task::JoinSet::new();
        for at in 0..6 {
            let (services, ctx) = (world.nodes[at % world.nodes.len()].clone(), world.ctx());
            let request = wished(acme.organization, wish, quoted, None);
            ordering.spawn(async move { seat::order(&services, &ctx, request).await });
        }
        let answers = ordering.join_all().await;
        let made = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(made, 1, "{answers:?}");
        assert!(answers.iter().flat_map(|answer| answer.as_ref().err()).all(|error| error.code() == "change_pending"));
        assert_eq!(seating(world, acme.organization).await.seats, 3);
        world.wait(60);
        world.run().await;
        assert_eq!(seating(world, acme.organization).await.seats, 4);
        assert_eq!(world.payments(acme.wallet).await.len(), 2);
    }

    /// An order whose bank waits for its person can be called off, and then there is room for another.
    async fn what_is_under_way_can_be_called_off(world: World) {
        let acme = subscribed(world).await;
        world.add_card(acme.wallet, "4000002760003184").await;
        let ordered = order(world, acme.organization, Wish::Plan { plan: Plan::Enterprise }).await.unwrap();
        assert!(matches!(ordered.payment.unwrap().state, PaymentState::ActionRequired { .. }));
        let refused = change(world, acme.organization, SeatChange::Cadence(Cadence::Yearly)).await.unwrap_err();
        assert_eq!(refused.code(), "change_pending");
        for _ in 0..2 {
            seat::call_off(world.services(), &world.ctx(), &Caller::Operator, acme.organization).await.unwrap();
            assert_eq!(seating(world, acme.organization).await.order, None);
        }
        change(world, acme.organization, SeatChange::Cadence(Cadence::Yearly)).await.unwrap();
        assert_eq!(subscription(world, acme.organization).await.plan, Plan::Teams);
    }

    /// The first plan that is being paid for has two seats, so nobody is invited to the third of the trial.
    async fn nobody_is_invited_to_a_seat_that_will_not_be_there(world: World) {
        let (_, owner) = world.person("ana").await;
        let acme = found(world, &owner, "4000009999000105").await;
        let wish = Wish::Subscribe { plan: Plan::Teams, cadence: Cadence::Yearly, seats: 2 };
        order(world, acme.organization, wish).await.unwrap();
        let invite = async |name: &str| {
            let (organization, email) = (acme.organization, format!("{name}@example.com"));
            let request = invitation::Invite { organization, email, role: billing::Role::Member };
            invitation::invite(world.services(), &world.ctx(), &owner, request).await
        };
        invite("bob").await.unwrap();
        assert_eq!(invite("cleo").await.unwrap_err().code(), "no_free_seat");
        world.wait(60);
        world.run().await;
        assert_eq!(seating(world, acme.organization).await.seats, 2);
    }
}
