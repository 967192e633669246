//! The answer as one JSON body.

use std::collections::VecDeque;

use bytes::Bytes;

use super::{Answer, Fault, Playback, Telling, json_text};
use crate::demo::{
    errors::error_object,
    playback::{Act, PAD},
};

impl Answer<'_> {
    /// The whole answer.
    pub(super) fn whole(self) -> Playback {
        if self.script.fault == Some(Fault::ErrorMid) {
            let text = error_object("The model stopped unexpectedly.", "server_error", None);
            return Playback::of([Act::Send(text.into(), 0)].into(), self.wire, Some(self.call));
        }
        let sent = self.call.tokens.completion;
        let text = self.render();
        let mib = self.script.huge_mib.max(self.script.huge_line_mib);
        if mib > 0 {
            let acts = padded(text, mib, sent);
            return Playback::of(acts, self.wire, Some(self.call));
        }
        let length = text.len();
        let half = length / 2;
        let bytes = Bytes::from(text);
        let first = Act::Send(bytes.slice(..half), 0);
        let (acts, announced): (VecDeque<Act>, _) = match self.script.fault {
            Some(Fault::HangMid) => ([first, Act::Flush, Act::Hang].into(), Some(length)),
            // The pause lets the client read what came before a reset.
            Some(Fault::ResetMid) => ([first, Act::Flush, Act::Wait(10), Act::Reset].into(), Some(length)),
            Some(Fault::Truncate) => ([first, Act::Flush, Act::Cut].into(), Some(length)),
            Some(Fault::CleanTruncate) => ([first].into(), None),
            Some(Fault::BadJson) => ([first].into(), Some(half)),
            _ => ([Act::Send(bytes, sent)].into(), Some(length)),
        };
        let body = Playback::of(acts, self.wire, Some(self.call));
        match announced {
            Some(length) => body.announcing(length as u64),
            None => body,
        }
    }

    fn render(&self) -> String {
        let choice = |(index, choice): (usize, &crate::demo::reply::Choice)| {
            format!(
                r#"{{"index":{index},"message":{{"role":"assistant","content":{},"refusal":null,"annotations":[]}},"logprobs":null,"finish_reason":"{}"}}"#,
                json_text(&choice.text),
                choice.finish
            )
        };
        let choices: Vec<String> = self.choices.iter().enumerate().map(choice).collect();
        let usage = match self.script.telling {
            Telling::Never => String::new(),
            _ => format!(r#","usage":{}"#, self.usage(self.call.tokens.completion)),
        };
        format!("{},\"choices\":[{}]{usage}}}", self.opening("chat.completion"), choices.join(","))
    }
}

/// The object with a field of padding at its end.
fn padded(mut text: String, mib: usize, sent: u64) -> VecDeque<Act> {
    text.pop();
    text.push_str(",\"padding\":\"");
    [Act::Send(text.into(), sent), Act::Pad(mib * 1024 * 1024 / PAD), Act::Send(Bytes::from_static(b"\"}"), sent)]
        .into()
}
