//! What is asked, and what the provider answers to it.

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::Full;

use crate::client::Way;

/// A kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// 1 KB there, 1 KB back.
    Small,
    /// A prompt of 50 KB, 1 KB back.
    Large,
    /// 1 KB there, a stream of 50 chunks back.
    Stream,
    /// 1 KB there, a stream that stays open.
    Slow,
}

/// What the provider says.
pub struct Answer {
    pub parts: Vec<Bytes>,
    /// How long it waits before each part.
    pub pause: Option<Duration>,
}

/// Of each shape, in their order.
static ANSWERS: LazyLock<[Answer; 4]> =
    LazyLock::new(|| [Shape::Small, Shape::Large, Shape::Stream, Shape::Slow].map(Shape::make_answer));

/// How many chunks a stream has before the one with the usage.
const CHUNKS: usize = 50;

/// How long a slow stream waits before each chunk, and how many it has.
const PAUSE: Duration = Duration::from_millis(200);
const SLOW_CHUNKS: usize = 60;

impl Shape {
    /// Those that a crowd asks for.
    pub const ALL: [Self; 3] = [Self::Small, Self::Large, Self::Stream];

    /// What it is called in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Small => "1 KB",
            Self::Large => "50 KB",
            Self::Stream => "50 chunks",
            Self::Slow => "slow",
        }
    }

    /// The word in the prompt by which the provider knows it.
    const fn word(self) -> &'static str {
        match self {
            Self::Small => "answer-small",
            Self::Large => "answer-large",
            Self::Stream => "answer-stream",
            Self::Slow => "answer-slowly",
        }
    }

    /// Which one a body asks for.
    pub fn of(body: &[u8]) -> Option<Self> {
        let begins = |shape: &Self| body.windows(shape.word().len()).take(200).any(|at| at == shape.word().as_bytes());
        [Self::Small, Self::Large, Self::Stream, Self::Slow].into_iter().find(begins)
    }

    /// The call, as a client sends it.
    pub fn request(self, way: &Way) -> Request<Full<Bytes>> {
        let size = if self == Self::Large { 50_000 } else { 1_000 };
        let mut prompt = self.word().to_owned();
        while prompt.len() < size - 150 {
            prompt.push_str(" What would it cost, and who would pay for it in the end?");
        }
        let body = format!(
            "{{\"model\":\"demo/small\",\"messages\":[{{\"role\":\"user\",\"content\":\"{prompt}\"}}],\
             \"max_tokens\":512,\"stream\":{}}}",
            matches!(self, Self::Stream | Self::Slow)
        );
        let mut request = Request::post("/v1/chat/completions")
            .header(header::HOST, way.address.to_string())
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(key) = &way.key {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        request.body(Full::from(body)).expect("a request of plain letters")
    }

    /// Whether an answer came to its end.
    pub fn is_whole(self, answer: &[u8]) -> bool {
        match self {
            Self::Small | Self::Large => answer.ends_with(b"}") || answer.ends_with(b"}\n"),
            Self::Stream | Self::Slow => answer.windows(6).rev().take(400).any(|at| at == b"[DONE]"),
        }
    }

    /// What the provider says to it.
    pub fn answer(self) -> &'static Answer {
        &ANSWERS[self as usize]
    }

    fn make_answer(self) -> Answer {
        let usage = "\"usage\":{\"prompt_tokens\":250,\"completion_tokens\":200,\"total_tokens\":450}";
        let words = "It costs what the provider asks. ";
        let event = |choices: &str, rest: &str| {
            Bytes::from(format!(
                "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\
                 \"model\":\"small\",\"choices\":[{choices}]{rest}}}\n\n"
            ))
        };
        let stream = |chunks: usize| {
            let delta = format!("{{\"index\":0,\"delta\":{{\"content\":\"{words}\"}},\"finish_reason\":null}}");
            let mut parts = vec![event(&delta, ""); chunks];
            parts.push(event("", &format!(",{usage}")));
            parts.push(Bytes::from_static(b"data: [DONE]\n\n"));
            parts
        };
        match self {
            Self::Small | Self::Large => {
                let content = words.repeat(25);
                let whole = format!(
                    "{{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"small\",\
                     \"choices\":[{{\"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":\"{content}\"}},\
                     \"finish_reason\":\"stop\"}}],{usage}}}"
                );
                Answer { parts: vec![Bytes::from(whole)], pause: None }
            }
            Self::Stream => Answer { parts: stream(CHUNKS), pause: None },
            Self::Slow => Answer { parts: stream(SLOW_CHUNKS), pause: Some(PAUSE) },
        }
    }
}
