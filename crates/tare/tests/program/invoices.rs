//! A purchase, its invoice by mail with the PDF, and `tare invoice` on what was issued.

use std::path::Path;
use std::sync::Arc;

use billing::invoice::{BillingDetails, Document, Party};
use billing::{Catalog, PriceBook};
use connectors::mail::{KeptMail, Mail, Postbox};
use connectors::processor::sandbox::Sandbox;
use documents::Press;
use operations::invoice::{self, CreditNote, Printer};
use operations::payment::{self, AddCard, BeginCard, BuyCredits, StoreShelf};
use operations::user::{SignUp, sign_up};
use operations::{Caller, Context, Door, Outside, Services, jobs};
use store::{Database, Store};
use tokio::process::Command;
use units::{Cents, Instant, RefundId};
use uuid::Uuid;

use crate::office::SystemIds;
use crate::program::{finish, run};

const CATALOG: &str = "purchase.fee_percent = 5\ntax.rates = { DE = 19 }\nseller = { name = \"Tare GmbH\", \
                       city = \"Berlin\", country = \"DE\", tax_id = \"DE123456788\" }";
const HOME: &str = "http://localhost";

struct OwnPress(Press);

impl Printer for OwnPress {
    fn print(&self, document: &Document) -> Result<Vec<u8>, String> {
        self.0.print(document).map_err(|error| error.to_string())
    }
}

#[derive(Clone)]
struct Still(Instant);

impl Door for Still {
    fn context(&self) -> Context {
        Context { now: self.0, ids: Arc::new(SystemIds) }
    }
}

/// One invoice over 24.99 and a credit note over half of its credits, both mailed. Answers the mails.
async fn buy_and_refund(file: &Path) -> Vec<Mail> {
    let door = Still("2028-02-29T12:00:00Z".parse().unwrap());
    let store = Store::open(&Database::Sqlite(file.to_owned())).await.unwrap();
    let (kept, shelf, clock) = (Arc::new(KeptMail::default()), Arc::new(StoreShelf(store.clone())), door.0);
    let sandbox = Arc::new(Sandbox::new(shelf, move || clock, HOME, "secret".to_owned()));
    let outside = Outside {
        postbox: Postbox::in_memory(kept.clone()),
        processor: Some(sandbox.clone()),
        printer: Some(Arc::new(OwnPress(Press::built_in()))),
        oidc: None,
    };
    let catalog = Catalog::over_defaults(CATALOG).unwrap();
    let services = Services { outside, ..Services::new(store, catalog, PriceBook::embedded()) };
    let (ctx, caller) = (door.context(), Caller::Operator);
    let request = SignUp { name: "ana@example.com".to_owned(), country: Some("DE".to_owned()) };
    let wallet = sign_up(&services, &ctx, request).await.unwrap().wallet;
    let buyer = Party { name: "Ana Müller".to_owned(), city: "Köln".to_owned(), ..Party::default() };
    let details = BillingDetails { buyer, email: None, is_mailed: true };
    invoice::set_details(&services, &ctx, &caller, wallet, details).await.unwrap();
    let begin = BeginCard { caller, wallet, return_url: HOME.to_owned(), from: None };
    let setup = payment::begin_card(&services, &ctx, begin).await.unwrap().id;
    sandbox.submit_card(&setup, "4242424242424242").await.unwrap();
    payment::add_card(&services, &ctx, AddCard { caller, wallet, setup }).await.unwrap();
    let wish = BuyCredits {
        caller,
        wallet,
        amount: Cents::from_count(2_000),
        card: None,
        key: None,
        return_url: HOME.to_owned(),
        from: None,
    };
    let payment = payment::buy(&services, &ctx, wish).await.unwrap().payment;
    let note = CreditNote { payment, refund: RefundId::from_uuid(Uuid::now_v7()), net: Cents::from_count(1_000) };
    let credited = services.store.giving_numbers().write(async move |tx| invoice::credit(tx, &ctx, note).await).await;
    assert_eq!(credited.unwrap().content.total, Cents::from_count(1_190));
    let door: Arc<dyn Door> = Arc::new(door);
    jobs::run(&services, &door).await.unwrap();
    let Services { store, outside, .. } = services;
    drop(outside);
    store.close().await;
    kept.take()
}

async fn words(pdf: &Path) -> String {
    let said = finish(Command::new("pdftotext").arg("-layout").arg(pdf).arg("-")).await.well();
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invoice_is_mailed_listed_shown_and_printed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tare.db");
    let mails = buy_and_refund(&file).await;
    let subjects: Vec<&str> = mails.iter().map(|mail| mail.subject.as_str()).collect();
    assert_eq!(subjects, ["Your Kilo invoice 2028-000001", "Your Kilo credit note 2028-C000001"]);
    for (mail, name, total) in [(&mails[0], "2028-000001.pdf", "$24.99"), (&mails[1], "2028-C000001.pdf", "$11.90")] {
        let attached = mail.attachment.as_ref().expect("the PDF is attached");
        assert_eq!((attached.name.as_str(), mail.to.as_str()), (name, "ana@example.com"));
        let pdf = folder.path().join(name);
        std::fs::write(&pdf, &attached.bytes).unwrap();
        let words = words(&pdf).await;
        assert!(words.contains(total) && words.contains("Ana Müller"), "{words}");
    }

    let database = ["--database", file.to_str().unwrap()];
    let tare = async |words: &[&str]| run([words, &database].concat()).await;
    let listed = tare(&["invoice", "list"]).await.well();
    let lines: Vec<String> = listed.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        lines,
        [
            "NUMBER ISSUED FOR TOTAL BUYER",
            "2028-C000001 2028-02-29 credits 11.90 Ana Müller",
            "2028-000001 2028-02-29 credits 24.99 Ana Müller"
        ]
    );
    let notes = tare(&["invoice", "list", "--only", "credit-notes", "--wallet", "ana@example.com"]).await.well();
    assert!(notes.contains("2028-C000001") && !notes.contains("2028-000001"), "{notes}");
    let none = tare(&["invoice", "list", "--from", "2028-03-01"]).await.well();
    assert!(none.starts_with("no invoices yet"), "{none}");
    let shown = tare(&["invoice", "show", "2028-000001"]).await.well();
    for part in ["Ana Müller, Köln, DE", "Tare GmbH, Berlin, DE, tax id DE123456788", "Tax 19 % (DE)", "24.99"] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    let json = tare(&["invoice", "show", "2028-C000001", "--json"]).await.well();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["corrects"], &json["content"]["total"]), (&"2028-000001".into(), &"11.90".into()));

    let pdf = folder.path().join("printed.pdf");
    tare(&["invoice", "pdf", "2028-000001", "--out", pdf.to_str().unwrap()]).await.well();
    let mailed = std::fs::read(folder.path().join("2028-000001.pdf")).unwrap();
    assert_eq!(std::fs::read(&pdf).unwrap(), mailed, "the same document is the same file");
    let unknown = tare(&["invoice", "show", "2028-000002"]).await;
    assert_eq!((unknown.code, unknown.err.contains("there is no invoice 2028-000002")), (1, true), "{unknown:?}");
    let verified = run(["verify", database[0], database[1]]).await.well();
    assert!(verified.contains("invoices 2"), "{verified}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_template_of_ones_own_is_tried_before_anything_is_printed_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let built_in = run(["invoice", "template"]).await.well();
    let mine = built_in.replace("#let title =", "// mine\n#let title =");
    std::fs::write(path("mine.typ"), &mine).unwrap();
    let printed =
        run(["invoice", "template", "--try", &path(""), "--invoice-template", &path("mine.typ")]).await.well();
    assert_eq!(printed.lines().count(), 4, "{printed}");

    std::fs::write(path("broken.typ"), mine.replace("invoice.number\n", "invoice.nmuber\n")).unwrap();
    let line = 1 + mine.lines().position(|line| line.contains("#let title =")).unwrap();
    let upstream = "[[upstream]]\nname = 'x'\nbase_url = 'http://127.0.0.1:9/v1'\nmodels = { 'x/*' = '*' }";
    std::fs::write(path("tare.toml"), upstream).unwrap();
    let (broken, database, config) = (path("broken.typ"), path("tare.db"), path("tare.toml"));
    let serve = ["serve", "--listen", "127.0.0.1:0", "--database", &database, "--config", &config];
    let said = run(serve.into_iter().chain(["--invoice-template", &broken])).await;
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains(&format!("broken.typ, line {line}, column")) && said.err.contains("nmuber"), "{said:?}");
}
