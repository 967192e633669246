//! Chat completions: the answer to an admitted call, as a body or as a stream.

mod stream;
mod whole;

use http::{HeaderValue, Response, header};

use super::{
    call::{Bill, OpenCall},
    playback::Playback,
    reply::{Choice, Wish},
    request::{ChatRequest, fingerprint},
    script::{Fault, Script, Telling},
    settings::DemoSettings,
    state::Admitted,
    tokens::Tokens,
    usage,
    wire::Wire,
};

/// All that an answer is made of.
struct Answer<'a> {
    id: String,
    model: &'a str,
    created: i64,
    choices: Vec<Choice>,
    script: &'a Script,
    call: OpenCall,
    wants_usage: bool,
    delay_ms: u64,
    wire: Wire,
}

/// Answers a call whose script does not fail before the head.
pub(super) fn answer(
    admitted: Admitted,
    request: &ChatRequest<'_>,
    body: &[u8],
    settings: &DemoSettings,
    wire: Wire,
) -> Response<Playback> {
    let Admitted { mut call, script, message } = admitted;
    let fingerprint = fingerprint(body);
    let stops = request.stops();
    let wish = Wish { question: &message, fingerprint, limit: request.limit(), stops: &stops, script: &script };
    let choices: Vec<Choice> = (0..request.choices()).map(|index| Choice::of(&wish, index)).collect();
    call.status = 200;
    call.tokens = tokens(request, &script, &choices);
    let streaming = request.stream.unwrap_or(false);
    call.bill = bill(&script, streaming);
    let answer = Answer {
        id: format!("chatcmpl-{fingerprint:016x}{:08x}", body.len()),
        model: &request.model,
        created: settings.created,
        choices,
        script: &script,
        call,
        wants_usage: request.wants_usage(),
        delay_ms: script.delay_ms.unwrap_or(settings.delay_ms),
        wire,
    };
    let (body, kind) = match streaming {
        true => (answer.stream(), "text/event-stream; charset=utf-8"),
        false => (answer.whole(), "application/json"),
    };
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn tokens(request: &ChatRequest<'_>, script: &Script, choices: &[Choice]) -> Tokens {
    let reasoning = request.limit().map_or(script.reasoning, |limit| script.reasoning.min(limit));
    Tokens {
        prompt: script.prompt.unwrap_or_else(|| request.prompt_tokens()),
        cached: script.cached,
        cache_write: script.cache_write,
        completion: reasoning + choices.iter().map(Choice::tokens).sum::<u64>(),
        reasoning,
    }
}

/// What is billed at the end; README.md has the table.
fn bill(script: &Script, streaming: bool) -> Bill {
    match (script.fault, streaming) {
        (Some(Fault::ErrorMid), _) | (Some(Fault::ResetMid | Fault::Truncate), false) => Bill::Nothing,
        (Some(Fault::ResetMid | Fault::Truncate | Fault::CleanTruncate), true) => Bill::Sent,
        _ if script.telling == Telling::Zeros => Bill::Nothing,
        _ => Bill::Whole,
    }
}

impl Answer<'_> {
    /// The `usage` object when so many completion tokens were sent.
    fn usage(&self, completion: u64) -> String {
        let tokens = Tokens { completion, reasoning: self.call.tokens.reasoning.min(completion), ..self.call.tokens };
        if self.script.telling == Telling::Zeros {
            return usage::told(&Tokens::default(), self.cost(&Tokens::default()), None);
        }
        usage::told(&tokens, self.cost(&tokens), self.script.lie)
    }

    /// The cost as text, where one is told. A scripted cost is told as it was written.
    fn cost(&self, tokens: &Tokens) -> Option<String> {
        let reports = self.model.split('@').next().is_some_and(|name| name.ends_with("reports-cost"));
        let computed = || reports.then(|| self.call.cost_of(tokens).to_string());
        self.script.cost.clone().or_else(computed)
    }

    /// Opens an object with what every answer and every chunk has.
    fn opening(&self, object: &str) -> String {
        let model = json_text(self.model);
        let Self { id, created, .. } = self;
        format!(
            r#"{{"id":"{id}","object":"{object}","created":{created},"model":{model},"service_tier":"default","system_fingerprint":"fp_demo""#
        )
    }
}

/// A JSON string.
fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
