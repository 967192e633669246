//! What people type: amounts and days, in the forms that people give them.

use units::{Amount, Cents, Day};

use super::wrong::Field;
use crate::{problem::Problem, wire};

/// The two days of a filter.
pub(super) const DAYS: &[Field] = &[("from", "From", &["from"]), ("until", "Until", &["until"])];

/// Real money, with or without its sign and its thousands apart.
pub(super) fn dollars(field: &str, text: &str) -> Result<Cents, Problem> {
    let plain = plain(text);
    let is_amount = plain.len() <= 12 && plain.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    plain.parse().ok().filter(|_| is_amount).ok_or_else(|| wrong(field, "dollars and cents, such as 25 or 25.50"))
}

/// Credits; `None` where nothing was typed.
pub(super) fn credits(field: &str, text: &str, otherwise: &str) -> Result<Option<Amount>, Problem> {
    match plain(text).as_str() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| wrong(field, &format!("dollars, such as 5 or 12.50{otherwise}"))),
    }
}

/// For how many days something is made; `None` where nothing was typed, which is for ever.
pub(super) fn days(text: &str) -> Result<Option<u32>, Problem> {
    match text.trim() {
        "" => Ok(None),
        // What is no number of days is none that is allowed.
        text => wire::lasting(text.parse().unwrap_or_default()).map(Some),
    }
}

/// A day; `None` where nothing was typed.
pub(super) fn day(field: &str, text: &str) -> Result<Option<Day>, Problem> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| wrong(field, "a day such as 2026-01-31")),
    }
}

/// How a day is typed. What is none stands in a field of any text, so that whoever typed it sees it.
pub(super) fn input_of_day(text: &str) -> &'static str {
    if text.is_empty() || text.parse::<Day>().is_ok() { "date" } else { "text" }
}

fn plain(text: &str) -> String {
    text.trim().trim_start_matches('$').replace(',', "")
}

/// That a field is not as it has to be.
pub(super) fn wrong(field: &str, reason: &str) -> Problem {
    Problem::Field { field: field.to_owned(), reason: reason.to_owned() }
}
