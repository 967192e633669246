//! Sums that hold for every invoice, and the cases that the law knows.

use proptest::prelude::*;
use units::Cents;

use super::*;
use crate::Catalog;

fn catalog(extra: &str) -> Catalog {
    let text = format!(
        "seller = {{ name = \"Tare GmbH\", city = \"Berlin\", country = \"DE\", tax_id = \"DE123456788\" }}\n\
         tax.rates = {{ DE = 19, FR = 20, GB = 20, US = \"8.875\", HU = 27 }}\n{extra}"
    );
    Catalog::over_defaults(&text).unwrap()
}

fn buyer(country: &str, tax_id: &str) -> Party {
    let buyer =
        Party { name: "Ana".to_owned(), country: country.to_owned(), tax_id: tax_id.to_owned(), ..Party::default() };
    buyer.checked().unwrap()
}

fn draft(catalog: &Catalog, buyer: Party, cents: i64) -> Draft {
    for_credits(catalog, InvoiceKind::Credits, buyer, Cents::from_count(cents)).unwrap()
}

fn shown(draft: &Draft) -> Vec<String> {
    draft.lines.iter().map(|line| format!("{}: {}", line.text, line.amount)).collect()
}

#[test]
fn nothing_is_taxed_by_default_and_there_is_no_fee() {
    let draft = draft(&Catalog::embedded(), buyer("DE", ""), 2_000);
    assert_eq!(shown(&draft), ["Kilo credits: 20.00"]);
    assert_eq!((draft.total, draft.treatment), (Cents::from_count(2_000), Treatment::Untaxed));
}

#[test]
fn fee_and_tax_come_on_top_and_are_no_credits() {
    let draft = draft(&catalog("purchase.fee_percent = \"5.5\""), buyer("DE", ""), 2_001);
    // 20.01 + 1.10055 -> 1.10; 19 % of 21.11 is 4.0109.
    assert_eq!(shown(&draft), ["Kilo credits: 20.01", "Processing fee 5.5 %: 1.10", "Tax 19 % (DE): 4.01"]);
    assert_eq!((draft.total, draft.credits()), (Cents::from_count(2_512), Cents::from_count(2_001)));
}

#[test]
fn the_buyers_country_and_tax_id_decide() {
    let catalog = catalog("");
    for (country, tax_id, treatment, tax) in [
        ("DE", "", Some("19"), 380),
        // At home a tax id changes nothing.
        ("DE", "DE999999999", Some("19"), 380),
        ("FR", "", Some("20"), 400),
        ("FR", "FR40303265045", None, 0),
        ("GB", "GB980780684", None, 0),
        // Nobody knows a valid form of it.
        ("US", "12-3456789", Some("8.875"), 178),
    ] {
        let draft = draft(&catalog, buyer(country, tax_id), 2_000);
        let wanted = match treatment {
            Some(rate) => Treatment::Taxed { rate: rate.parse().unwrap() },
            None => Treatment::ReverseCharge,
        };
        assert_eq!((draft.treatment, draft.tax()), (wanted, Cents::from_count(tax)), "{country} {tax_id}");
    }
    for untaxed in [buyer("", ""), buyer("BR", ""), buyer("AT", "ATU12345675")] {
        assert_eq!(draft(&catalog, untaxed, 2_000).treatment, Treatment::Untaxed);
    }
}

#[test]
fn numbers_are_read_as_they_are_written() {
    for text in ["2026-000001", "2026-C000001", "2026-999999", "2026-1000000"] {
        assert_eq!(text.parse::<Number>().unwrap().to_string(), text);
    }
    for text in ["", "2026-1", "2026-0000001", "2026-000000", "2026-c000001", "26-000001", "2026-+00001", "2026000001"]
    {
        assert!(text.parse::<Number>().is_err(), "{text}");
    }
    let text = "2026-9".repeat(50).parse::<Number>().unwrap_err().to_string();
    assert!(text.len() < 120, "{text}");
}

#[test]
fn what_cannot_be_an_invoice_is_none() {
    let catalog = catalog("");
    let of = |cents| for_credits(&catalog, InvoiceKind::Credits, buyer("DE", ""), Cents::from_count(cents));
    assert_eq!(of(0), Err(DraftError::NotPositive(Cents::ZERO)));
    assert_eq!(of(i64::MAX), Err(DraftError::TooLarge));
    assert_eq!(of(i64::MIN), Err(DraftError::TooLarge));
}

#[test]
fn details_are_checked_field_by_field() {
    let of = |change: fn(&mut Party)| {
        let mut party = buyer("DE", "");
        change(&mut party);
        party.checked().map_err(|wrong| wrong.field)
    };
    assert_eq!(of(|party| party.country = " de ".to_owned()).unwrap().country, "DE");
    assert_eq!(of(|party| party.name = "x".repeat(101)), Err("name"));
    assert_eq!(of(|party| party.city = "a\nb".to_owned()), Err("city"));
    assert_eq!(of(|party| party.country = "DEU".to_owned()), Err("country"));
    assert_eq!(of(|party| party.tax_id = "DE1".to_owned()), Err("tax_id"));
    assert_eq!(of(|party| (party.country, party.tax_id) = (String::new(), "1".to_owned())), Err("tax_id"));
}

#[test]
fn an_address_is_written_as_its_country_does() {
    let party = |country: &str| Party {
        street: "1 Main".to_owned(),
        postal_code: "10115".to_owned(),
        city: "Town".to_owned(),
        region: "NY".to_owned(),
        country: country.to_owned(),
        ..Party::default()
    };
    assert_eq!(party("US").address(), ["1 Main", "Town NY 10115", "US"]);
    assert_eq!(party("DE").address(), ["1 Main", "10115 Town NY", "DE"]);
    assert!(Party::default().address().is_empty());
}

fn countries() -> impl Strategy<Value = Party> {
    prop_oneof![
        Just(buyer("DE", "")),
        Just(buyer("US", "")),
        Just(buyer("HU", "")),
        Just(buyer("FR", "FR40303265045")),
        Just(buyer("BR", "")),
    ]
}

proptest! {
    #[test]
    fn the_total_is_the_sum_and_the_tax_is_half_up(cents in 1..100_000_000i64, fee in 0..100_000u32, buyer in countries()) {
        let fee = format!("purchase.fee_percent = \"{}.{:03}\"", fee / 1000, fee % 1000);
        let draft = draft(&catalog(&fee), buyer, cents);
        let sum: i64 = draft.lines.iter().map(|line| line.amount.count()).sum();
        prop_assert_eq!(draft.total.count(), sum);
        prop_assert_eq!(draft.credits().count(), cents);
        let (net, tax, rate) = (i128::from(draft.net().count()), draft.tax().count(), draft.treatment.rate());
        // Twice the distance from the exact tax is at most one cent, and a tie goes up.
        let distance = 2 * (i128::from(tax) * 100_000 - net * i128::from(rate.thousandths()));
        prop_assert!(-100_000 < distance && distance <= 100_000);
        let text = serde_json::to_string(&draft).unwrap();
        prop_assert_eq!(serde_json::from_str::<Draft>(&text).unwrap(), draft);
    }

    #[test]
    fn credit_notes_add_up_to_the_invoice(
        parts in proptest::collection::vec(1..5_000i64, 1..8), extra in 0..5_000i64, buyer in countries()
    ) {
        let whole = parts.iter().sum::<i64>() + extra;
        let invoice = draft(&catalog(""), buyer, whole);
        let mut notes: Vec<Draft> = Vec::new();
        for part in parts.iter().chain(&[extra]).filter(|part| **part > 0) {
            let note = credit_note(&invoice, &notes, Cents::from_count(*part)).unwrap();
            prop_assert!(note.tax() >= Cents::ZERO);
            prop_assert_eq!(note.net().count(), *part);
            prop_assert_eq!((&note.buyer, note.treatment), (&invoice.buyer, invoice.treatment));
            notes.push(note);
        }
        prop_assert_eq!(notes.iter().map(|note| note.total.count()).sum::<i64>(), invoice.total.count());
        let more = credit_note(&invoice, &notes, Cents::from_count(1));
        prop_assert_eq!(more, Err(DraftError::CreditTooLarge { asked: Cents::from_count(1), left: Cents::ZERO }));
    }

    #[test]
    fn a_number_survives_its_text(year in 1970..9999u32, count in 1..u32::MAX, is_note: bool) {
        let series = if is_note { Series::CreditNote } else { Series::Invoice };
        let number = Number { year, series, count };
        prop_assert_eq!(number.to_string().parse(), Ok(number));
    }
}

#[test]
fn the_fee_is_not_paid_back() {
    let invoice = draft(&catalog("purchase.fee_percent = 10"), buyer("DE", ""), 1_000);
    let asked = |cents| credit_note(&invoice, &[], Cents::from_count(cents));
    assert_eq!(shown(&asked(1_000).unwrap()), ["Kilo credits: 10.00", "Tax 19 % (DE): 1.90"]);
    let left = Cents::from_count(1_000);
    assert_eq!(asked(1_001), Err(DraftError::CreditTooLarge { asked: Cents::from_count(1_001), left }));
    assert_eq!(asked(0), Err(DraftError::NotPositive(Cents::ZERO)));
}
