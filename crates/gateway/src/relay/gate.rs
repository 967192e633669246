//! Lets an event stream through as it comes, and stops it before its last line.
//!
//! Only whole lines pass, so that an error event of the gateway's own can follow wherever the upstream
//! broke off. `data: [DONE]` and what comes after it wait, because the cost of the request is said
//! before them. What is kept back is small: a line that is longer than 16 KiB passes in pieces.

use bytes::{Bytes, BytesMut};
use memchr::{memmem, memrchr2};

/// The state between two chunks.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    /// A line that has only begun, or once it is over, the end of the stream.
    kept: BytesMut,
    /// Whether the beginning of the current line has passed already.
    is_mid_line: bool,
    is_done: bool,
}

const LONGEST_KEPT_LINE: usize = 16 * 1024;
const DONE: &[u8] = b"[DONE]";

impl Gate {
    /// Takes a chunk and answers with what may go out now.
    pub(crate) fn push(&mut self, chunk: Bytes) -> Bytes {
        if self.is_done {
            let room = LONGEST_KEPT_LINE.saturating_sub(self.kept.len());
            self.kept.extend_from_slice(&chunk[..chunk.len().min(room)]);
            return Bytes::new();
        }
        let mut chunk = chunk;
        if !self.kept.is_empty() {
            self.kept.extend_from_slice(&chunk);
            chunk = self.kept.split().freeze();
        }
        let passes = match self.find_done(&chunk) {
            Some(at) => {
                self.is_done = true;
                at
            }
            None => match memrchr2(b'\n', b'\r', &chunk).map_or(0, |end| end + 1) {
                end if chunk.len() - end > LONGEST_KEPT_LINE || (end == 0 && self.is_mid_line) => chunk.len(),
                end => end,
            },
        };
        self.kept.extend_from_slice(&chunk[passes..]);
        let out = chunk.slice(..passes);
        if let Some(last) = out.last() {
            self.is_mid_line = !matches!(last, b'\n' | b'\r');
        }
        out
    }

    /// Whether the stream has said that it is over.
    pub(crate) fn is_done(&self) -> bool {
        self.is_done
    }

    /// The upstream has ended. Answers with the end of the stream that waited; an unfinished line that is
    /// not the end stays behind.
    pub(crate) fn end(&mut self) -> Bytes {
        if !self.is_done && !self.is_mid_line && is_done_line(&self.kept) {
            self.is_done = true;
            self.kept.extend_from_slice(b"\n\n");
        }
        let kept = self.kept.split().freeze();
        if self.is_done { kept } else { Bytes::new() }
    }

    /// Where the last line begins, if it is in this chunk.
    fn find_done(&self, chunk: &[u8]) -> Option<usize> {
        memmem::find_iter(chunk, DONE).find_map(|at| {
            let start = memrchr2(b'\n', b'\r', &chunk[..at]).map(|end| end + 1);
            let start = start.or((!self.is_mid_line).then_some(0))?;
            let end = at + DONE.len();
            let is_whole = matches!(chunk.get(end), Some(b'\n' | b'\r'));
            (is_whole && is_done_line(&chunk[start..end])).then_some(start)
        })
    }
}

fn is_done_line(line: &[u8]) -> bool {
    line.strip_prefix(b"data:").is_some_and(|data| data.trim_ascii() == DONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = ": hi\n\ndata: {\"a\":\"[DONE]\"}\n\ndata: {\"b\":\"größer\"}\r\n\r\ndata: [DONE]\n\n";

    fn through(stream: &str, size: usize) -> (String, String, bool) {
        let mut gate = Gate::default();
        let mut out = Vec::new();
        for piece in stream.as_bytes().chunks(size) {
            out.extend_from_slice(&gate.push(Bytes::copy_from_slice(piece)));
        }
        let end = gate.end();
        (String::from_utf8(out).unwrap(), String::from_utf8(end.to_vec()).unwrap(), gate.is_done())
    }

    #[test]
    fn however_it_is_cut_the_end_waits_and_nothing_is_lost() {
        for size in 1..=STREAM.len() {
            let (out, end, done) = through(STREAM, size);
            assert!(done && end == "data: [DONE]\n\n", "{size}: {end:?}");
            assert_eq!(out + &end, STREAM, "{size}");
        }
    }

    #[test]
    fn an_end_without_a_line_break_is_an_end() {
        let (out, end, done) = through("data: 1\n\ndata:[DONE]", 3);
        assert!(done);
        assert_eq!((out.as_str(), end.as_str()), ("data: 1\n\n", "data:[DONE]\n\n"));
    }

    #[test]
    fn a_line_that_broke_off_stays_behind() {
        let (out, end, done) = through("data: 1\n\ndata: {\"x\":", 5);
        assert!(!done);
        assert_eq!((out.as_str(), end.as_str()), ("data: 1\n\n", ""));
    }

    #[test]
    fn a_huge_line_passes_in_pieces_and_is_never_the_end() {
        let mut gate = Gate::default();
        let mut passed = 0;
        for _ in 0..64 {
            passed += gate.push(Bytes::from(vec![b'x'; 4096])).len();
            assert!(gate.kept.len() <= LONGEST_KEPT_LINE);
        }
        passed += gate.push(Bytes::from_static(b"data: [DONE]\n")).len();
        assert_eq!(passed, 64 * 4096 + 13);
        assert!(!gate.is_done());
        assert!(gate.push(Bytes::from_static(b"data: [DONE]\n")).is_empty());
        assert!(gate.is_done());
    }

    #[test]
    fn what_follows_the_end_is_bounded() {
        let mut gate = Gate::default();
        for _ in 0..64 {
            gate.push(Bytes::from(format!("data: [DONE]\n{}", "x".repeat(4096))));
        }
        assert!(gate.end().len() <= 2 * LONGEST_KEPT_LINE);
    }
}
