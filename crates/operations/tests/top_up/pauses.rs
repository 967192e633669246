//! A bank that says no is asked once; so is a holder.

use billing::top_up::{Pause, State};
use operations::top_up;
use operations::{Caller, dispute, operator, refund};
use store::AuditFilter;
use units::{Amount, DisputeId, GrantId, RefundId};

use crate::on_both;
use crate::world::*;

const LETTER: &str = "ana@example.com: The automatic top-up is paused";

on_both! {
    async fn a_decline_pauses_with_one_letter(world: World) {
        let wallet = world.topped_up("ana", 20, DECLINES).await;
        world.charges(wallet, "0.10", 200).await;
        world.run().await;
        assert_eq!(world.paid(wallet).await, (1, 0));
        assert_eq!(world.see(wallet).await.state, State::Paused(Pause::Declined));
        assert_eq!(world.mails(), [LETTER]);

        // Days and old news later nobody was asked again.
        for _ in 0..3 {
            world.wait(86_400);
            world.run().await;
        }
        assert_eq!((world.paid(wallet).await, world.mails().len()), ((1, 0), 0));

        // Resumed with the same card, its bank says no again: a pause of its own, with a letter of its own.
        let resumed = top_up::resume(world.services(), &world.ctx(), &Caller::Operator, wallet).await.unwrap();
        assert_eq!(resumed.state, State::Paused(Pause::Declined));
        world.run().await;
        assert_eq!((world.paid(wallet).await, world.mails()), ((2, 0), vec![LETTER.to_owned()]));

        world.add_card(wallet, GOOD).await;
        let resumed = top_up::resume(world.services(), &world.ctx(), &Caller::Operator, wallet).await.unwrap();
        assert_eq!((resumed.state, resumed.available), (State::On, Amount::from_dollars(50)));
        world.run().await;
        assert_eq!((world.paid(wallet).await, world.mails().len()), ((3, 1), 0));
    }

    /// News of the payment that was declined come again and again, after the resumption too.
    async fn old_news_pause_nothing(world: World) {
        let wallet = world.topped_up("ana", 5, DECLINES).await;
        world.charge(wallet, "1").await;
        world.run().await;
        let declined = world.payments(wallet).await[0].id;
        world.add_card(wallet, GOOD).await;
        top_up::resume(world.services(), &world.ctx(), &Caller::Operator, wallet).await.unwrap();
        let seen = operations::payment::see(world.services(), &world.ctx(), &Caller::Operator, declined).await;
        assert_eq!(seen.unwrap_err().code(), "card_declined");
        world.run().await;
        assert_eq!((world.see(wallet).await.state, world.mails().len()), (State::On, 1));
    }

    async fn a_bank_that_asks_pauses(world: World) {
        let wallet = world.topped_up("ana", 20, "4000002760003184").await;
        world.charges(wallet, "0.10", 200).await;
        world.run().await;
        assert_eq!(world.see(wallet).await.state, State::Paused(Pause::AuthenticationRequired));
        assert_eq!((world.paid(wallet).await, world.mails()), ((1, 0), vec![LETTER.to_owned()]));
        let attempt = world.payments(wallet).await[0].id;
        let attempt = world.services().store.reader().find_attempt(attempt).await.unwrap().unwrap();
        assert!(!attempt.is_live, "the processor's object is called off");
    }

    /// A refund that takes the wallet below the threshold would be bought back at once.
    async fn a_refund_below_the_threshold_pauses(world: World) {
        let wallet = world.topped_up("ana", 5, GOOD).await;
        world.charge(wallet, "1").await;
        world.run().await;
        let grant = GrantId::from_uuid(world.payments(wallet).await[0].id.uuid());
        let ask = |n: u128, dollars| refund::ReserveRefund {
            wallet, refund: RefundId::from_uuid(uuid::Uuid::from_u128(n)), grant, amount: Amount::from_dollars(dollars),
        };
        refund::reserve(world.services(), &world.ctx(), ask(1, 40)).await.unwrap();
        assert_eq!(world.see(wallet).await.state, State::On, "14 are left");
        refund::reserve(world.services(), &world.ctx(), ask(2, 10)).await.unwrap();
        assert_eq!(world.see(wallet).await.state, State::Paused(Pause::Refund));
        world.charge(wallet, "1").await;
        world.run().await;
        assert_eq!((world.paid(wallet).await, world.mails()), ((1, 1), vec![LETTER.to_owned()]));
    }

    async fn a_dispute_pauses(world: World) {
        let wallet = world.topped_up("ana", 5, GOOD).await;
        world.charge(wallet, "1").await;
        world.run().await;
        let grant = GrantId::from_uuid(world.payments(wallet).await[0].id.uuid());
        let id = DisputeId::from_uuid(uuid::Uuid::from_u128(1));
        dispute::open(world.services(), &world.ctx(), dispute::OpenDispute { wallet, dispute: id, grant }).await.unwrap();
        assert_eq!(world.see(wallet).await.state, State::Paused(Pause::Dispute));
        world.run().await;
        assert_eq!((world.paid(wallet).await, world.mails()), ((1, 1), vec![LETTER.to_owned()]));
    }

    /// Suspended by an operator, it buys nothing however it is asked to, until both are undone.
    async fn a_suspension_by_hand_pauses(world: World) {
        let wallet = world.topped_up("ana", 20, GOOD).await;
        operator::suspend(world.services(), &world.ctx(), &Caller::Operator, wallet, "a test").await.unwrap();
        world.run().await;
        assert_eq!(world.mails(), ["ana@example.com: Service on Kilo is suspended"]);
        world.charge(wallet, "19").await;
        world.run().await;
        assert_eq!(world.see(wallet).await.state, State::Paused(Pause::Suspended));
        assert_eq!((world.paid(wallet).await, world.mails()), ((0, 0), vec![LETTER.to_owned()]));
        let resume = async || top_up::resume(world.services(), &world.ctx(), &Caller::Operator, wallet).await;
        assert_eq!(resume().await.unwrap_err().code(), "account_suspended");
        assert_eq!(world.turn_on(wallet, Default::default()).await.unwrap_err().code(), "account_suspended");
        operator::restore(world.services(), &world.ctx(), &Caller::Operator, wallet, None, "a test").await.unwrap();
        assert_eq!(resume().await.unwrap().state, State::On);
        world.run().await;
        assert_eq!(world.paid(wallet).await, (1, 1));
    }

    /// Whoever is paused by the server stands in the log, and so does who turned it on.
    async fn each_change_has_a_line_in_the_audit_log(world: World) {
        let (wallet, ana) = world.person("ana").await;
        world.add_card(wallet, DECLINES).await;
        world.turn_on(wallet, Default::default()).await.unwrap();
        world.turn_on(wallet, Default::default()).await.unwrap();
        world.add_card(wallet, GOOD).await;
        let (services, ctx) = (world.services(), world.ctx());
        top_up::resume(services, &ctx, &ana, wallet).await.unwrap();
        top_up::resume(services, &ctx, &ana, wallet).await.unwrap();
        top_up::turn_off(services, &ctx, &ana, wallet).await.unwrap();
        top_up::turn_off(services, &ctx, &ana, wallet).await.unwrap();
        let scope = operations::audit::Scope::Person(ana.user().unwrap());
        let lines = operations::audit::list(services, &ana, scope, AuditFilter::default(), None, 100).await.unwrap();
        let mut actions: Vec<(&str, &str)> =
            lines.iter().map(|row| (row.actor_kind.name(), row.action.as_str())).collect();
        actions.retain(|(_, action)| action.starts_with("top_up."));
        actions.reverse();
        assert_eq!(actions, [
            ("operator", "top_up.turn_on"), ("server", "top_up.pause"),
            // Turned on again below the threshold, with the card that declines.
            ("operator", "top_up.turn_on"), ("server", "top_up.pause"),
            ("person", "top_up.resume"), ("person", "top_up.turn_off"),
        ]);
    }
}
