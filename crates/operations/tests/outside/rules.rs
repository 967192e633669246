//! The catalog changes while money is on its way: what was promised stays, what comes next goes by the new one.

use operations::payment::PaymentState;
use operations::{Caller, invoice};
use store::InvoiceFilter;
use units::{Amount, Cents};

use crate::payments::{bought, buy, later, person};
use crate::world::World;

#[tokio::test]
async fn a_purchase_on_its_way_keeps_its_draft_and_the_next_one_does_not() {
    let world = World::new().await;
    // Its bank answers a minute later.
    let wallet = person(&world, "4000009999000105").await;
    let before = buy(&world, wallet, 20, "before").await.unwrap();
    assert_eq!(before.state, PaymentState::Pending);
    let (held, services) = (world.services.catalog.current(), world.services.clone());
    let mut changed = (*held).clone();
    changed.purchase.fee_percent = "5".parse().unwrap();
    changed.purchase.personal.min = Cents::from_count(3_000);
    services.catalog.replace(changed);
    assert_eq!(held.purchase.personal.min, Cents::from_count(500), "who holds a catalog keeps it");

    // The same wish again is the one before, though nobody could wish it now.
    assert_eq!(buy(&world, wallet, 20, "before").await.unwrap(), before);
    assert_eq!(buy(&world, wallet, 20, "after").await.unwrap_err().code(), "amount_out_of_range");
    let quoted = invoice::quote(&world.services, &Caller::Operator, wallet, Cents::from_count(4_000)).await.unwrap();
    assert_eq!(quoted.total, Cents::from_count(4_200));
    buy(&world, wallet, 40, "after").await.unwrap();
    later(&world).await;

    assert_eq!(bought(&world, wallet).await, Amount::from_dollars(60));
    let reader = world.services.store.reader();
    let totals = reader.list_invoices(InvoiceFilter::default(), None, 10).await.unwrap();
    let mut totals: Vec<Cents> = totals.iter().map(|document| document.content.total).collect();
    totals.sort();
    assert_eq!(totals, [2_000, 4_200].map(Cents::from_count));
}
