//! What a template is given: the document in words, ready to be set. The head of the built-in template explains it.

use billing::invoice::{Document, LineKind, Party, Series, Treatment};
use serde_json::{Value, json};
use units::Cents;

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
        "paid_with": document.paid_with,
        "payment": document.payment,
        "is_invoice": document.series() == Series::Invoice,
    })
}

fn party(party: &Party) -> Value {
    json!({"name": party.name, "address": party.address(), "tax_id": party.tax_id})
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
