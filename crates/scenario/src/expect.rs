//! Compares what a step expects with what is.

use serde_json::Value;
use units::Cost;

/// The value at a dotted path. A number walks into an array; labels may have dots in them.
pub(crate) fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    if path.is_empty() {
        return Some(value);
    }
    match value {
        Value::Array(items) => {
            let (index, rest) = path.split_once('.').unwrap_or((path, ""));
            at(items.get(index.parse::<usize>().ok()?)?, rest)
        }
        Value::Object(map) => map.iter().find_map(|(key, item)| {
            let rest = path.strip_prefix(key.as_str())?;
            match rest.strip_prefix('.') {
                Some(rest) => at(item, rest),
                None if rest.is_empty() => Some(item),
                None => None,
            }
        }),
        _ => None,
    }
}

/// Amounts compare as decimals, so `7.5` is `7.50`; everything else by its text. Absent is null.
pub(crate) fn is_same(expected: &Value, found: Option<&Value>) -> bool {
    let found = found.unwrap_or(&Value::Null);
    match (expected, found) {
        (Value::Array(expected), Value::Array(found)) => {
            expected.len() == found.len() && expected.iter().zip(found).all(|(e, f)| is_same(e, Some(f)))
        }
        _ => {
            let (expected, found) = (text(expected), text(found));
            match (expected.parse::<Cost>(), found.parse::<Cost>()) {
                (Ok(expected), Ok(found)) => expected == found,
                _ => expected == found,
            }
        }
    }
}

pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_walk_into_objects_arrays_and_labels_with_dots() {
        let state = json!({"wallets": {"ana@example.com": {"grants": [{"left": "5.00"}]}}});
        assert_eq!(at(&state, "wallets.ana@example.com.grants.0.left"), Some(&json!("5.00")));
        assert_eq!(at(&state, "wallets.ana@example.com.grants.1.left"), None);
        assert_eq!(at(&state, "wallets.ana"), None);
    }

    #[test]
    fn amounts_are_decimals_and_the_rest_is_text() {
        assert!(is_same(&json!("7.5"), Some(&json!("7.50"))));
        assert!(is_same(&json!("6"), Some(&json!(6))));
        assert!(is_same(&json!("null"), None));
        assert!(is_same(&json!(true), Some(&json!(true))));
        assert!(!is_same(&json!("7.5"), Some(&json!("7.500000001"))));
        assert!(!is_same(&json!("active"), Some(&json!("grace"))));
    }
}
