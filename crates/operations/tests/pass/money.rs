//! The money of a pass: before it begins, when it comes late or twice, when it does not come, and when it goes back.

use billing::pass::{Scheduled, Status};
use billing::period::Cadence;
use operations::organization::{CreateOrganization, create};
use operations::payment::PaymentState;
use operations::refund::{RefundPurchase, refund_purchase};
use operations::{Caller, Error, pass};
use units::{Amount, PaymentId};

use crate::on_both;
use crate::world::*;

const ASKS: &str = "4000002760003184";
const SLOW: &str = "4000009999000105";

on_both! {
    /// The bank wants to see the person: nothing begins before they have said yes, and nothing when they say no.
    async fn it_begins_when_the_bank_says_so(world: World) {
        let wallet = world.subscriber("ana", ASKS).await;
        let asked = world.subscribe(wallet, 19, Cadence::Monthly).await.unwrap();
        assert!(matches!(asked.state, PaymentState::ActionRequired { .. }), "{asked:?}");
        assert_eq!(world.pass(wallet).await.pass, None);
        // The same wish is the same payment, and another one has to wait.
        let again = world.subscribe(wallet, 19, Cadence::Monthly).await.unwrap();
        assert_eq!(again.payment, asked.payment);
        let other = world.subscribe(wallet, 49, Cadence::Monthly).await.unwrap_err();
        assert_eq!(other.code(), "change_pending");
        world.answer(&asked, false).await;
        assert_eq!((world.pass(wallet).await.pass, world.available(wallet).await), (None, Amount::ZERO));

        let asked = world.subscribe(wallet, 49, Cadence::Yearly).await.unwrap();
        world.answer(&asked, true).await;
        let figures = world.figures(wallet).await;
        assert_eq!((figures.status, figures.streak), (Status::Active, 1));
        assert_eq!(world.available(wallet).await, Amount::from_dollars(49));
        world.run().await;
        assert_eq!(world.available(wallet).await, Amount::from_dollars(49));
    }

    /// A key binds a subscription: the same wish answers as before, another one is refused, also when it is over.
    async fn a_key_subscribes_once(world: World) {
        let wallet = world.subscriber("ana", GOOD).await;
        let subscribe = async |tier| {
            let request = pass::Subscribe {
                caller: Caller::Operator,
                wallet,
                tier: dollars(tier),
                cadence: Cadence::Monthly,
                card: None,
                key: Some("one".to_owned()),
                return_url: "http://localhost/".to_owned(),
                from: None,
            };
            pass::subscribe(world.services(), &world.ctx(), request).await
        };
        let first = subscribe(19).await.unwrap();
        assert_eq!(subscribe(19).await.unwrap(), first);
        assert_eq!(subscribe(49).await.unwrap_err().code(), "idempotency_conflict");
        assert_eq!(world.subscribe(wallet, 19, Cadence::Monthly).await.unwrap_err().code(), "subscription_exists");
        assert_eq!(world.paid(wallet).await, (1, 1));
    }

    /// Fifty presses of the button at once, on all nodes, are one pass.
    async fn many_wishes_at_once_are_one_pass(world: World) {
        let wallet = world.subscriber("ana", GOOD).await;
        let mut pressing = tokio::task::JoinSet::new();
        for press in 0..50 {
            let (services, ctx) = (world.nodes[press % world.nodes.len()].clone(), world.ctx());
            pressing.spawn(async move {
                let (caller, return_url, tier) = (Caller::Operator, "http://localhost/".to_owned(), dollars(19));
                let cadence = Cadence::Monthly;
                let request = pass::Subscribe { caller, wallet, tier, cadence, card: None, key: None, return_url, from: None };
                pass::subscribe(&services, &ctx, request).await.map(|bought| bought.payment)
            });
        }
        let answers = pressing.join_all().await;
        let mut payments: Vec<PaymentId> = answers.into_iter().filter_map(Result::ok).collect();
        payments.dedup();
        assert_eq!(payments.len(), 1);
        world.run().await;
        assert_eq!((world.paid(wallet).await, world.available(wallet).await), ((1, 1), Amount::from_dollars(19)));
    }

    /// The money of a renewal comes after the pass has lapsed and another one has begun: it brings what was paid, beside
    /// the pass in force, and ends.
    async fn money_that_comes_after_the_end_brings_its_term(world: World) {
        let wallet = world.subscriber("ana", GOOD).await;
        world.subscribe(wallet, 19, Cadence::Monthly).await.unwrap();
        world.add_card(wallet, SLOW).await;
        world.live_until("2028-03-29T23:30:00Z".parse().unwrap()).await;
        // The attempt is on its way, and she does not wait for it.
        assert_eq!(world.figures(wallet).await.status, Status::PastDue);
        let seen = pass::cancel(world.services(), &world.ctx(), &Caller::Operator, wallet).await.unwrap();
        assert_eq!(seen.figures.unwrap().status, Status::Ended);
        let waits = world.subscribe(wallet, 49, Cadence::Monthly).await.unwrap_err();
        assert_eq!(waits.code(), "change_pending");
        // Somebody gave the attempt up by mistake.
        give_up(world, wallet).await;
        world.add_card(wallet, GOOD).await;
        world.subscribe(wallet, 49, Cadence::Monthly).await.unwrap();
        world.live_until("2028-04-10T00:00:00Z".parse().unwrap()).await;
        assert_eq!(world.available(wallet).await, Amount::from_dollars(19 + 49 + 19));
        let figures = world.figures(wallet).await;
        assert_eq!((figures.tier, figures.streak, figures.scheduled), (dollars(49), 1, None));

        world.live_until("2028-05-10T00:00:00Z".parse().unwrap()).await;
        assert_eq!(world.available(wallet).await, Amount::from_dollars(19 + 49 + 19 + 49), "one goes on");
        assert_eq!(world.paid(wallet).await, (4, 4));
    }

    /// Without another pass it goes on, and ends with the term that was paid after all.
    async fn money_that_comes_after_a_cancellation_brings_its_term(world: World) {
        let wallet = world.subscriber("ana", GOOD).await;
        world.subscribe(wallet, 19, Cadence::Monthly).await.unwrap();
        world.add_card(wallet, SLOW).await;
        world.live_until("2028-03-29T23:30:00Z".parse().unwrap()).await;
        pass::cancel(world.services(), &world.ctx(), &Caller::Operator, wallet).await.unwrap();
        world.live_until("2028-04-10T00:00:00Z".parse().unwrap()).await;
        let figures = world.figures(wallet).await;
        assert_eq!((figures.status, figures.streak), (Status::Active, 2));
        assert_eq!(figures.scheduled, Some(Scheduled::Cancel));
        world.live_until("2028-05-10T00:00:00Z".parse().unwrap()).await;
        assert_eq!(world.figures(wallet).await.status, Status::Ended);
        assert_eq!(world.paid(wallet).await, (2, 2));
    }

    /// What is unused of the month that a payment brought goes back to its card, as with every purchase.
    async fn a_payment_is_refunded_like_any_other(world: World) {
        let wallet = world.subscriber("ana", GOOD).await;
        let bought = world.subscribe(wallet, 19, Cadence::Monthly).await.unwrap();
        world.charge(wallet, "4.50").await;
        let refund = async |cents: i64| {
            let request = RefundPurchase {
                caller: Caller::Operator,
                wallet,
                payment: bought.payment,
                amount: Some(units::Cents::from_count(cents)),
                reason: "not wanted".to_owned(),
                key: None,
            };
            refund_purchase(world.services(), &world.ctx(), request).await
        };
        assert_eq!(refund(1451).await.unwrap_err().code(), "refund_too_large");
        assert!(refund(1450).await.unwrap().is_paid);
        world.run().await;
        assert_eq!(world.available(wallet).await, Amount::ZERO);
    }

    /// While the bank thinks, what the payment has brought is frozen, and no further month comes. When it takes the money
    /// back, all of it goes, and what was used is owed.
    async fn a_year_whose_money_the_bank_takes_back_ends(world: World) {
        let (wallet, object) = disputed_year(world).await;
        world.sandbox().close_dispute(&object, false).await.unwrap();
        world.run().await;
        assert_eq!(world.figures(wallet).await.status, Status::Ended);
        world.live_until("2029-03-30T00:00:00Z".parse().unwrap()).await;
        assert_eq!((world.pass_grants(wallet).await.len(), world.paid(wallet).await), (2, (1, 1)));
        // What was used of both months is owed, and the card pays nothing more.
        let books = world.services().store.reader().load_wallet(wallet).await.unwrap().unwrap();
        assert_eq!((books.receivable, world.available(wallet).await), (Amount::from_dollars(21), Amount::ZERO));
        let refused = world.subscribe(wallet, 19, Cadence::Monthly).await.unwrap_err();
        assert_eq!(refused.code(), "card_blocked");
    }

    /// When the payment stands, all thaws, and the months that have begun meanwhile come.
    async fn a_year_whose_money_stays_goes_on(world: World) {
        let (wallet, object) = disputed_year(world).await;
        world.sandbox().close_dispute(&object, true).await.unwrap();
        world.run().await;
        assert_eq!(world.available(wallet).await, Amount::from_dollars(4 * 19 - 21));
        let figures = world.figures(wallet).await;
        assert_eq!((figures.status, figures.streak), (Status::Active, 4));
        world.live_until("2029-02-28T23:29:59Z".parse().unwrap()).await;
        assert_eq!((world.pass_grants(wallet).await.len(), world.paid(wallet).await), (12, (1, 1)));
    }

    /// A pass is a person's, and nobody else's business.
    async fn it_is_personal(world: World) {
        let (wallet, _) = world.person("ana").await;
        let (_, ben) = world.person("ben").await;
        let refused = pass::see(world.services(), &ben, wallet).await.unwrap_err();
        assert!(matches!(refused, Error::NotFound { .. }), "{refused}");
        let request = CreateOrganization { name: "acme".to_owned(), owner: None };
        let acme = create(world.services(), &world.ctx(), &ben, request).await.unwrap().wallet;
        let refused = pass::see(world.services(), &ben, acme).await.unwrap_err();
        assert_eq!(refused.code(), "invalid_field");
        let refused = pass::quote(world.services(), &ben, acme, dollars(19), Cadence::Monthly).await.unwrap_err();
        assert_eq!(refused.code(), "invalid_field");
    }
}

/// Two months of a year were granted, 21 dollars are used, and the bank has been thinking for two more.
async fn disputed_year(world: &World) -> (units::WalletId, String) {
    let wallet = world.subscriber("ana", GOOD).await;
    let bought = world.subscribe(wallet, 19, Cadence::Yearly).await.unwrap();
    world.charge(wallet, "4").await;
    world.live_until("2028-03-30T00:00:00Z".parse().unwrap()).await;
    world.charge(wallet, "17").await;
    assert_eq!((world.available(wallet).await, world.figures(wallet).await.streak), (Amount::from_dollars(17), 2));
    let object = world.attempts(bought.payment).await[0].foreign_id.clone().unwrap();
    world.sandbox().open_dispute(&object, false).await.unwrap();
    world.run().await;
    assert_eq!(world.available(wallet).await, Amount::ZERO);
    world.live_until("2028-05-30T00:00:00Z".parse().unwrap()).await;
    assert_eq!((world.available(wallet).await, world.figures(wallet).await.streak), (Amount::ZERO, 2));
    (wallet, object)
}

async fn give_up(world: &World, wallet: units::WalletId) {
    let payment = world.payments(wallet).await.pop().unwrap().id;
    let given_up = world.services().store.write(async move |tx| {
        let mut attempt = tx.find_attempt(payment).await?.unwrap();
        (attempt.state, attempt.is_live) = ("canceled".to_owned(), false);
        tx.save_attempt(&attempt).await
    });
    given_up.await.unwrap_or_else(|fault: store::Fault| panic!("{fault}"));
}
