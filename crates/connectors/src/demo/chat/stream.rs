//! The answer as server-sent events.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use super::{Answer, Fault, Playback, Telling, json_text};
use crate::demo::{
    errors::error_object,
    playback::{Act, PAD},
    reply::pieces,
};

/// An event's JSON, and the completion tokens that were sent with it and before.
struct Event {
    json: String,
    sent: u64,
}

impl Answer<'_> {
    /// The whole stream.
    pub(super) fn stream(self) -> Playback {
        let deltas = self.deltas();
        let half = deltas.len().div_ceil(2);
        let mut writer = Writer::of(&self);
        self.openings().iter().for_each(|event| writer.event(event));
        deltas[..half].iter().for_each(|event| writer.event(event));
        self.pad(&mut writer);
        if let Some(last) = self.breaking(&mut writer) {
            writer.acts.extend(last);
            return Playback::of(writer.acts(), self.wire, Some(self.call));
        }
        deltas[half..].iter().for_each(|event| writer.event(event));
        self.closings().iter().for_each(|event| writer.event(event));
        writer.line("data: [DONE]", self.call.tokens.completion);
        Playback::of(writer.acts(), self.wire, Some(self.call))
    }

    /// What ends the stream after its first half, if it ends there.
    fn breaking(&self, writer: &mut Writer) -> Option<Vec<Act>> {
        match self.script.fault? {
            Fault::HangMid => Some(vec![Act::Hang]),
            // The pause lets the client read what came before a reset.
            Fault::ResetMid => Some(vec![Act::Flush, Act::Wait(10), Act::Reset]),
            Fault::Truncate => Some(vec![Act::Flush, Act::Cut]),
            Fault::CleanTruncate => Some(vec![]),
            Fault::ErrorMid => {
                let json = error_object("The model stopped unexpectedly.", "server_error", None);
                writer.event(&Event { json, sent: 0 });
                Some(vec![])
            }
            Fault::BadJson => {
                let json = format!("{},\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"", self.opening(CHUNK));
                writer.event(&Event { json, sent: 0 });
                None
            }
            _ => None,
        }
    }

    fn openings(&self) -> Vec<Event> {
        let sent = self.call.tokens.reasoning;
        let delta = r#"{"role":"assistant","content":"","refusal":null}"#;
        (0..self.choices.len()).map(|index| self.chunk(index, delta, None, sent)).collect()
    }

    /// The deltas of all choices, in turn.
    fn deltas(&self) -> Vec<Event> {
        let texts: Vec<Vec<&str>> =
            self.choices.iter().map(|choice| pieces(&choice.text, self.script.chunks)).collect();
        let longest = texts.iter().map(Vec::len).max().unwrap_or(0);
        let mut bytes = vec![0; texts.len()];
        let mut events = Vec::new();
        for round in 0..longest {
            for (index, pieces) in texts.iter().enumerate() {
                let Some(piece) = pieces.get(round) else { continue };
                bytes[index] += piece.len();
                let text: u64 = bytes.iter().map(|bytes| crate::demo::tokens::of_bytes(*bytes)).sum();
                let delta = format!(r#"{{"content":{}}}"#, json_text(piece));
                events.push(self.chunk(index, &delta, None, self.call.tokens.reasoning + text));
            }
        }
        events
    }

    /// The reasons for the end, then the usage if it is told.
    fn closings(&self) -> Vec<Event> {
        let sent = self.call.tokens.completion;
        let ends = self.choices.iter().enumerate();
        let mut events: Vec<Event> =
            ends.map(|(index, choice)| self.chunk(index, "{}", Some(choice.finish), sent)).collect();
        let times = match self.script.telling {
            Telling::Twice if self.wants_usage => 2,
            Telling::WhenAsked | Telling::Zeros if self.wants_usage => 1,
            _ => 0,
        };
        for _ in 0..times {
            let json = format!("{},\"choices\":[],\"usage\":{}}}", self.opening(CHUNK), self.usage(sent));
            events.push(Event { json, sent });
        }
        events
    }

    fn chunk(&self, index: usize, delta: &str, finish: Option<&str>, sent: u64) -> Event {
        let finish = finish.map_or_else(|| "null".to_owned(), json_text);
        let usage = match self.script.telling {
            Telling::InEachEvent => format!(",\"usage\":{}", self.usage(sent)),
            Telling::Never => String::new(),
            _ if self.wants_usage => ",\"usage\":null".to_owned(),
            _ => String::new(),
        };
        let opening = self.opening(CHUNK);
        let json = format!(
            r#"{opening},"choices":[{{"index":{index},"delta":{delta},"logprobs":null,"finish_reason":{finish}}}]{usage}}}"#
        );
        Event { json, sent }
    }

    fn pad(&self, writer: &mut Writer) {
        let opening = self.opening(CHUNK);
        let start = format!(
            r#"{opening},"choices":[{{"index":0,"delta":{{"content":""}},"logprobs":null,"finish_reason":null}}],"padding":""#
        );
        for _ in 0..self.script.huge_mib * 1024 * 1024 / PAD {
            writer.padded(&start, 1);
        }
        if self.script.huge_line_mib > 0 {
            writer.padded(&start, self.script.huge_line_mib * 1024 * 1024 / PAD);
        }
    }
}

const CHUNK: &str = "chat.completion.chunk";

/// Writes events in the framing that the script wishes.
struct Writer {
    acts: VecDeque<Act>,
    end_of_line: &'static str,
    comments: bool,
    cut: Option<usize>,
    between: Act,
    sent: u64,
}

impl Writer {
    fn of(answer: &Answer<'_>) -> Self {
        let script = answer.script;
        Self {
            acts: VecDeque::new(),
            end_of_line: if script.crlf { "\r\n" } else { "\n" },
            comments: script.comments,
            // Seven bytes: never a multiple of a character's length.
            cut: script.cut.or(script.split_utf8.then_some(7)),
            between: if answer.delay_ms > 0 { Act::Wait(answer.delay_ms) } else { Act::Flush },
            sent: 0,
        }
    }

    fn event(&mut self, event: &Event) {
        if self.comments {
            self.line(": the demo is thinking", self.sent);
        }
        self.line(&format!("data: {}", event.json), event.sent);
    }

    fn line(&mut self, line: &str, sent: u64) {
        if !self.acts.is_empty() {
            self.acts.push_back(self.between.clone());
        }
        self.sent = self.sent.max(sent);
        let bytes = [line, self.end_of_line, self.end_of_line].concat();
        self.acts.push_back(Act::Send(bytes.into(), self.sent));
    }

    fn padded(&mut self, start: &str, blocks: usize) {
        let ending = format!("\"}}{0}{0}", self.end_of_line);
        self.acts.push_back(Act::Send(format!("data: {start}").into(), self.sent));
        self.acts.push_back(Act::Pad(blocks));
        self.acts.push_back(Act::Send(ending.into(), self.sent));
    }

    fn acts(self) -> VecDeque<Act> {
        match self.cut {
            Some(size) => cut(self.acts, size, &self.between),
            None => self.acts,
        }
    }
}

/// The same bytes in pieces of `size`, whatever event they belong to.
fn cut(acts: VecDeque<Act>, size: usize, between: &Act) -> VecDeque<Act> {
    let mut cut = VecDeque::new();
    let mut held = BytesMut::new();
    let mut sent = 0;
    let release = |held: &mut BytesMut, least: usize, sent: u64, cut: &mut VecDeque<Act>| {
        while held.len() >= least.max(1) {
            let piece: Bytes = held.split_to(size.min(held.len())).freeze();
            cut.push_back(Act::Send(piece, sent));
            cut.push_back(between.clone());
        }
    };
    for act in acts {
        match act {
            Act::Send(bytes, after) => {
                held.extend_from_slice(&bytes);
                release(&mut held, size, sent, &mut cut);
                sent = after;
            }
            Act::Flush | Act::Wait(_) => {}
            other => {
                release(&mut held, 1, sent, &mut cut);
                cut.push_back(other);
            }
        }
    }
    release(&mut held, 1, sent, &mut cut);
    // The call ends with its last bytes, so nothing may stand behind them.
    if matches!(cut.back(), Some(Act::Flush | Act::Wait(_))) {
        cut.pop_back();
    }
    cut
}
