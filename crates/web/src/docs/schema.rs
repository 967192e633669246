//! Schemas in words: `Credits`, `list of Paid`, `text of 1 to 255 characters`.

use serde_json::Value;

/// What a schema takes, in a few words; the name of a kind, where it has one.
pub(super) fn words(schema: &Value) -> String {
    if let Some(name) = reference(schema) {
        return name;
    }
    for mix in ["oneOf", "anyOf", "allOf"] {
        if let Some(parts) = schema[mix].as_array() {
            let parts: Vec<String> = parts.iter().filter(|part| part["type"] != "null").map(words).collect();
            return parts.join(if mix == "allOf" { " and " } else { " or " });
        }
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("anything")
        }
        kind => kind.as_str().unwrap_or("anything"),
    };
    match kind {
        "array" => format!("list of {}", words(&schema["items"])),
        "string" => match schema["enum"].as_array() {
            Some(values) => values.iter().map(|value| value.to_string()).collect::<Vec<_>>().join(" or "),
            None => format!("text{}", bounds(schema, "minLength", "maxLength", " characters")),
        },
        "integer" => format!("whole number{}", bounds(schema, "minimum", "maximum", "")),
        "boolean" => "true or false".to_owned(),
        "object" => match schema["properties"].as_object() {
            Some(fields) => fields.keys().map(|name| format!("{{ {name} }}")).collect::<Vec<_>>().join(" or "),
            None => "object".to_owned(),
        },
        other => other.to_owned(),
    }
}

/// The kind that a schema refers to.
pub(super) fn reference(schema: &Value) -> Option<String> {
    let reference = schema["$ref"].as_str()?;
    reference.rsplit('/').next().map(str::to_owned)
}

/// The first kind named anywhere in a schema, to link to.
pub(super) fn first_reference(schema: &Value) -> Option<String> {
    let parts = ["oneOf", "anyOf", "allOf"].iter().filter_map(|mix| schema[*mix].as_array()).flatten();
    let mut inner = parts.chain(schema.get("items"));
    reference(schema).or_else(|| inner.find_map(first_reference))
}

fn bounds(schema: &Value, least: &str, most: &str, of: &str) -> String {
    match (schema[least].as_i64(), schema[most].as_i64()) {
        (Some(least), Some(most)) => format!(", {least} to {most}{of}"),
        (Some(least), None) if least > 0 => format!(", at least {least}{of}"),
        (None, Some(most)) => format!(", at most {most}{of}"),
        _ => String::new(),
    }
}
