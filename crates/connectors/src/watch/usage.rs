//! What an answer used, seen in passing.

use billing::{
    Usage,
    usage::{AnthropicCounters, read_anthropic, read_openai},
};
use serde_json::Value;

use super::{
    sse::SseScanner,
    walk::{Found, Texts, Walk},
};

/// Longer lines are relayed but not looked at.
const MOST_LINE_BYTES: usize = 1024 * 1024;

/// Watches one answer while it is relayed.
#[derive(Debug)]
pub struct UsageWatch {
    scanner: Option<SseScanner>,
    walk: Walk,
    seen: Seen,
    texts: Texts,
}

/// What was seen of an answer.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The last usage that was told, as it was told. `null` and `{}` tell nothing.
    pub usage: Option<Value>,
    /// The usage at the beginning of a stream in Anthropic's format: it has the prompt, the last one the reply.
    pub opening_usage: Option<Value>,
    /// The last error that stood within the answer.
    pub error: Option<Value>,
    /// Bytes of text, reasoning and tool calls in the reply, for an estimate when no usage was told.
    pub text_bytes: u64,
    /// Whether a reason for the end was told.
    pub is_finished: bool,
    /// Whether the end was reached: `[DONE]` in a stream, the closing bracket of a body.
    pub is_done: bool,
    /// Events in a stream.
    pub events: u64,
    /// Events that were too long to be looked at.
    pub passed_over: u64,
}

impl UsageWatch {
    /// For a stream of server-sent events.
    pub fn for_stream() -> Self {
        Self::new(Some(SseScanner::new(MOST_LINE_BYTES)))
    }

    /// For one JSON body of any size.
    pub fn for_body() -> Self {
        Self::new(None)
    }

    fn new(scanner: Option<SseScanner>) -> Self {
        Self { scanner, walk: Walk::default(), seen: Seen::default(), texts: Texts::default() }
    }

    /// Takes the next bytes of the answer, cut anywhere.
    pub fn feed(&mut self, piece: &[u8]) {
        let Self { scanner, walk, seen, texts } = self;
        match scanner {
            Some(scanner) => scanner.feed(piece, &mut |data| seen.event(data, texts)),
            None => walk.feed(piece),
        }
    }

    /// What was seen up to the end of the answer, wherever it ended.
    pub fn finish(mut self) -> Seen {
        let Self { scanner, walk, seen, texts } = &mut self;
        match scanner {
            Some(scanner) => {
                scanner.finish(&mut |data| seen.event(data, texts));
                seen.passed_over = scanner.passed_over();
            }
            None => {
                let found = std::mem::take(walk).finish();
                seen.is_done = found.is_closed;
                seen.take(found, texts);
            }
        }
        seen.text_bytes = texts.content + texts.text + texts.reasoning.into_iter().max().unwrap_or(0);
        self.seen
    }
}

impl Seen {
    /// The usage in OpenAI's formats, if it can be read.
    pub fn openai_usage(&self) -> Option<Usage> {
        read_openai(self.usage.as_ref()?)
    }

    /// The usage in Anthropic's format, if it can be read.
    pub fn anthropic_usage(&self) -> Option<Usage> {
        let Some(opening) = &self.opening_usage else { return read_anthropic(self.usage.as_ref()?) };
        let mut counters = AnthropicCounters::default();
        counters.observe(opening);
        self.usage.iter().for_each(|usage| counters.observe(usage));
        counters.usage()
    }

    fn event(&mut self, data: &[u8], texts: &mut Texts) {
        self.events += 1;
        // Where events are not parted by blank lines, the end stands behind the last of them.
        self.is_done |= data.trim_ascii_end().ends_with(b"[DONE]");
        let mut walk = Walk::default();
        walk.feed(data);
        self.take(walk.finish(), texts);
    }

    fn take(&mut self, found: Found, texts: &mut Texts) {
        add(texts, &found.kind, &found.texts);
        let parse = |bytes: Option<Vec<u8>>| bytes.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        let tells = |usage: &Value| usage.as_object().is_some_and(|fields| !fields.is_empty());
        if let Some(usage) = parse(found.usage).filter(tells) {
            let place = if found.kind == b"message_start" { &mut self.opening_usage } else { &mut self.usage };
            *place = Some(usage);
        }
        self.error = parse(found.error).or_else(|| self.error.take());
        self.is_finished |= found.is_finished || found.kind == b"response.completed";
        self.is_done |= found.kind == b"message_stop" || found.kind == b"response.completed";
    }
}

/// Adds the texts of an event. In the responses format later events repeat what the deltas said.
fn add(sum: &mut Texts, kind: &[u8], texts: &Texts) {
    if kind.starts_with(b"response.") {
        sum.content += texts.delta;
        return;
    }
    sum.content += texts.content;
    sum.text += if texts.has_reasoning_details { 0 } else { texts.text };
    for (sum, new) in sum.reasoning.iter_mut().zip(texts.reasoning) {
        *sum += new;
    }
}

#[cfg(test)]
mod tests;
