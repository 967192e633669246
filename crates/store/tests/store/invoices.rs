//! Numbers without gaps, documents that nobody changes, and what `verify` says when somebody did.

use std::collections::BTreeSet;
use std::sync::Arc;

use billing::Catalog;
use billing::invoice::{Document, Draft, InvoiceKind, Party, Series, credit_note, for_credits};
use store::{Fault, InvoiceFilter, PaymentRow, Store, verify};
use units::{CardId, Cents, Instant, InvoiceId, PaymentId, RefundId, WalletId};
use uuid::Uuid;

use crate::on_both;
use crate::world::*;

fn draft() -> Draft {
    let buyer = Party { name: "Ana".to_owned(), ..Party::default() };
    for_credits(&Catalog::embedded(), InvoiceKind::Credits, buyer, Cents::from_count(2_000)).unwrap()
}

/// A payment that is paid, and its invoice, in one transaction.
async fn pay(store: &Store, id: Uuid, wallet: WalletId, now: Instant) -> Result<Document, Fault> {
    let (payment, draft) = (PaymentId::from_uuid(id), draft());
    let mut key_hash = [0; 32];
    key_hash[..16].copy_from_slice(id.as_bytes());
    let row = PaymentRow {
        id: payment,
        wallet,
        purpose: "purchase".to_owned(),
        processor: "sandbox".to_owned(),
        card: CardId::from_uuid(id),
        amount: draft.total,
        by: None,
        key_hash,
        content: [0; 32],
        created_at: now,
        paid_at: Some(now),
        credited_at: None,
    };
    let work = async move |tx: &mut store::Tx<'_>| {
        tx.insert_payment(&row, &draft).await?;
        let (number, issued_at) = tx.next_invoice_number(Series::Invoice, now).await?;
        let document = Document {
            id: InvoiceId::from_uuid(id),
            number,
            issued_at,
            wallet,
            payment,
            paid_with: "visa 4242".to_owned(),
            corrects: None,
            refund: None,
            content: draft.clone(),
        };
        tx.insert_invoice(&document).await?;
        Ok(document)
    };
    store.giving_numbers().write(work).await
}

async fn credit(store: &Store, id: Uuid, invoice: &Document, cents: i64) -> Result<Document, Fault> {
    let invoice = invoice.clone();
    let work = async move |tx: &mut store::Tx<'_>| {
        let content = credit_note(&invoice.content, &[], Cents::from_count(cents)).unwrap();
        let (number, issued_at) = tx.next_invoice_number(Series::CreditNote, invoice.issued_at).await?;
        let document = Document {
            id: InvoiceId::from_uuid(id),
            number,
            issued_at,
            corrects: Some(invoice.number),
            refund: Some(RefundId::from_uuid(id)),
            content,
            ..invoice.clone()
        };
        tx.insert_invoice(&document).await?;
        Ok(document)
    };
    store.giving_numbers().write(work).await
}

/// How many invoices the writers issue together.
fn size() -> usize {
    match std::env::var("TARE_TEST_SIZE").as_deref() {
        Ok("release") => 10_000,
        _ => 1_000,
    }
}

const WRITERS: usize = 16;

on_both! {
    /// On SQLite one node has all writers, since no second may write.
    async fn sixteen_writers_leave_no_number_out(world: World) {
        let one = world.open().await;
        let two = if world.is_sqlite() { one.clone() } else { world.open().await };
        let wallet = world.wallet(&one).await;
        let left = Arc::new(std::sync::Mutex::new((0..size()).map(|_| world.id()).collect::<Vec<_>>()));
        let mut writers = Vec::new();
        for writer in 0..WRITERS {
            let store = if writer % 2 == 0 { one.clone() } else { two.clone() };
            let left = Arc::clone(&left);
            writers.push(tokio::spawn(async move {
                let mut given = Vec::new();
                loop {
                    let Some(id) = left.lock().unwrap().pop() else { return given };
                    // Each node's clock is off by another bit.
                    let now = at(i64::from(writer as u32 % 5));
                    given.push(pay(&store, id, wallet, now).await.unwrap());
                }
            }));
        }
        let mut given = Vec::new();
        for writer in writers {
            given.extend(writer.await.unwrap());
        }
        let numbers: BTreeSet<u32> = given.iter().map(|document| document.number.count).collect();
        assert_eq!(given.len(), size());
        assert_eq!(numbers, (1..=size() as u32).collect(), "each number once, none left out");
        given.sort_by_key(|document| document.number);
        assert!(given.is_sorted_by_key(|document| document.issued_at), "a later number has no earlier time");
        let report = verify(one.reader(), &mut |_| {}).await.unwrap();
        assert_eq!((report.differences, report.invoices), (vec![], size() as u64));
    }

    /// A transaction that fails gives no number.
    async fn a_failed_transaction_leaves_no_gap(world: World) {
        let store = world.open().await;
        let wallet = world.wallet(&store).await;
        pay(&store, world.id(), wallet, at(0)).await.unwrap();
        let lost = store.write(async move |tx| {
            tx.next_invoice_number(Series::Invoice, at(0)).await?;
            Err::<(), _>(Fault::Closed)
        });
        lost.await.unwrap_err();
        let next = pay(&store, world.id(), wallet, at(1)).await.unwrap();
        assert_eq!(next.number.to_string(), "2028-000002");
    }

    async fn each_year_and_series_begins_anew(world: World) {
        let store = world.open().await;
        let wallet = world.wallet(&store).await;
        let (last, first) = ("2028-12-31T23:59:59.999999Z".parse().unwrap(), "2029-01-01T00:00:00Z".parse().unwrap());
        let old = pay(&store, world.id(), wallet, last).await.unwrap();
        let new = pay(&store, world.id(), wallet, first).await.unwrap();
        let note = credit(&store, world.id(), &new, 500).await.unwrap();
        let numbers = [old, new, note].map(|document| document.number.to_string());
        assert_eq!(numbers, ["2028-000001", "2029-000001", "2029-C000001"]);
    }

    async fn nobody_changes_an_issued_document(world: World) {
        let store = world.open().await;
        let wallet = world.wallet(&store).await;
        let invoice = pay(&store, world.id(), wallet, at(0)).await.unwrap();
        for sql in [
            "UPDATE invoices SET total_cents = 1",
            "UPDATE invoices SET document = '{}'",
            "UPDATE invoices SET number = 2",
            "DELETE FROM invoices",
        ] {
            let refusal = world.run(sql).await.expect_err(sql);
            assert!(refusal.contains("invoices") || refusal.contains("issued invoice never changes"), "{refusal}");
        }
        if !world.is_sqlite() {
            world.run("TRUNCATE invoices").await.expect_err("nor all at once");
        }
        assert_eq!(store.reader().find_invoice(invoice.number).await, Ok(Some(invoice)));
    }

    async fn a_payment_has_one_invoice_and_a_refund_one_credit_note(world: World) {
        let store = world.open().await;
        let wallet = world.wallet(&store).await;
        let (id, refund) = (world.id(), world.id());
        let invoice = pay(&store, id, wallet, at(0)).await.unwrap();
        credit(&store, refund, &invoice, 500).await.unwrap();
        let again = Document { id: InvoiceId::from_uuid(world.id()), ..invoice.clone() };
        let twice = store.write(async move |tx| {
            let (number, _) = tx.next_invoice_number(Series::Invoice, at(0)).await?;
            tx.insert_invoice(&Document { number, ..again.clone() }).await
        });
        twice.await.unwrap_err();
        credit(&store, refund, &invoice, 500).await.unwrap_err();
    }

    async fn the_list_is_filtered_and_paged(world: World) {
        let store = world.open().await;
        let (ana, bob) = (world.wallet(&store).await, world.wallet(&store).await);
        let mut issued = Vec::new();
        for (wallet, second) in [(ana, 0), (bob, 1), (ana, 2), (ana, 3)] {
            issued.push(pay(&store, world.id(), wallet, at(second)).await.unwrap());
        }
        issued.push(credit(&store, world.id(), &issued[2], 500).await.unwrap());
        let list = async |filter: InvoiceFilter, before, limit| {
            let found = store.reader().list_invoices(filter, before, limit).await.unwrap();
            found.iter().map(|document| document.number.to_string()).collect::<Vec<_>>()
        };
        let of_ana = || InvoiceFilter { wallet: Some(ana), ..InvoiceFilter::default() };
        let all = ["2028-C000001", "2028-000004", "2028-000003", "2028-000001"];
        assert_eq!(list(of_ana(), None, 9).await, all);
        assert_eq!(list(of_ana(), None, 2).await, all[..2]);
        assert_eq!(list(of_ana(), Some(issued[3].id), 9).await, all[2..]);
        let notes = InvoiceFilter { series: Some(Series::CreditNote), ..InvoiceFilter::default() };
        assert_eq!(list(notes, None, 9).await, all[..1]);
        let some = InvoiceFilter { from: Some(at(1)), until: Some(at(2)), kind: Some(InvoiceKind::Credits), ..InvoiceFilter::default() };
        assert_eq!(list(some, None, 9).await, ["2028-000002"]);
        let none = InvoiceFilter { kind: Some(InvoiceKind::Seats), ..InvoiceFilter::default() };
        assert_eq!(list(none, None, 9).await, [""; 0]);
    }

    /// What a bug or a person with a shell does, `verify` says.
    async fn verify_sees_what_is_wrong(world: World) {
        let store = world.open().await;
        let wallet = world.wallet(&store).await;
        let mut payments = Vec::new();
        for second in 0..3 {
            payments.push(pay(&store, world.id(), wallet, at(second)).await.unwrap().payment);
        }
        credit(&store, world.id(), &store.reader().list_invoices(InvoiceFilter::default(), None, 1).await.unwrap()[0], 1)
            .await
            .unwrap();
        let found = async || -> Vec<String> {
            let report = verify(store.reader(), &mut |_| {}).await.unwrap();
            report.differences.iter().map(ToString::to_string).collect()
        };
        assert_eq!(found().await, [""; 0]);
        let unlock = match world.is_sqlite() {
            true => "DROP TRIGGER invoices_keep; DROP TRIGGER invoices_stay",
            false => "DROP TRIGGER invoices_keep ON invoices",
        };
        world.run(unlock).await.unwrap();

        world.run("UPDATE invoice_numbers SET last = 5 WHERE series = 'invoice'").await.unwrap();
        let gap = "the numbers of series invoice in 2028 go to 5, but 3 are there, up to 3";
        assert_eq!(found().await, [gap]);
        world.run("UPDATE invoice_numbers SET last = 3 WHERE series = 'invoice'").await.unwrap();

        world.run("UPDATE invoices SET total_cents = 1999 WHERE number = 1 AND series = 'invoice'").await.unwrap();
        let both = found().await;
        assert!(both[0].contains(&format!("{} is paid and has no invoice over the same amount", payments[0])), "{both:?}");
        assert!(both[1].contains("does not say what stands beside it"), "{both:?}");
        world.run("UPDATE invoices SET total_cents = 2000 WHERE number = 1 AND series = 'invoice'").await.unwrap();

        world.run("UPDATE invoices SET total_cents = 2001 WHERE series = 'credit_note'").await.unwrap();
        let credited = found().await;
        assert!(credited[0].contains("was credited more than its invoice is over"), "{credited:?}");
        world.run("UPDATE invoices SET total_cents = 1 WHERE series = 'credit_note'").await.unwrap();

        world.run("UPDATE payments SET paid_at = NULL").await.unwrap();
        let unpaid = found().await;
        assert!(unpaid.iter().all(|line| line.contains("was never paid")) && unpaid.len() >= 3, "{unpaid:?}");
    }
}
