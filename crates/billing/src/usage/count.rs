//! How a reported number is read, and what happens to one that cannot be true.
//!
//! - An explicit zero is zero. A number that is absent or `null` is not reported, which is not zero.
//! - A count is a whole number from 0 to a billion, written as a JSON number; `10.0` is ten. Anything
//!   else (negative, 1.5, `"10"`, `true`, 10^18) is read as not reported: a provider that writes nonsense
//!   has not told us a count.
//! - Without the two totals, prompt and completion, there is no usage, and the gateway counts for itself.
//! - A part that exceeds its total is cut to it: every token is charged once.
//! - A cost is a decimal from zero to a million dollars, as a number or a text, read digit by digit. Any
//!   other is read as not reported, so that the price list decides.

use serde_json::Value;
use units::Cost;

/// No request has a billion tokens: the largest context sold holds about ten million.
const MOST_TOKENS: u64 = 1_000_000_000;

/// No request costs more than a million dollars, and the ledger would refuse it.
const MOST_COST: Cost = Cost::from_attos(1_000_000 * 10_i128.pow(18));

/// The count under `key`, if one is reported.
pub(super) fn tokens(usage: &Value, key: &str) -> Option<u64> {
    let Value::Number(number) = usage.get(key)? else { return None };
    let text = number.as_str();
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|digit| digit == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    whole.parse().ok().filter(|count| *count <= MOST_TOKENS)
}

/// The cost under `key`, if one is reported.
pub(super) fn cost(usage: &Value, key: &str) -> Option<Cost> {
    let cost = match usage.get(key)? {
        Value::Number(number) => Cost::parse_reported(number.as_str()),
        Value::String(text) => Cost::parse_reported(text),
        _ => return None,
    };
    cost.ok().filter(|cost| !cost.is_negative() && *cost <= MOST_COST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<u64> {
        tokens(&serde_json::from_str(json).unwrap(), "n")
    }

    #[test]
    fn an_explicit_zero_is_zero_and_an_absent_count_is_none() {
        assert_eq!(read(r#"{"n": 0}"#), Some(0));
        assert_eq!(read(r#"{"n": 0.0}"#), Some(0));
        assert_eq!(read(r#"{"n": null}"#), None);
        assert_eq!(read("{}"), None);
        assert_eq!(read("[]"), None);
    }

    #[test]
    fn nonsense_is_not_a_count() {
        for lie in ["-1", "1.5", "\"10\"", "true", "1e18", "1000000001", "99999999999999999999999", "[1]", "{\"n\":1}"]
        {
            assert_eq!(read(&format!(r#"{{"n": {lie}}}"#)), None, "{lie}");
        }
        assert_eq!(read(r#"{"n": 1000000000}"#), Some(1_000_000_000));
    }

    #[test]
    fn costs_are_read_to_the_last_digit() {
        let read = |json: &str| cost(&serde_json::from_str(json).unwrap(), "c").map(Cost::attos);
        assert_eq!(read(r#"{"c": 0.1234567890123456789}"#), Some(123_456_789_012_345_679));
        assert_eq!(read(r#"{"c": 1.5e-7}"#), Some(150_000_000_000));
        assert_eq!(read(r#"{"c": "0.00014"}"#), Some(140_000_000_000_000));
        assert_eq!(read(r#"{"c": 0}"#), Some(0));
        for lie in ["-0.1", "null", "\"free\"", "{}", "true", "1e90", "1000000.01"] {
            assert_eq!(read(&format!(r#"{{"c": {lie}}}"#)), None, "{lie}");
        }
    }
}
