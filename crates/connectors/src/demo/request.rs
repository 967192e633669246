//! Chat requests, read as far as the demo looks at them.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::tokens::{PER_MESSAGE, of_bytes};

/// A chat request.
#[derive(Deserialize)]
pub(super) struct ChatRequest<'a> {
    #[serde(borrow)]
    pub model: Cow<'a, str>,
    #[serde(borrow)]
    pub messages: Vec<Message<'a>>,
    #[serde(default)]
    pub stream: Option<bool>,
    #[serde(default)]
    stream_options: Option<StreamOptions>,
    /// OpenRouter's way of asking for usage.
    #[serde(default)]
    usage: Option<IncludeUsage>,
    #[serde(default)]
    max_tokens: Option<u64>,
    #[serde(default)]
    max_completion_tokens: Option<u64>,
    #[serde(default)]
    n: Option<u64>,
    #[serde(borrow, default)]
    stop: Option<&'a RawValue>,
    #[serde(borrow, default)]
    tools: Option<&'a RawValue>,
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
pub(super) struct Message<'a> {
    #[serde(borrow, default)]
    role: Cow<'a, str>,
    #[serde(borrow, default)]
    content: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow, default)]
    text: Cow<'a, str>,
}

#[derive(Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: Option<bool>,
}

#[derive(Deserialize)]
struct IncludeUsage {
    #[serde(default)]
    include: bool,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    tag: Option<String>,
}

impl ChatRequest<'_> {
    /// Whether usage belongs into the stream.
    pub(super) fn wants_usage(&self) -> bool {
        let option = self.stream_options.as_ref().and_then(|options| options.include_usage);
        option.unwrap_or(false) || self.usage.as_ref().is_some_and(|usage| usage.include)
    }

    /// The most completion tokens of one choice.
    pub(super) fn limit(&self) -> Option<u64> {
        self.max_completion_tokens.into_iter().chain(self.max_tokens).min()
    }

    /// How many choices.
    pub(super) fn choices(&self) -> u64 {
        self.n.unwrap_or(1).clamp(1, 128)
    }

    /// Where a reply stops.
    pub(super) fn stops(&self) -> Vec<String> {
        let Some(raw) = self.stop.map(RawValue::get) else { return Vec::new() };
        serde_json::from_str::<Vec<String>>(raw)
            .or_else(|_| serde_json::from_str::<String>(raw).map(|stop| vec![stop]))
            .unwrap_or_default()
    }

    /// The tag that the body gives.
    pub(super) fn tag(&self) -> Option<&str> {
        self.metadata.as_ref().and_then(|metadata| metadata.tag.as_deref()).or(self.user.as_deref())
    }

    /// Prompt tokens by the demo's rule.
    pub(super) fn prompt_tokens(&self) -> u64 {
        let tools = self.tools.map_or(0, |tools| PER_MESSAGE + of_bytes(tools.get().len()));
        tools + self.messages.iter().map(|message| PER_MESSAGE + of_bytes(message.text().len())).sum::<u64>()
    }

    /// The text of the last message that a user wrote.
    pub(super) fn last_user_text(&self) -> Cow<'_, str> {
        self.messages.iter().rfind(|message| message.role == "user").map(Message::text).unwrap_or_default()
    }
}

impl Message<'_> {
    /// All its text; several parts are joined.
    fn text(&self) -> Cow<'_, str> {
        let Some(raw) = self.content.map(RawValue::get) else { return Cow::Borrowed("") };
        if raw.starts_with('[') {
            let parts: Vec<Part> = serde_json::from_str(raw).unwrap_or_default();
            return Cow::Owned(parts.iter().map(|part| &*part.text).collect());
        }
        #[derive(Deserialize)]
        struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
        serde_json::from_str::<Text>(raw).map(|text| text.0).unwrap_or_default()
    }
}

/// A number that stands for the bytes of a request: the same on every machine and in every release.
pub(super) fn fingerprint(bytes: &[u8]) -> u64 {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
    let (words, rest) = bytes.as_chunks::<8>();
    let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(ODD).rotate_left(29);
    let hash = words.iter().fold(ODD, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let hash = rest.iter().fold(hash, |hash, byte| mix(hash, u64::from(*byte)));
    mix(hash, bytes.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_counted_over_texts_parts_and_tools() {
        let body = r#"{"model":"small","messages":[
            {"role":"system","content":"12345678"},
            {"role":"user","content":[{"type":"text","text":"grüße"},{"type":"image_url","image_url":{"url":"x"}}]},
            {"role":"assistant","content":null}],"tools":[1,2]}"#;
        let request: ChatRequest = serde_json::from_str(body).unwrap();
        assert_eq!(request.prompt_tokens(), (3 + 2) + (3 + 2) + 3 + (3 + 2));
        assert_eq!(request.last_user_text(), "grüße");
    }

    #[test]
    fn the_smaller_limit_decides_and_escaped_text_is_read() {
        let body = r#"{"model":"sm\u0061ll","messages":[{"role":"user","content":"a\"b"}],
            "max_tokens":5,"max_completion_tokens":9,"stop":"\n","metadata":{"tag":"t1"},"user":"u"}"#;
        let request: ChatRequest = serde_json::from_str(body).unwrap();
        assert_eq!(request.limit(), Some(5));
        assert_eq!(request.stops(), ["\n"]);
        assert_eq!(request.tag(), Some("t1"));
        assert_eq!(request.last_user_text(), "a\"b");
        assert_eq!(request.model, "small");
    }
}
