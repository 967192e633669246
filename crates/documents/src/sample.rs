//! Documents to try a template on: each kind, with the longest and the shortest of what can stand in them.

use billing::Catalog;
use billing::invoice::{Document, Draft, InvoiceKind, Number, Party, Series, credit_note, for_credits};
use units::{Cents, Instant, InvoiceId, PaymentId, RefundId, WalletId};
use uuid::Uuid;

const CATALOG: &str = r#"
purchase.fee_percent = "5.5"
tax.rates = { DE = 19, FR = 20, US = "8.875" }
[seller]
name = "Tare GmbH"
street = "Gartenweg 1"
postal_code = "10115"
city = "Berlin"
country = "DE"
tax_id = "DE123456788"
"#;

/// An invoice of a person at home, one with a reverse charge, one on Letter for a buyer who is hardly known, and a
/// credit note.
pub fn sample() -> Vec<Document> {
    let catalog = Catalog::over_defaults(CATALOG).expect("checked by a test");
    let home = invoice(&catalog, 1, buyer(["Ana Müller", "Ludwigkirchplatz 12", "10719", "Berlin", "DE", ""]), 2_001);
    let company = buyer([
        "Société Générale d’Électricité & Fils SARL",
        "1 rue de Rivoli",
        "75001",
        "Paris",
        "FR",
        "FR40303265045",
    ]);
    let abroad = invoice(&catalog, 2, company, 1_234_567);
    let unknown = invoice(&Catalog::embedded(), 3, buyer(["ana@example.com", "", "", "", "US", ""]), 5_000);
    let content = credit_note(&home.content, &[], Cents::from_count(1_000)).expect("half of it is left");
    let note = Document {
        id: InvoiceId::from_uuid(Uuid::from_u128(4)),
        number: Number { series: Series::CreditNote, count: 1, ..home.number },
        issued_at: home.issued_at.plus_days(10),
        corrects: Some(home.number),
        refund: Some(RefundId::from_uuid(Uuid::from_u128(4))),
        content,
        ..home.clone()
    };
    vec![home, abroad, unknown, note]
}

fn buyer([name, street, postal_code, city, country, tax_id]: [&str; 6]) -> Party {
    Party {
        name: name.to_owned(),
        street: street.to_owned(),
        extra: String::new(),
        postal_code: postal_code.to_owned(),
        city: city.to_owned(),
        region: String::new(),
        country: country.to_owned(),
        tax_id: tax_id.to_owned(),
    }
}

fn invoice(catalog: &Catalog, count: u32, buyer: Party, cents: i64) -> Document {
    let content: Draft =
        for_credits(catalog, InvoiceKind::Credits, buyer, Cents::from_count(cents)).expect("a small sum");
    // 2028-02-29T12:00:00Z: the day that templates get wrong.
    let issued_at = Instant::from_micros(1_835_438_400_000_000);
    let id = Uuid::from_u128(count.into());
    Document {
        id: InvoiceId::from_uuid(id),
        number: Number { year: issued_at.year(), series: Series::Invoice, count },
        issued_at,
        wallet: WalletId::from_uuid(id),
        payment: PaymentId::from_uuid(id),
        paid_with: "visa 4242".to_owned(),
        corrects: None,
        refund: None,
        content,
    }
}
