//! Who sells and who buys, as a document names them.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::read_tax_id;

/// A seller or a buyer. What is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Party {
    /// A person or a company.
    pub name: String,
    /// Street and number.
    pub street: String,
    /// What else helps the post: a floor, a department.
    pub extra: String,
    /// Such as `10115`.
    pub postal_code: String,
    /// The city.
    pub city: String,
    /// A state or province, where the post wants one.
    pub region: String,
    /// Two capital letters. Taxes go by it.
    pub country: String,
    /// A tax id; of the form of its country where that is known here.
    pub tax_id: String,
}

/// What the holder of a wallet wants on their invoices, and whether they want them by mail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BillingDetails {
    /// Who buys.
    pub buyer: Party,
    /// Where invoices are mailed to, instead of the holder's own address.
    pub email: Option<String>,
    /// Whether each invoice and credit note is mailed.
    pub is_mailed: bool,
}

/// A field that no rule allows.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{field}: {reason}")]
pub struct WrongField {
    /// Which.
    pub field: &'static str,
    /// What would be right.
    pub reason: String,
}

/// The longest field, in characters: more does not fit on a line.
const LONGEST: usize = 100;

impl Party {
    /// The fields without blanks around them and the tax id as it is printed, when all are as they must be.
    ///
    /// # Errors
    /// The first field that is not.
    pub fn checked(&self) -> Result<Self, WrongField> {
        let country = self.country.trim().to_ascii_uppercase();
        if !country.is_empty() && !is_country(&country) {
            return Err(WrongField { field: "country", reason: "two letters, such as DE".to_owned() });
        }
        let wrong_id = |reason| WrongField { field: "tax_id", reason };
        let tax_id = match (country.as_str(), self.tax_id.trim()) {
            (_, "") => String::new(),
            ("", _) => return Err(wrong_id("say the country too, since each has its own form".to_owned())),
            (country, text) => read_tax_id(country, text).map_err(wrong_id)?.text,
        };
        Ok(Self {
            name: line("name", &self.name)?,
            street: line("street", &self.street)?,
            extra: line("extra", &self.extra)?,
            postal_code: line("postal_code", &self.postal_code)?,
            city: line("city", &self.city)?,
            region: line("region", &self.region)?,
            country,
            tax_id,
        })
    }

    /// Whether there is a tax id of the form of its country.
    pub fn has_valid_tax_id(&self) -> bool {
        !self.tax_id.is_empty() && read_tax_id(&self.country, &self.tax_id).is_ok_and(|id| id.is_valid)
    }

    /// Where the post finds them: one line for each.
    pub fn address(&self) -> Vec<String> {
        let joined = |parts: &[&String]| {
            let parts: Vec<&str> = parts.iter().map(|part| part.as_str()).filter(|part| !part.is_empty()).collect();
            parts.join(" ")
        };
        // Americans write the city before its number.
        let place = match self.country.as_str() {
            "US" | "CA" | "AU" | "GB" => joined(&[&self.city, &self.region, &self.postal_code]),
            _ => joined(&[&self.postal_code, &self.city, &self.region]),
        };
        let lines = [self.street.clone(), self.extra.clone(), place, self.country.clone()];
        lines.into_iter().filter(|line| !line.is_empty()).collect()
    }
}

/// Whether this is how a country is written: two capital letters.
pub(crate) fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_uppercase())
}

fn line(field: &'static str, text: &str) -> Result<String, WrongField> {
    let text = text.trim();
    match text.chars().count() <= LONGEST && !text.chars().any(char::is_control) {
        true => Ok(text.to_owned()),
        false => Err(WrongField { field, reason: format!("one line of at most {LONGEST} characters") }),
    }
}
