//! Usage as the demo tells it, truly or not.

use super::{script::Lie, tokens::Tokens};

/// The `usage` object of these tokens, with a cost where one is told.
pub(super) fn told(tokens: &Tokens, cost: Option<String>, lie: Option<Lie>) -> String {
    let mut telling = Telling {
        prompt: tokens.prompt.to_string(),
        completion: Some(tokens.completion.to_string()),
        total: (tokens.prompt + tokens.completion).to_string(),
        cached: tokens.cached,
        cache_write: tokens.cache_write,
        reasoning: tokens.reasoning,
        cost,
    };
    match lie {
        Some(Lie::Null) => return "null".to_owned(),
        Some(Lie::Empty) => return "{}".to_owned(),
        Some(Lie::Array) => return "[]".to_owned(),
        Some(Lie::Text) => return "\"none\"".to_owned(),
        Some(lie) => telling.twist(lie, tokens),
        None => {}
    }
    telling.render()
}

struct Telling {
    prompt: String,
    completion: Option<String>,
    total: String,
    cached: u64,
    cache_write: u64,
    reasoning: u64,
    cost: Option<String>,
}

impl Telling {
    fn twist(&mut self, lie: Lie, tokens: &Tokens) {
        let Tokens { prompt, completion, .. } = tokens;
        match lie {
            Lie::Cached => self.cached = prompt + 1000,
            Lie::CacheWrite => self.cache_write = prompt + 1000,
            Lie::Reasoning => self.reasoning = completion + 1000,
            Lie::Negative => self.both(format!("-{prompt}"), format!("-{completion}")),
            Lie::String => self.both(format!("\"{prompt}\""), format!("\"{completion}\"")),
            Lie::Huge => self.both("9007199254740992".to_owned(), "9007199254740992".to_owned()),
            Lie::Overflow => self.both("36893488147419103232".to_owned(), "36893488147419103232".to_owned()),
            Lie::Float => self.both(format!("{prompt}.5"), format!("{completion}.5")),
            Lie::Exponent => self.both("1e3".to_owned(), "1E+2".to_owned()),
            Lie::Missing => self.completion = None,
            Lie::Total => self.total = "1".to_owned(),
            Lie::CostNegative => self.cost = Some("-0.01".to_owned()),
            Lie::CostString => self.cost = Some("\"a lot\"".to_owned()),
            Lie::CostHuge => self.cost = Some("1e30".to_owned()),
            Lie::Null | Lie::Empty | Lie::Array | Lie::Text => {}
        }
    }

    fn both(&mut self, prompt: String, completion: String) {
        (self.prompt, self.completion) = (prompt, Some(completion));
    }

    fn render(self) -> String {
        let Self { prompt, total, cached, reasoning, completion, cost, .. } = self;
        let completion = completion.map(|count| format!(r#""completion_tokens":{count},"#)).unwrap_or_default();
        let write = match self.cache_write {
            0 => String::new(),
            count => format!(r#","cache_write_tokens":{count}"#),
        };
        let cost = cost.map(|cost| format!(r#","cost":{cost}"#)).unwrap_or_default();
        format!(
            r#"{{"prompt_tokens":{prompt},{completion}"total_tokens":{total},"prompt_tokens_details":{{"cached_tokens":{cached},"audio_tokens":0{write}}},"completion_tokens_details":{{"reasoning_tokens":{reasoning},"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}{cost}}}"#
        )
    }
}
