//! An invoice for each payment, a credit note for each refund, and who may see them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use billing::Catalog;
use billing::invoice::{BillingDetails, Document, Number, Party, Series, Treatment};
use operations::audit::{self, AuditFilter, Scope};
use operations::invoice::{self, CreditNote, Printer};
use operations::payment::{self, Order, Way};
use operations::user::{SignUp, sign_up};
use operations::{Caller, Error};
use store::InvoiceFilter;
use units::{Amount, Cents, PaymentId, RefundId, SessionId, WalletId};
use uuid::Uuid;

use crate::payments::{add_card, wish};
use crate::world::World;

const VISA: &str = "4242424242424242";

fn taxed() -> Catalog {
    let text =
        "purchase.fee_percent = 5\ntax.rates = { DE = 19, FR = 20 }\nseller = { name = \"Tare\", country = \"DE\" }";
    Catalog::over_defaults(text).unwrap()
}

/// A person in Germany with a card.
async fn person(world: &World, name: &str) -> (WalletId, Caller) {
    let request = SignUp { name: format!("{name}@example.com"), country: Some("DE".to_owned()) };
    let person = sign_up(&world.services, &world.context(), request).await.unwrap();
    add_card(world, person.wallet, VISA).await.unwrap();
    let caller = Caller::Person { user: person.user, session: SessionId::from_uuid(Uuid::nil()) };
    (person.wallet, caller)
}

async fn buy(world: &World, wallet: WalletId, dollars: i64, key: &str) -> PaymentId {
    payment::buy(&world.services, &world.context(), wish(wallet, dollars, key)).await.unwrap().payment
}

async fn of(world: &World, wallet: WalletId) -> Vec<Document> {
    let filter = InvoiceFilter { wallet: Some(wallet), ..InvoiceFilter::default() };
    invoice::list(&world.services, &Caller::Operator, filter, None, 100).await.unwrap()
}

async fn credit(world: &World, payment: PaymentId, refund: u128, cents: i64) -> Result<Document, Error> {
    let note =
        CreditNote { payment, refund: RefundId::from_uuid(Uuid::from_u128(refund)), net: Cents::from_count(cents) };
    let ctx = world.context();
    world.services.store.giving_numbers().write(async move |tx| invoice::credit(tx, &ctx, note).await).await
}

#[tokio::test]
async fn what_is_paid_has_one_invoice_however_often_it_is_told() {
    let world = World::with(taxed()).await;
    let (wallet, _) = person(&world, "ana").await;
    let payment = buy(&world, wallet, 20, "k1").await;
    assert_eq!(buy(&world, wallet, 20, "k1").await, payment);
    for order in [Order::Reverse, Order::Normal] {
        payment::deliver(&world.services, &world.context(), &world.sandbox, Way { order, times: 3 }).await.unwrap();
        world.run().await;
    }
    let [invoice] = &of(&world, wallet).await[..] else { panic!("not one invoice") };
    assert_eq!((invoice.payment, invoice.number.to_string()), (payment, "2028-000001".to_owned()));
    assert_eq!((invoice.paid_with.as_str(), invoice.content.buyer.name.as_str()), ("visa 4242", "ana@example.com"));
    // 20.00, 5 % of it, 19 % of both.
    let lines: Vec<String> = invoice.content.lines.iter().map(|line| line.amount.to_string()).collect();
    assert_eq!(lines, ["20.00", "1.00", "3.99"]);
    let row = world.services.store.reader().find_payment(payment).await.unwrap().unwrap();
    assert_eq!(row.amount, invoice.content.total);
    let charged = world.sandbox.collect().await.unwrap();
    assert!(charged.is_empty(), "the processor has told everything");
    let wallet = world.services.store.reader().load_wallet(wallet).await.unwrap().unwrap();
    assert_eq!(wallet.balance(world.context().now), Amount::from_dollars(25), "fee and tax are no credits");
    let quote = invoice::quote(&world.services, &Caller::Operator, wallet.id, Cents::from_count(2_000)).await.unwrap();
    assert_eq!(quote, invoice.content);
}

#[tokio::test]
async fn a_refund_has_one_credit_note_and_never_more_than_is_left() {
    let world = World::with(taxed()).await;
    let (wallet, _) = person(&world, "ana").await;
    let payment = buy(&world, wallet, 20, "k1").await;
    let first = credit(&world, payment, 1, 333).await.unwrap();
    assert_eq!(credit(&world, payment, 1, 333).await.unwrap(), first);
    assert_eq!(first.number.to_string(), "2028-C000001");
    assert_eq!(first.corrects, Some("2028-000001".parse().unwrap()));
    // 19 % of 3.33 is 0.6327.
    assert_eq!((first.content.net(), first.content.tax()), (Cents::from_count(333), Cents::from_count(63)));
    let more = credit(&world, payment, 2, 1_668).await.unwrap_err();
    assert_eq!(more.to_string(), "amount: 16.68 is more than the 16.67 that can still be credited of this invoice");
    let rest = credit(&world, payment, 2, 1_667).await.unwrap();
    assert_eq!(rest.content.tax(), Cents::from_count(380 - 63), "together they take back the tax of 20.00");
    assert_eq!(rest.number.to_string(), "2028-C000002");
    let number = Number { year: 2028, series: Series::Invoice, count: 1 };
    let shown = invoice::show(&world.services, &Caller::Operator, number).await.unwrap();
    assert_eq!(shown.credit_notes, [first, rest]);
    let report = store::verify(world.services.store.reader(), &mut |_| {}).await.unwrap();
    assert_eq!((report.differences, report.invoices), (vec![], 3));
}

#[tokio::test]
async fn what_belongs_to_somebody_else_is_not_there() {
    let world = World::new().await;
    let ((ana, hers), (_, bob)) = (person(&world, "ana").await, person(&world, "bob").await);
    buy(&world, ana, 20, "k1").await;
    let filter = InvoiceFilter { wallet: Some(ana), ..InvoiceFilter::default() };
    let number: Number = "2028-000001".parse().unwrap();
    let services = &world.services;
    assert_eq!(invoice::list(services, &hers, filter.clone(), None, 9).await.unwrap().len(), 1);
    assert_eq!(invoice::show(services, &hers, number).await.unwrap().document.wallet, ana);
    let refusals = [
        invoice::list(services, &bob, filter, None, 9).await.unwrap_err(),
        invoice::show(services, &bob, number).await.unwrap_err(),
        invoice::load_details(services, &bob, ana).await.unwrap_err(),
        invoice::quote(services, &bob, ana, Cents::from_count(500)).await.unwrap_err(),
        invoice::set_details(services, &world.context(), &bob, ana, BillingDetails::default()).await.unwrap_err(),
    ];
    assert_eq!(refusals.map(|error| error.code()), ["not_found"; 5]);
    let theirs = invoice::show(services, &bob, number).await.unwrap_err().to_string();
    let none = invoice::show(services, &bob, "2028-000099".parse().unwrap()).await.unwrap_err().to_string();
    assert_eq!(theirs, none.replace("000099", "000001"), "absent and foreign sound the same");
    let all = invoice::list(services, &hers, InvoiceFilter::default(), None, 9).await.unwrap_err();
    assert_eq!(all.code(), "forbidden");
}

#[tokio::test]
async fn details_count_from_now_on_and_are_audited() {
    let world = World::with(taxed()).await;
    let (wallet, caller) = person(&world, "ana").await;
    let (services, ctx) = (&world.services, world.context());
    assert_eq!(invoice::load_details(services, &caller, wallet).await.unwrap(), BillingDetails::default());
    buy(&world, wallet, 20, "k1").await;
    let buyer = Party {
        name: " Ana SARL ".to_owned(),
        country: "fr".to_owned(),
        tax_id: "fr 40 303 265 045".to_owned(),
        ..Party::default()
    };
    let details = BillingDetails { buyer, email: Some("Bills@Example.com".to_owned()), is_mailed: true };
    let kept = invoice::set_details(services, &ctx, &caller, wallet, details.clone()).await.unwrap();
    assert_eq!((kept.buyer.name.as_str(), kept.buyer.tax_id.as_str()), ("Ana SARL", "FR40303265045"));
    assert_eq!(kept.email.as_deref(), Some("bills@example.com"));
    assert_eq!(invoice::set_details(services, &ctx, &caller, wallet, details).await.unwrap(), kept);
    buy(&world, wallet, 20, "k2").await;
    let [second, first] = &of(&world, wallet).await[..] else { panic!("not two invoices") };
    assert_eq!((&second.content.buyer, second.content.treatment), (&kept.buyer, Treatment::ReverseCharge));
    assert_eq!(first.content.buyer.name, "ana@example.com");

    for (field, wrong) in [
        ("tax_id", Party { country: "DE".to_owned(), tax_id: "12".to_owned(), ..Party::default() }),
        ("country", Party { country: "Germany".to_owned(), ..Party::default() }),
        ("name", Party { name: "x".repeat(500), ..Party::default() }),
    ] {
        let details = BillingDetails { buyer: wrong, ..BillingDetails::default() };
        match invoice::set_details(services, &ctx, &caller, wallet, details).await {
            Err(Error::Invalid { field: named, .. }) => assert_eq!(named, field),
            other => panic!("{field}: {other:?}"),
        }
    }
    assert_eq!(invoice::load_details(services, &caller, wallet).await.unwrap(), kept);
    let scope = Scope::Person(caller.user().unwrap());
    let filter = AuditFilter { action: Some("billing_details.set".to_owned()), ..AuditFilter::default() };
    let lines = audit::list(services, &caller, scope, filter, None, 9).await.unwrap();
    assert_eq!(lines.len(), 1, "one change, one line");
    assert!(lines[0].before.is_none() && lines[0].after.as_deref().unwrap().contains("Ana SARL"));
}

/// Prints the number alone, and may be out of order.
#[derive(Default)]
struct Plain(AtomicBool);

impl Printer for Plain {
    fn print(&self, document: &Document) -> Result<Vec<u8>, String> {
        match self.0.load(Ordering::Relaxed) {
            true => Err("line 7: no such thing".to_owned()),
            false => Ok(document.number.to_string().into_bytes()),
        }
    }
}

#[tokio::test]
async fn who_wishes_it_gets_each_document_by_mail_once() {
    let mut world = World::with(taxed()).await;
    let press = Arc::new(Plain::default());
    world.services.outside.printer = Some(press.clone());
    let (wallet, caller) = person(&world, "ana").await;
    buy(&world, wallet, 20, "k1").await;
    world.run().await;
    assert!(world.kept.take().is_empty(), "nobody wished it");
    let details = BillingDetails { is_mailed: true, ..BillingDetails::default() };
    invoice::set_details(&world.services, &world.context(), &caller, wallet, details).await.unwrap();
    press.0.store(true, Ordering::Relaxed);
    let payment = buy(&world, wallet, 20, "k2").await;
    assert_eq!(world.run().await.put_off, 1, "a broken template loses no mail");
    press.0.store(false, Ordering::Relaxed);
    credit(&world, payment, 7, 500).await.unwrap();
    world.clock.wait(3600);
    world.run().await;
    let mut mails: Vec<(String, String, Vec<u8>)> = Vec::new();
    for mail in world.kept.take() {
        let file = mail.attachment.expect("the document comes with it");
        assert_eq!((mail.to.as_str(), file.kind.as_str()), ("ana@example.com", "application/pdf"));
        mails.push((mail.subject, file.name, file.bytes));
    }
    mails.sort();
    let mail = |subject: &str, number: &str| (subject.to_owned(), format!("{number}.pdf"), number.as_bytes().to_vec());
    assert_eq!(
        mails,
        [
            mail("Your Kilo credit note 2028-C000001", "2028-C000001"),
            mail("Your Kilo invoice 2028-000002", "2028-000002")
        ]
    );
    world.run().await;
    assert!(world.kept.take().is_empty(), "once");
}

#[tokio::test]
async fn what_cannot_be_printed_says_so() {
    let mut world = World::new().await;
    let (wallet, caller) = person(&world, "ana").await;
    buy(&world, wallet, 20, "k1").await;
    let number: Number = "2028-000001".parse().unwrap();
    let none = invoice::pdf(&world.services, &caller, number).await.unwrap_err();
    assert_eq!(none.code(), "invoice_not_printed");
    let press = Arc::new(Plain::default());
    world.services.outside.printer = Some(press.clone());
    assert_eq!(invoice::pdf(&world.services, &caller, number).await.unwrap(), b"2028-000001");
    press.0.store(true, Ordering::Relaxed);
    let broken = invoice::pdf(&world.services, &caller, number).await.unwrap_err();
    assert_eq!(broken.code(), "invoice_not_printed");
    assert!(!broken.to_string().contains("line 7"), "the template is the operator's business: {broken}");
    let (_, bob) = person(&world, "bob").await;
    assert_eq!(invoice::pdf(&world.services, &bob, number).await.unwrap_err().code(), "not_found");
}
