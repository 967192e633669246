//! Money that comes when it is of no use any more goes back to its card.

use billing::payment::AttemptState;
use billing::seat::Wish;
use operations::payment::PaymentState;
use store::{AttemptRow, InvoiceFilter};

use crate::desk::*;
use crate::on_both;
use crate::world::*;

on_both! {
    /// The processor had called the order off, the term was renewed, and then the bank took the money after all.
    async fn an_order_that_is_paid_in_another_term_is_given_back(world: World) {
        let acme = subscribed(world).await;
        world.add_card(acme.wallet, "4000002760003184").await;
        go_to_renewal(world, acme.organization, -90_000).await;
        let ordered = order(world, acme.organization, Wish::Add { seats: 2 }).await.unwrap().payment.unwrap();
        let PaymentState::ActionRequired { page } = ordered.state else { panic!("its bank asks") };
        // As if the processor had said so.
        let attempt = world.services().store.reader().find_attempt(ordered.payment).await.unwrap().unwrap();
        let row = AttemptRow { state: AttemptState::Canceled.name().to_owned(), is_live: false, ..attempt };
        let organization = acme.organization;
        let written = world.services().store.write(async move |tx| {
            tx.save_attempt(&row).await?;
            let mut seating = tx.find_standing(organization, None).await?.unwrap().organization.seating;
            seating.order = None;
            tx.set_seating(organization, &seating).await
        });
        written.await.unwrap();
        world.add_card(acme.wallet, GOOD).await;
        world.wait(90_000);
        world.run().await;
        assert_eq!(subscription(world, acme.organization).await.term.month, 1);
        let object = page.rsplit('/').next().unwrap();
        world.sandbox().answer_payment(object, true).await.unwrap();
        world.run().await;
        assert_eq!(seating(world, acme.organization).await.seats, 3);
        let reader = world.services().store.reader();
        let refunds = reader.list_card_refunds(ordered.payment).await.unwrap();
        assert_eq!(refunds.iter().map(|row| row.state.as_str()).collect::<Vec<_>>(), ["paid"]);
        let filter = InvoiceFilter { wallet: Some(acme.wallet), ..InvoiceFilter::default() };
        let documents = reader.list_invoices(filter, None, 10).await.unwrap();
        let of_it: Vec<_> = documents.iter().filter(|document| document.payment == ordered.payment).collect();
        assert_eq!(of_it.len(), 2, "an invoice and its credit note");
        assert_eq!(of_it[0].content.total, of_it[1].content.total);
        // Nothing of it reached the books.
        assert!(reader.list_grants(acme.wallet, None, 10).await.unwrap().is_empty());
    }
}
