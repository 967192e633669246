//! A term is billed once, in order, and paid once.

use operations::seat::{self, SeatChange};
use store::{DebtEnd, InvoiceFilter};

use crate::desk::*;
use crate::on_both;
use crate::world::*;

const BANK_ASKS: &str = "4000002760003184";

on_both! {
    /// Eight at once, on all nodes: one debt, one payment, one attempt, one invoice.
    async fn whoever_finds_it_due_bills_it_once(world: World) {
        let acme = subscribed(world).await;
        go_to_renewal(world, acme.organization, 0).await;
        let mut looking = tokio::task::JoinSet::new();
        for at in 0..8 {
            let (services, ctx) = (world.nodes[at % world.nodes.len()].clone(), world.ctx());
            looking.spawn(async move { seat::advance(&services, &ctx, acme.organization).await });
        }
        looking.join_all().await.into_iter().for_each(|done| done.unwrap());
        world.run().await;
        let debts = debts(world, &acme).await;
        assert_eq!(debts.len(), 1);
        assert!(matches!(debts[0].closed, Some((_, DebtEnd::Paid))), "{debts:?}");
        let payments = world.payments(acme.wallet).await;
        assert_eq!(payments.len(), 2);
        let attempt = world.services().store.reader().find_attempt(payments[1].id).await.unwrap().unwrap();
        assert_eq!(attempt.number, 1);
        let filter = InvoiceFilter { wallet: Some(acme.wallet), ..InvoiceFilter::default() };
        assert_eq!(world.services().store.reader().list_invoices(filter, None, 10).await.unwrap().len(), 2);
    }

    /// Four months in which nothing ran: each term follows the one before it, and each is paid.
    async fn what_fell_due_while_nothing_ran_follows_in_order(world: World) {
        let acme = subscribed(world).await;
        let first = subscription(world, acme.organization).await.term;
        world.wait(125 * 86_400);
        world.run().await;
        let debts = debts(world, &acme).await;
        let months: Vec<u32> = debts.iter().map(|row| row.key.month).collect();
        assert_eq!(months, [1, 2, 3, 4]);
        assert!(debts.iter().all(|row| matches!(row.closed, Some((_, DebtEnd::Paid))) && row.key.anchor == first.anchor));
        assert_eq!(world.payments(acme.wallet).await.len(), 5);
        let now = subscription(world, acme.organization).await;
        assert!(now.is_paid && now.term.period().contains(world.ctx().now), "{now:?}");
        assert_eq!(status(world, &acme).await, "active");
    }

    /// While one is unpaid the next is not billed; when it is paid, what fell due meanwhile follows at once.
    async fn one_term_at_a_time_is_owed(world: World) {
        let acme = subscribed(world).await;
        world.add_card(acme.wallet, DECLINES).await;
        go_to_renewal(world, acme.organization, 0).await;
        world.run().await;
        assert_eq!(status(world, &acme).await, "grace");
        live(world, 3).await;
        assert_eq!(status(world, &acme).await, "suspended");
        let tried = debts(world, &acme).await[0].debt;
        assert_eq!((tried.failures, tried.is_trying), (4, false), "at once and on three days");
        live(world, 28).await;
        assert_eq!(debts(world, &acme).await.len(), 1);
        world.add_card(acme.wallet, GOOD).await;
        world.run().await;
        let months: Vec<_> = debts(world, &acme).await.iter().map(|row| (row.key.month, row.closed.is_some())).collect();
        assert_eq!(months, [(1, true), (2, true)]);
        assert_eq!(status(world, &acme).await, "active");
        // All attempts of the first were one payment, and so one invoice.
        assert_eq!(world.payments(acme.wallet).await.len(), 3);
    }

    /// The renewal waits for an order whose bank wants to see somebody, calls it off, and comes.
    async fn a_renewal_calls_an_open_order_off(world: World) {
        let acme = subscribed(world).await;
        world.add_card(acme.wallet, BANK_ASKS).await;
        go_to_renewal(world, acme.organization, -90_000).await;
        order(world, acme.organization, billing::seat::Wish::Add { seats: 2 }).await.unwrap();
        assert!(seating(world, acme.organization).await.order.is_some());
        world.add_card(acme.wallet, GOOD).await;
        world.wait(90_000);
        seat::advance(world.services(), &world.ctx(), acme.organization).await.unwrap();
        let seating = seating(world, acme.organization).await;
        let now = seating.subscription.as_ref().unwrap();
        assert_eq!((seating.seats, now.term.month, now.is_paid, &seating.order), (3, 1, true, &None));
    }

    /// A program that dies between the debt and its bank comes back and goes on, and the bank hears of it once.
    async fn a_crash_loses_no_renewal(world: World) {
        let acme = subscribed(world).await;
        change(world, acme.organization, SeatChange::Remove { seats: 2 }).await.unwrap();
        go_to_renewal(world, acme.organization, 0).await;
        // The debt and its first attempt are written down, and nobody outside hears of them.
        let mut away = world.services().clone();
        away.outside.processor = None;
        seat::advance(&away, &world.ctx(), acme.organization).await.unwrap();
        drop(away);
        world.crash().await;
        assert!(!subscription(world, acme.organization).await.is_paid);
        world.wait(3_600);
        world.run().await;
        assert_eq!(seating(world, acme.organization).await.seats, 1);
        assert!(subscription(world, acme.organization).await.is_paid);
        assert_eq!(world.payments(acme.wallet).await.iter().map(|row| row.amount.to_string()).collect::<Vec<_>>(), ["54.00", "18.00"]);
    }
}
