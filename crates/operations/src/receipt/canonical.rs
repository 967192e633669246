//! One sequence of bytes for one JSON value: what a signature signs.

use serde_json::Value;

/// Writes a value with the keys of each object in the order of their bytes, without white space, and with text
/// as UTF-8. Receipts have no fractions: amounts are text, so nothing depends on how a number is printed.
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(key, _)| key.as_bytes());
            list(text, ['{', '}'], sorted, |(key, member), text| {
                write(&Value::String(key.clone()), text);
                text.push(':');
                write(member, text);
            });
        }
        Value::Array(items) => list(text, ['[', ']'], items, write),
        plain => text.push_str(&plain.to_string()),
    }
}

fn list<T>(
    text: &mut String,
    [open, close]: [char; 2],
    items: impl IntoIterator<Item = T>,
    each: impl Fn(T, &mut String),
) {
    text.push(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        each(item, text);
    }
    text.push(close);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn order_and_space_of_a_file_do_not_matter() {
        let one = json!({"b": [1, {"d": null, "c": "é\n\"\u{1}"}], "a": true, "B": {}, "z": []});
        let text = r#" {"z":[ ],"B":{}, "a" :true,"b":[1,{"c":"\u00e9\n\"\u0001","d":null}]}"#;
        let other: Value = serde_json::from_str(text).unwrap();
        let expected = "{\"B\":{},\"a\":true,\"b\":[1,{\"c\":\"é\\n\\\"\\u0001\",\"d\":null}],\"z\":[]}";
        assert_eq!((canonical(&one).as_str(), canonical(&other).as_str()), (expected, expected));
    }
}
