//! A walk over JSON text that is cut anywhere, for the few things that accounting asks.
//!
//! No tree is built and nothing is checked: the walk jumps from string to string, keeps count of depth,
//! and copies out the values of `usage` and `error`. So an answer of any size takes the same memory.

use memchr::memchr2;

use super::text::Text;

/// A larger `usage` or `error` is no such thing.
const MOST_CAPTURED: usize = 64 * 1024;

/// What a name means here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Key {
    /// None has come: the next string may be one.
    #[default]
    Missing,
    Other,
    Usage,
    Error,
    /// An object that some formats wrap usage into.
    Wrapper,
    Finish,
    Type,
    Content,
    Text,
    Delta,
    Reasoning(usize),
    ReasoningDetails,
}

/// How many bytes of text stood under which names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Texts {
    /// Text, refusals, and arguments of tool calls.
    pub content: u64,
    /// Under `text`, which is a second copy when there are reasoning details.
    pub text: u64,
    /// Under `delta`, as in the responses format.
    pub delta: u64,
    /// Under the names for reasoning; upstreams use one of them, or several with the same text.
    pub reasoning: [u64; 3],
    pub has_reasoning_details: bool,
}

/// What a walk has found.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub usage: Option<Vec<u8>>,
    pub error: Option<Vec<u8>>,
    /// The beginning of the outermost `type`.
    pub kind: Vec<u8>,
    pub is_finished: bool,
    /// Whether a document was read to its end.
    pub is_closed: bool,
    pub texts: Texts,
}

/// A walk that goes on with each piece.
#[derive(Debug, Default)]
pub(super) struct Walk {
    depth: usize,
    string: Option<Text>,
    /// The last string that ended: a name, if a colon follows.
    last: Text,
    /// The name of the value that is being read.
    key: Key,
    /// The name of the outermost value that is being read.
    outer: Key,
    capture: Option<Capture>,
    found: Found,
}

#[derive(Debug)]
struct Capture {
    key: Key,
    depth: usize,
    bytes: Vec<u8>,
}

impl Capture {
    /// Adds a part, but not much more than may be.
    fn add(&mut self, part: &[u8]) -> &[u8] {
        let room = (MOST_CAPTURED + 1).saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(&part[..part.len().min(room)]);
        &self.bytes
    }
}

impl Walk {
    /// Takes the next piece.
    pub(super) fn feed(&mut self, piece: &[u8]) {
        // Where in this piece the value begins that is being copied out.
        let mut from = 0;
        let mut at = 0;
        while at < piece.len() {
            if let Some(mut text) = self.string.take() {
                match text.read(&piece[at..]) {
                    Some(read) => {
                        at += read;
                        self.end_string(text);
                    }
                    None => {
                        self.string = Some(text);
                        break;
                    }
                }
                continue;
            }
            match piece[at] {
                b'"' => match whole_string(&piece[at + 1..]) {
                    Some(text) => {
                        self.begin_string();
                        self.end_whole_string(text);
                        at += text.len() + 1;
                    }
                    None => {
                        self.begin_string();
                        self.string = Some(Text::default());
                    }
                },
                b':' if self.begin_value() => from = at + 1,
                b',' => self.end_value(&piece[from..at]),
                b'{' | b'[' => self.descend(),
                b'}' | b']' => {
                    self.end_value(&piece[from..at]);
                    self.ascend();
                }
                _ => {}
            }
            at += 1;
        }
        self.copy(&piece[from..]);
    }

    /// What was found. A text that was cut off counts as far as it came, and so does a value that was cut
    /// off right behind its end.
    pub(super) fn finish(mut self) -> Found {
        if let Some(text) = self.string.take() {
            self.end_string(text);
        }
        self.end_value(b"");
        self.found
    }

    fn begin_string(&mut self) {
        self.found.is_finished |= self.key == Key::Finish;
    }

    fn end_string(&mut self, text: Text) {
        self.count(text.bytes, text.start());
        self.last = text;
    }

    /// The short way for a string without escapes that does not cross a cut, as nearly all are.
    fn end_whole_string(&mut self, text: &[u8]) {
        self.count(text.len() as u64, text);
        if self.key == Key::Missing {
            self.last = Text::plain(text);
        }
    }

    fn count(&mut self, bytes: u64, start: &[u8]) {
        let texts = &mut self.found.texts;
        match self.key {
            Key::Content => texts.content += bytes,
            Key::Text => texts.text += bytes,
            Key::Delta => texts.delta += bytes,
            Key::Reasoning(name) => texts.reasoning[name] += bytes,
            Key::Type if self.depth == 1 => self.found.kind = start[..start.len().min(Text::KEPT)].to_vec(),
            _ => {}
        }
    }

    /// Behind a colon. Whether the value is to be copied out.
    fn begin_value(&mut self) -> bool {
        self.key = self.last.name().map_or(Key::Other, Key::of);
        self.found.texts.has_reasoning_details |= self.key == Key::ReasoningDetails;
        let is_outer = self.depth == 1 || (self.depth == 2 && self.outer == Key::Wrapper);
        let is_wanted = matches!(self.key, Key::Usage | Key::Error) && is_outer && self.capture.is_none();
        if is_wanted {
            self.capture = Some(Capture { key: self.key, depth: self.depth, bytes: Vec::new() });
        }
        is_wanted
    }

    /// Before a comma or a closing bracket. `copied` is the last part of a value that is being copied out.
    fn end_value(&mut self, copied: &[u8]) {
        self.key = Key::Missing;
        if self.capture.as_ref().is_none_or(|capture| capture.depth != self.depth) {
            return;
        }
        let Some(mut capture) = self.capture.take() else { return };
        // Nearly always the whole value stands in one piece, and nearly always it is `null`.
        let key = capture.key;
        let value = if capture.bytes.is_empty() { copied } else { capture.add(copied) };
        if matches!(value.trim_ascii(), b"" | b"null") || value.len() > MOST_CAPTURED {
            return;
        }
        match key {
            Key::Usage => self.found.usage = Some(value.to_vec()),
            _ => self.found.error = Some(value.to_vec()),
        }
    }

    /// Keeps the part of a value that stands at the end of a piece.
    fn copy(&mut self, part: &[u8]) {
        let Some(capture) = &mut self.capture else { return };
        if capture.add(part).len() > MOST_CAPTURED {
            self.capture = None;
        }
    }

    fn descend(&mut self) {
        if self.depth == 1 {
            self.outer = self.key;
        }
        self.depth += 1;
        self.key = Key::Missing;
    }

    fn ascend(&mut self) {
        self.found.is_closed |= self.depth == 1;
        self.depth = self.depth.saturating_sub(1);
    }
}

/// What stands before the closing quote, if that is here and nothing is escaped.
fn whole_string(piece: &[u8]) -> Option<&[u8]> {
    let end = memchr2(b'"', b'\\', piece)?;
    (piece[end] == b'"').then(|| &piece[..end])
}

impl Key {
    fn of(name: &[u8]) -> Self {
        match name {
            b"usage" => Self::Usage,
            b"error" => Self::Error,
            b"response" | b"message" | b"x_groq" => Self::Wrapper,
            b"finish_reason" | b"stop_reason" => Self::Finish,
            b"type" => Self::Type,
            b"content" | b"refusal" | b"arguments" | b"partial_json" => Self::Content,
            b"text" => Self::Text,
            b"delta" => Self::Delta,
            b"reasoning" => Self::Reasoning(0),
            b"reasoning_content" => Self::Reasoning(1),
            b"thinking" => Self::Reasoning(2),
            b"reasoning_details" => Self::ReasoningDetails,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests;
