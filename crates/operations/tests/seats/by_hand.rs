//! An operator's suspension beside a debt: neither ends the other.

use operations::dunning::{PayDue, pay_due};
use operations::payer::require_served;
use operations::{Caller, operator};

use crate::desk::*;
use crate::on_both;
use crate::world::*;

on_both! {
    async fn paying_ends_no_suspension_by_hand_and_restoring_forgives_no_debt(world: World) {
        let acme = subscribed(world).await;
        let (services, caller, wallet) = (world.services(), Caller::Operator, acme.wallet);
        let suspend = async || operator::suspend(services, &world.ctx(), &caller, wallet, "a test").await.unwrap();
        let restore = async || operator::restore(services, &world.ctx(), &caller, wallet, None, "a test").await.unwrap();
        let is_served = async || require_served(services, &world.ctx(), wallet).await.is_ok();

        // A term that is paid while the service is stopped by hand begins all the same; the billing date stays.
        suspend().await;
        go_to_renewal(world, acme.organization, 0).await;
        world.run().await;
        let term = subscription(world, acme.organization).await;
        assert!(term.is_paid && !is_served().await);
        assert!(restore().await.goes_on() && is_served().await);

        // The next one is not paid: suspended by its debt, and by hand.
        world.add_card(wallet, DECLINES).await;
        go_to_renewal(world, acme.organization, 0).await;
        world.run().await;
        live(world, 3).await;
        let both = suspend().await;
        assert!(both.suspension.is_some() && !both.owes.is_served());

        // Restored by hand, it owes as before. The letter says so.
        world.run().await;
        world.mails();
        let owes = restore().await;
        assert!(owes.suspension.is_none() && !owes.goes_on() && !is_served().await);
        world.run().await;
        assert_eq!(world.mails(), ["ana@example.com: The suspension of Acme on Kilo has ended"]);

        // Suspended again, it pays, which nobody refuses; and stays suspended by hand.
        suspend().await;
        world.add_card(wallet, GOOD).await;
        let pay = PayDue { caller, wallet, card: None, return_url: "http://localhost/".to_owned(), from: None };
        pay_due(services, &world.ctx(), pay).await.unwrap();
        world.run().await;
        assert_eq!(status(world, &acme).await, "active");
        assert!(!is_served().await, "the payment has not lifted it");
        assert!(restore().await.goes_on() && is_served().await);
    }
}
