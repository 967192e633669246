//! Server-sent events, found in bytes that are cut anywhere.

use memchr::memchr2;

/// Finds events in a stream that is fed in pieces. The events are the same for any pieces.
///
/// Lines may end in LF, CRLF or CR. Comments and all fields but `data` are skipped. A line or an event
/// that is longer than the limit is passed over: its bytes are relayed by others, only not looked at.
#[derive(Debug)]
pub struct SseScanner {
    most_bytes: usize,
    /// The beginning of a line whose end has not come yet.
    line: Vec<u8>,
    is_line_too_long: bool,
    /// The `data` of the event so far.
    data: Vec<u8>,
    has_data: bool,
    is_event_too_long: bool,
    /// A carriage return ended the last piece; a line feed after it is no line of its own.
    is_after_return: bool,
    is_first_line: bool,
    passed_over: u64,
}

/// Buffers that one event made larger than this are given back after it.
const KEPT_BYTES: usize = 16 * 1024;

impl SseScanner {
    /// Inspects lines and events of at most so many bytes.
    pub fn new(most_bytes: usize) -> Self {
        Self {
            most_bytes,
            line: Vec::new(),
            is_line_too_long: false,
            data: Vec::new(),
            has_data: false,
            is_event_too_long: false,
            is_after_return: false,
            is_first_line: true,
            passed_over: 0,
        }
    }

    /// How many events were too long to be looked at.
    pub fn passed_over(&self) -> u64 {
        self.passed_over
    }

    /// Takes the next piece, and hands the data of each event that it completes to `on_event`.
    pub fn feed(&mut self, piece: &[u8], on_event: &mut impl FnMut(&[u8])) {
        let mut rest = piece;
        if self.is_after_return && !rest.is_empty() {
            self.is_after_return = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(end) = memchr2(b'\n', b'\r', rest) {
            let (line, tail) = rest.split_at(end);
            rest = match tail {
                [b'\r', b'\n', after @ ..] => after,
                [b'\r'] => {
                    self.is_after_return = true;
                    &[]
                }
                _ => &tail[1..],
            };
            self.end_line(line, on_event);
        }
        self.begin_line(rest);
    }

    /// Ends the stream. An event without its blank line counts: some upstreams end so.
    pub fn finish(&mut self, on_event: &mut impl FnMut(&[u8])) {
        self.end_line(b"", on_event);
        self.end_event(on_event);
    }

    fn begin_line(&mut self, part: &[u8]) {
        if self.line.len() + part.len() > self.most_bytes {
            self.is_line_too_long = true;
            self.line = Vec::new();
        }
        if !self.is_line_too_long {
            self.line.extend_from_slice(part);
        }
    }

    fn end_line(&mut self, last_part: &[u8], on_event: &mut impl FnMut(&[u8])) {
        if self.line.is_empty() && !self.is_line_too_long && last_part.len() <= self.most_bytes {
            return self.read_line(last_part, on_event);
        }
        self.begin_line(last_part);
        if std::mem::take(&mut self.is_line_too_long) {
            self.is_event_too_long = true;
            self.is_first_line = false;
            return;
        }
        let mut line = std::mem::take(&mut self.line);
        self.read_line(&line, on_event);
        line.clear();
        line.shrink_to(KEPT_BYTES);
        self.line = line;
    }

    fn read_line(&mut self, line: &[u8], on_event: &mut impl FnMut(&[u8])) {
        let line = match std::mem::take(&mut self.is_first_line) {
            true => line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line),
            false => line,
        };
        if line.is_empty() {
            return self.end_event(on_event);
        }
        match line.strip_prefix(b"data") {
            Some([b':', b' ', value @ ..] | [b':', value @ ..]) => self.add_data(value),
            Some([]) => self.add_data(b""),
            _ => {}
        }
    }

    fn add_data(&mut self, value: &[u8]) {
        if self.has_data {
            self.data.push(b'\n');
        }
        self.has_data = true;
        if self.data.len() + value.len() > self.most_bytes {
            self.is_event_too_long = true;
            self.data.clear();
        }
        if !self.is_event_too_long {
            self.data.extend_from_slice(value);
        }
    }

    fn end_event(&mut self, on_event: &mut impl FnMut(&[u8])) {
        self.has_data = false;
        if std::mem::take(&mut self.is_event_too_long) {
            self.passed_over += 1;
        } else if !self.data.is_empty() {
            on_event(&self.data);
        }
        self.data.clear();
        self.data.shrink_to(KEPT_BYTES);
    }
}

#[cfg(test)]
mod tests;
