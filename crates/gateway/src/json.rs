//! The top level of a JSON object, as it was written.
//!
//! A request goes on to the provider with a few fields changed and all others byte for byte: numbers
//! keep their digits and fields their order. A field that is there twice is refused, because two
//! readers may not agree on which one counts.

use std::{borrow::Cow, collections::HashSet, fmt, ops::Range};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::error::Error;

/// An object: its fields in order, each value as its JSON text.
#[derive(Debug, Default)]
pub(crate) struct Object<'a> {
    fields: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

/// A chat request has about forty fields that anybody knows.
const MOST_FIELDS: usize = 256;

/// A megabyte of prose has a few values; a list of 200,000 numbers is nobody's message.
const MOST_VALUES: usize = 200_000;

impl<'a> Object<'a> {
    /// Reads an object.
    ///
    /// # Errors
    /// With line and column, when it is not JSON, not an object, or names a field twice.
    pub(crate) fn parse(text: &'a str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    /// The JSON text of a field. `null` counts as absent, as it does at every provider.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.fields.iter().find(|(name, _)| name == key).map(|(_, value)| &**value).filter(|value| *value != "null")
    }

    /// The names of the fields.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| &**name)
    }

    /// Puts a JSON text in place of a field's value, or at the end.
    pub(crate) fn set(&mut self, key: &'static str, value: impl Into<Cow<'a, str>>) {
        let value = value.into();
        match self.fields.iter_mut().find(|(name, _)| name == key) {
            Some(field) => field.1 = value,
            None => self.fields.push((Cow::Borrowed(key), value)),
        }
    }

    /// Takes a field out.
    pub(crate) fn remove(&mut self, key: &str) {
        self.fields.retain(|(name, _)| name != key);
    }

    /// The object as JSON text, and where in it the value of `key` stands; at its end without that field.
    pub(crate) fn write(&self, key: &str) -> (String, Range<usize>) {
        let length = self.fields.iter().map(|(name, value)| name.len() + value.len() + 4).sum::<usize>();
        let mut text = String::with_capacity(length + 2);
        let mut at = None;
        for (name, value) in &self.fields {
            text.push(if text.is_empty() { '{' } else { ',' });
            text.push_str(&serde_json::to_string(name).expect("a text is always JSON"));
            text.push(':');
            if name == key {
                at = Some(text.len()..text.len() + value.len());
            }
            text.push_str(value);
        }
        text.push_str(if text.is_empty() { "{}" } else { "}" });
        let end = text.len();
        (text, at.unwrap_or(end..end))
    }
}

/// Refuses a text with so many values that reading it would take a multiple of its own memory.
pub(crate) fn check_size(text: &str) -> Result<(), Error> {
    // Every value stands behind one of these, and so short a text has few.
    if text.len() <= MOST_VALUES || values(text) <= MOST_VALUES {
        return Ok(());
    }
    Err(Error::Malformed(format!("it has more than {MOST_VALUES} values")))
}

/// Commas and opening brackets outside of strings.
fn values(text: &str) -> usize {
    let (mut count, mut bytes) = (0, text.bytes());
    while let Some(byte) = bytes.next() {
        match byte {
            b',' | b'[' | b'{' => count += 1,
            b'"' => skip_string(&mut bytes),
            _ => {}
        }
    }
    count
}

fn skip_string(bytes: &mut std::str::Bytes<'_>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

struct Fields;

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Visitor<'de> for Fields {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Object<'de>, M::Error> {
        let mut fields = Vec::new();
        let mut names = HashSet::new();
        while let Some(Name(name)) = map.next_key()? {
            let value: &RawValue = map.next_value()?;
            if !names.insert(name.clone()) {
                let name: String = name.chars().take(40).collect();
                return Err(serde::de::Error::custom(format_args!("the field `{name}` is there twice")));
            }
            if fields.len() == MOST_FIELDS {
                return Err(serde::de::Error::custom(format_args!("more than {MOST_FIELDS} fields")));
            }
            fields.push((name, Cow::Borrowed(value.get())));
        }
        Ok(Object { fields })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_touched_stays_as_it_was_written() {
        let text = r#"{"b":1.10000000000000000001,"a":[1e400, {"z":0,"y":0}],"\u006dodel":"x","n\"":null}"#;
        let mut object = Object::parse(text).unwrap();
        assert_eq!(object.get("model"), Some("\"x\""));
        assert_eq!(object.get("n\""), None);
        object.set("model", "\"größer\"");
        object.set("max_tokens", "7");
        object.remove("b");
        let (written, at) = object.write("model");
        assert_eq!(written, r#"{"a":[1e400, {"z":0,"y":0}],"model":"größer","n\"":null,"max_tokens":7}"#);
        assert_eq!(&written[at], "\"größer\"");
        assert_eq!(Object::parse("{}").unwrap().write("model"), ("{}".to_owned(), 2..2));
    }

    #[test]
    fn a_field_that_is_there_twice_is_refused_however_it_is_written() {
        let error = Object::parse("{\"model\":1,\n \"mo\\u0064el\":2}").unwrap_err();
        assert!(error.to_string().starts_with("the field `model` is there twice at line 2"), "{error}");
    }

    #[test]
    fn only_objects_are_taken() {
        for text in ["", "[]", "7", "\"x\"", "{", "{\"a\":}", "{\"a\":1,}", "{\"a\":1} x", "{'a':1}"] {
            assert!(Object::parse(text).is_err(), "{text}");
        }
        let many: Vec<String> = (0..257).map(|n| format!("\"f{n}\":0")).collect();
        assert!(Object::parse(&format!("{{{}}}", many.join(","))).is_err());
    }
    #[test]
    fn texts_of_any_size_pass_and_endless_lists_do_not() {
        assert!(check_size(&format!("[\"{}\"]", ",\\\"[".repeat(MOST_VALUES))).is_ok());
        assert!(check_size(&format!("[{}0]", "0,".repeat(MOST_VALUES))).is_err());
        assert_eq!(values(r#"{"a":[1,2,{"b":"],\\"}],"c":"\","}"#), 6);
    }
}
