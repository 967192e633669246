//! A purchase goes back to its card at most once, whoever asks at once, whatever is lost, and whoever dies.

use std::sync::Arc;

use billing::Catalog;
use ledger::Source;
use operations::invoice;
use operations::refund::{RefundPurchase, Refunded, refund_purchase};
use operations::user::{SignUp, sign_up};
use operations::{Caller, Error};
use store::InvoiceFilter;
use units::{Amount, Cents, PaymentId, WalletId};

use crate::payments::{add_card, bought, buy, deliver, later, person};
use crate::world::World;

fn wish(wallet: WalletId, payment: PaymentId, dollars: i64, key: &str) -> RefundPurchase {
    RefundPurchase {
        caller: Caller::Operator,
        wallet,
        payment,
        amount: Some(Cents::from_count(dollars * 100)),
        reason: "not wanted".to_owned(),
        key: Some(key.to_owned()),
    }
}

async fn refund(
    world: &World,
    wallet: WalletId,
    payment: PaymentId,
    dollars: i64,
    key: &str,
) -> Result<Refunded, Error> {
    refund_purchase(&world.services, &world.context(), wish(wallet, payment, dollars, key)).await
}

/// What the processor sent back of a payment in all.
async fn sent_back(world: &World, payment: PaymentId) -> i64 {
    let processor = world.services.outside.processor.clone().unwrap();
    let attempt = world.services.store.reader().find_attempt(payment).await.unwrap().unwrap();
    let mut cents = 0;
    for row in world.services.store.reader().list_card_refunds(payment).await.unwrap() {
        let object = attempt.foreign_id.clone().unwrap();
        cents +=
            processor.find_refund(&object, &row.id.to_string()).await.unwrap().map_or(0, |told| told.amount.count());
    }
    cents
}

#[tokio::test]
async fn the_same_wish_is_refunded_once() {
    let world = World::new().await;
    let wallet = person(&world, "4242424242424242").await;
    let payment = buy(&world, wallet, 20, "k").await.unwrap().payment;
    let first = refund(&world, wallet, payment, 5, "r").await.unwrap();
    assert!(first.is_paid);
    assert_eq!(refund(&world, wallet, payment, 5, "r").await.unwrap(), first);
    assert_eq!(refund(&world, wallet, payment, 6, "r").await.unwrap_err().code(), "idempotency_conflict");
    assert_eq!(refund(&world, wallet, payment, 16, "r2").await.unwrap_err().code(), "refund_too_large");
    assert_eq!(refund(&world, wallet, payment, 0, "r3").await.unwrap_err().code(), "amount_out_of_range");
    let silent = RefundPurchase { reason: " ".to_owned(), ..wish(wallet, payment, 1, "r4") };
    let silent = refund_purchase(&world.services, &world.context(), silent).await.unwrap_err();
    assert_eq!(silent.code(), "invalid_field");
    later(&world).await;
    assert_eq!((bought(&world, wallet).await, sent_back(&world, payment).await), (Amount::from_dollars(15), 500));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refunds_at_once_never_exceed_what_is_left() {
    let world = World::new().await;
    let wallet = person(&world, "4242424242424242").await;
    let payment = buy(&world, wallet, 20, "k").await.unwrap().payment;
    let all = (0..12).map(|index| {
        let (services, ctx) = (world.services.clone(), world.context());
        let request = wish(wallet, payment, 6, &format!("r{index}"));
        tokio::spawn(async move { refund_purchase(&services, &ctx, request).await })
    });
    let mut paid = 0;
    for one in all.collect::<Vec<_>>() {
        match one.await.unwrap() {
            Ok(refunded) => paid += u32::from(refunded.is_paid),
            Err(error) => assert_eq!(error.code(), "refund_too_large"),
        }
    }
    assert_eq!(paid, 3);
    later(&world).await;
    assert_eq!((bought(&world, wallet).await, sent_back(&world, payment).await), (Amount::from_dollars(2), 1800));
}

#[tokio::test]
async fn a_payment_of_somebody_else_and_what_nobody_paid_for_are_not_refunded() {
    let world = World::new().await;
    let wallet = person(&world, "4242424242424242").await;
    let payment = buy(&world, wallet, 20, "k").await.unwrap().payment;
    let other = SignUp { name: "eve@example.com".to_owned(), country: None };
    let eve = sign_up(&world.services, &world.context(), other).await.unwrap().wallet;
    assert_eq!(refund(&world, eve, payment, 5, "r").await.unwrap_err().code(), "not_found");
    let granted = operations::grant::IssueGrant {
        wallet,
        source: Source::Operator,
        amount: Amount::from_dollars(9),
        paid: false,
        expires: operations::grant::Expiry::Never,
        key: None,
    };
    let granted = operations::grant::issue(&world.services, &world.context(), granted).await.unwrap().grant;
    let unpaid = PaymentId::from_uuid(granted.uuid());
    assert_eq!(refund(&world, wallet, unpaid, 5, "r").await.unwrap_err().code(), "not_found");
}

#[tokio::test]
async fn the_tax_goes_back_with_the_credits_and_a_credit_note_says_so() {
    let text = "tax.rates = { DE = 19 }\nseller = { name = \"Tare\", country = \"DE\" }";
    let world = World::with(Catalog::over_defaults(text).unwrap()).await;
    let request = SignUp { name: "ana@example.com".to_owned(), country: Some("DE".to_owned()) };
    let wallet = sign_up(&world.services, &world.context(), request).await.unwrap().wallet;
    add_card(&world, wallet, "4242424242424242").await.unwrap();
    let payment = buy(&world, wallet, 20, "k").await.unwrap().payment;
    let refunded = refund(&world, wallet, payment, 10, "r").await.unwrap();
    assert_eq!((refunded.amount, refunded.is_paid), (Cents::from_count(1190), true));
    assert_eq!(refund(&world, wallet, payment, 11, "r2").await.unwrap_err().code(), "refund_too_large");
    assert_eq!((bought(&world, wallet).await, sent_back(&world, payment).await), (Amount::from_dollars(10), 1190));
    let filter = InvoiceFilter { wallet: Some(wallet), ..InvoiceFilter::default() };
    let issued = invoice::list(&world.services, &Caller::Operator, filter, None, 9).await.unwrap();
    let notes: Vec<_> = issued.iter().filter(|document| document.refund == Some(refunded.refund)).collect();
    assert_eq!(notes.iter().map(|note| note.content.total).collect::<Vec<_>>(), [refunded.amount]);
    later(&world).await;
}

/// The bank knows of a dispute before we do: the processor refuses, and the credits are free again.
#[tokio::test]
async fn what_the_processor_refuses_frees_the_credits() {
    let world = World::new().await;
    let wallet = person(&world, "4242424242424242").await;
    let payment = buy(&world, wallet, 20, "k").await.unwrap().payment;
    let attempt = world.services.store.reader().find_attempt(payment).await.unwrap().unwrap();
    world.sandbox.open_dispute(&attempt.foreign_id.unwrap(), false).await.unwrap();
    assert_eq!(refund(&world, wallet, payment, 5, "r").await.unwrap_err().code(), "refund_failed");
    assert_eq!(refund(&world, wallet, payment, 5, "r").await.unwrap_err().code(), "refund_failed");
    let books = world.services.store.reader().load_wallet(wallet).await.unwrap().unwrap();
    assert_eq!(books.available(world.context().now), Amount::from_dollars(25), "nothing is set aside any more");
    deliver(&world).await;
    assert_eq!(refund(&world, wallet, payment, 5, "r2").await.unwrap_err().code(), "grant_disputed");
}

/// The processor is away when it is asked: nobody knows, the credits stay set aside, and it is looked for before it is
/// ever asked for again.
#[tokio::test]
async fn a_refund_whose_fate_is_unknown_is_looked_for() {
    let mut world = World::new().await;
    let wallet = person(&world, "4242424242424242").await;
    let payment = buy(&world, wallet, 20, "k").await.unwrap().payment;
    let processor = world.services.outside.processor.replace(Arc::new(crate::away::Away));
    let pending = refund(&world, wallet, payment, 5, "r").await.unwrap();
    assert!(!pending.is_paid);
    let books = world.services.store.reader().load_wallet(wallet).await.unwrap().unwrap();
    assert_eq!(books.available(world.context().now), Amount::from_dollars(20));
    assert_eq!(books.held(), Amount::from_dollars(5));
    world.services.outside.processor = processor;
    later(&world).await;
    assert_eq!((bought(&world, wallet).await, sent_back(&world, payment).await), (Amount::from_dollars(15), 500));
    assert!(refund(&world, wallet, payment, 5, "r").await.unwrap().is_paid);
}
