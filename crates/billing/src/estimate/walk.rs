//! Finds in a request body what the model will read.
//!
//! A picture is only taken for a picture where the formats of the doors have one: as a part of a
//! message's content. Anywhere else (in a tool's arguments, say) the same object is text to the model,
//! and its bytes count. What is not understood counts as text too, so a field that this file does not
//! know makes a hold larger, never smaller.

use serde_json::{Map, Value};

use super::Prompt;

/// Keys of a body that hold messages or parts.
const CONVERSATION: [&str; 4] = ["messages", "input", "system", "prompt"];

/// Reads a whole body.
pub(super) fn prompt(body: &Value) -> Prompt {
    let mut prompt = Prompt::default();
    let Value::Object(fields) = body else {
        prompt.json(body);
        return prompt;
    };
    for (key, value) in fields {
        if CONVERSATION.contains(&key.as_str()) {
            prompt.conversation(value);
        } else {
            prompt.json(value);
        }
    }
    let offers = |key: &str| fields.get(key).and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    prompt.has_tools = offers("tools") || offers("functions");
    prompt
}

impl Prompt {
    /// Messages, parts, or plain text.
    fn conversation(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => items.iter().for_each(|item| self.conversation(item)),
            Value::Object(part) => self.part(part),
            other => self.json(other),
        }
    }

    /// A message, or a part of one.
    fn part(&mut self, part: &Map<String, Value>) {
        self.parts += 1;
        let kind = part.get("type").and_then(Value::as_str).unwrap_or_default();
        let is_media = match kind {
            "image_url" | "input_image" | "image" => self.image(part),
            "file" | "input_file" | "document" => self.document(part),
            "input_audio" | "audio" => self.audio(part),
            "video_url" | "input_video" | "video" => self.video(part),
            _ => false,
        };
        if is_media {
            return;
        }
        // What a tool is called with is JSON to the model, whatever its keys are named.
        let is_call = kind.ends_with("tool_use");
        for (key, value) in part {
            match key.as_str() {
                "text" | "content" | "output" if !is_call => self.conversation(value),
                _ => self.json(value),
            }
        }
    }

    fn image(&mut self, part: &Map<String, Value>) -> bool {
        let found = payload(part, &["image_url", "source", "file_id"]);
        self.images += u64::from(found.is_some());
        found.is_some()
    }

    fn document(&mut self, part: &Map<String, Value>) -> bool {
        match payload(part, &["file", "source", "file_data", "file_url", "file_id"]) {
            Some(Payload::Contained(bytes)) => self.document_bytes += bytes,
            Some(Payload::Elsewhere) => self.unknown += 1,
            None => return false,
        }
        // The name and the description of a document are text.
        for key in ["title", "context", "filename"] {
            if let Some(text) = part.get(key) {
                self.json(text);
            }
        }
        true
    }

    fn audio(&mut self, part: &Map<String, Value>) -> bool {
        match payload(part, &["input_audio", "source", "audio"]) {
            Some(Payload::Contained(bytes)) => self.audio_bytes += bytes,
            Some(Payload::Elsewhere) => self.unknown += 1,
            None => return false,
        }
        true
    }

    fn video(&mut self, part: &Map<String, Value>) -> bool {
        match payload(part, &["video_url", "source", "video"]) {
            Some(Payload::Contained(bytes)) => self.video_bytes += bytes,
            Some(Payload::Elsewhere) => self.unknown += 1,
            None => return false,
        }
        true
    }

    fn text(&mut self, text: &str) {
        self.text_bytes += text.len() as u64;
    }

    /// Anything that reaches the model as JSON, if it does at all.
    fn json(&mut self, value: &Value) {
        self.text_bytes += longest_json(value);
    }
}

/// The bytes of a picture, recording or document.
enum Payload {
    /// In the body; so many after decoding.
    Contained(u64),
    /// Behind an address or an id.
    Elsewhere,
}

/// What the first of `keys` that the part has holds, if that is media and not text.
fn payload(part: &Map<String, Value>, keys: &[&str]) -> Option<Payload> {
    let value = keys.iter().find_map(|key| part.get(*key))?;
    let Value::Object(inner) = value else { return value.as_str().map(data_or_address) };
    match inner.get("type").and_then(Value::as_str) {
        Some("text" | "content") => return None,
        Some("base64") => return inner.get("data")?.as_str().map(contained),
        _ => {}
    }
    if let Some(data) = inner.get("data").and_then(Value::as_str) {
        return Some(contained(data));
    }
    let keys = ["url", "file_data", "file_id", "id"];
    keys.iter().find_map(|key| inner.get(*key)?.as_str()).map(data_or_address)
}

fn data_or_address(text: &str) -> Payload {
    match text.strip_prefix("data:").and_then(|data| data.split_once(',')) {
        Some((_, data)) => contained(data),
        None => Payload::Elsewhere,
    }
}

fn contained(base64: &str) -> Payload {
    Payload::Contained(base64.len() as u64 / 4 * 3 + 3)
}

/// The length of the longest JSON text that a provider may make of a value: spaces after separators, and
/// all but ASCII written as escapes.
fn longest_json(value: &Value) -> u64 {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(number) => number.as_str().len() as u64,
        Value::String(text) => 2 + text.bytes().map(escaped).sum::<u64>(),
        Value::Array(items) => 2 + items.iter().map(|item| 2 + longest_json(item)).sum::<u64>(),
        Value::Object(fields) => {
            let key = |key: &str| 6 + key.bytes().map(escaped).sum::<u64>();
            2 + fields.iter().map(|(name, value)| key(name) + longest_json(value)).sum::<u64>()
        }
    }
}

const fn escaped(byte: u8) -> u64 {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
        0..=31 => 6,
        // Two bytes become six, three become six, four become twelve.
        128.. => 3,
        _ => 1,
    }
}
