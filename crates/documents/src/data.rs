//! What a template is given: the document in words, ready to be set. The head of the built-in template explains it.

use billing::invoice::{Document, LineKind, Party, Series, Treatment};
use serde_json::{Value, json};
use units::Cents;

use crate::country;

/// Countries where paper is 8.5 by 11 inches.
const LETTER: [&str; 9] = ["US", "CA", "MX", "PH", "CL", "CO", "VE", "GT", "CR"];

pub(crate) fn of(document: &Document) -> Value {
    let content = &document.content;
    let lines = content.lines.iter().filter(|line| line.kind != LineKind::Tax);
    let lines: Vec<Value> =
        lines.map(|line| json!({"text": line.text, "quantity": line.quantity, "amount": money(line.amount)})).collect();
    let tax = content.lines.iter().find(|line| line.kind == LineKind::Tax);
    let treatment = match content.treatment {
        Treatment::Untaxed => "untaxed",
        Treatment::Taxed { .. } => "taxed",
        Treatment::ReverseCharge => "reverse_charge",
    };
    json!({
        "kind": document.series().name(),
        "number": document.number,
        "issued_on": document.issued_at.day(),
        "corrects": document.corrects,
        "paper": if LETTER.contains(&content.buyer.country.as_str()) { "us-letter" } else { "a4" },
        "seller": party(&content.seller),
        "buyer": party(&content.buyer),
        "lines": lines,
        "net": money(content.net()),
        "tax": tax.map(|tax| json!({"text": tax.text, "amount": money(tax.amount)})),
        "total": money(content.total),
        "treatment": treatment,
        "paid_with": card(&document.paid_with),
        "payment": document.payment,
        "is_invoice": document.series() == Series::Invoice,
    })
}

fn party(party: &Party) -> Value {
    json!({"name": party.name, "address": address(party), "tax_id": party.tax_id})
}

/// With the country by its name.
pub(crate) fn address(party: &Party) -> Vec<String> {
    let mut lines = party.address();
    if let Some(last) = lines.last_mut().filter(|_| !party.country.is_empty()) {
        *last = country::name(&party.country).to_owned();
    }
    lines
}

/// A card as people call it: `Visa ending in 4242`. What is no card keeps its words.
pub(crate) fn card(paid_with: &str) -> String {
    let Some((brand, last4)) = paid_with.split_once(' ').filter(|(_, last4)| last4.len() == 4) else {
        return paid_with.to_owned();
    };
    let brand = match brand {
        "amex" => "American Express".to_owned(),
        "jcb" => "JCB".to_owned(),
        brand => brand.chars().take(1).flat_map(char::to_uppercase).chain(brand.chars().skip(1)).collect(),
    };
    format!("{brand} ending in {last4}")
}

/// Dollars with their thousands apart: `$12,345.60`.
pub(crate) fn money(cents: Cents) -> String {
    let text = cents.to_string();
    let (sign, text) = text.strip_prefix('-').map_or(("", text.as_str()), |text| ("-", text));
    let (dollars, rest) = text.split_once('.').unwrap_or((text, "00"));
    let mut grouped = String::new();
    for (at, digit) in dollars.chars().enumerate() {
        if at > 0 && (dollars.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}${grouped}.{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_called_as_people_do() {
        for (stored, shown) in [
            ("visa 4242", "Visa ending in 4242"),
            ("mastercard 4444", "Mastercard ending in 4444"),
            ("amex 0005", "American Express ending in 0005"),
            ("sandbox", "sandbox"),
        ] {
            assert_eq!(card(stored), shown);
        }
    }

    #[test]
    fn thousands_stand_apart() {
        for (cents, text) in [
            (0, "$0.00"),
            (7, "$0.07"),
            (99_999, "$999.99"),
            (100_000, "$1,000.00"),
            (-123_456_789_012, "-$1,234,567,890.12"),
        ] {
            assert_eq!(money(Cents::from_count(cents)), text);
        }
    }
}
