//! Money is never a float, so the rooms that decide about money have none at all, their tests included.

use crate::{Code, Seen, Violation};

const PURE_ROOMS: &[&str] = &["units", "ledger", "billing"];

/// No float type, literal or conversion in the pure rooms.
#[must_use]
pub fn no_floats(code: &[Code]) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in code.iter().filter(|file| PURE_ROOMS.contains(&file.room())) {
        for fact in &file.facts {
            let float = match &fact.seen {
                Seen::Float(number) => Some(number.clone()),
                Seen::Path(names) => names.iter().find(|name| is_float(name)).map(|_| names.join("::")),
                Seen::Member(name) => Some(name.clone()).filter(|name| is_float(name)),
                _ => None,
            };
            found.extend(float.map(|float| Violation {
                file: file.file.clone(),
                line: fact.line,
                rule: "no floats where money is decided",
                found: format!("`{float}`"),
                instead: "an integer in a named unit: Amount, Cost, UnitPrice, Cents, or parts of a whole".to_owned(),
            }));
        }
    }
    found
}

/// `f64` itself, and conversions such as `as_f64` and `from_f32`.
fn is_float(name: &str) -> bool {
    ["f32", "f64"].iter().any(|float| name == *float || name.ends_with(&format!("_{float}")))
}
