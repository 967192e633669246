//! A chat request: what the gateway reads of it, and how it is passed on.

use std::ops::Range;

use billing::Model;

use crate::{error::Error, json::Object};

/// A chat request as it was written, with the few fields that decide about money.
#[derive(Debug)]
pub(crate) struct ChatRequest<'a> {
    object: Object<'a>,
    /// The model's public id.
    pub(crate) model: String,
    /// Whether the reply is to be streamed.
    pub(crate) streams: bool,
}

/// What the request may make of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    /// The most tokens of one choice, where the request names a limit.
    pub(crate) limit: Option<u64>,
    /// How many choices.
    pub(crate) choices: u64,
}

/// Both names of the one limit. Where both are given, the smaller counts.
const LIMITS: [&str; 2] = ["max_completion_tokens", "max_tokens"];
/// As many as OpenAI allows.
const MOST_CHOICES: u64 = 128;

/// Fields that would change the price in a way that no price list knows, with what may stand there.
const PRICED_APART: [(&str, &[&str]); 1] = [("service_tier", &["\"auto\"", "\"default\"", "\"standard\""])];
/// Fields that let the provider choose another model than the one that was admitted.
const CHOOSES_MODEL: [&str; 2] = ["models", "route"];
/// What Kilo's own wire has beside OpenAI's fields (CLIENTS.md section 6). Strict providers refuse it.
const OF_ANOTHER_WIRE: [&str; 2] = ["description", "usage"];
/// Fields that decide about money. One that differs only in case could be read by a provider that does
/// not mind case, and is refused.
const DECIDING: [&str; 7] =
    ["model", "stream", "stream_options", "n", "max_tokens", "max_completion_tokens", "service_tier"];

impl<'a> ChatRequest<'a> {
    /// Reads a request.
    pub(crate) fn read(text: &'a str) -> Result<Self, Error> {
        let object = Object::parse(text).map_err(|error| Error::malformed(&error))?;
        for name in object.names() {
            let meant = DECIDING.into_iter().chain(CHOOSES_MODEL).find(|field| name.eq_ignore_ascii_case(field));
            if let Some(field) = meant.filter(|field| *field != name) {
                return Err(wrong(field, "must be written in small letters"));
            }
        }
        let model = match object.get("model").map(serde_json::from_str::<String>) {
            Some(Ok(model)) if !model.is_empty() => model,
            _ => return Err(wrong("model", "must name a model, such as \"anthropic/claude-sonnet-4.5\"")),
        };
        let streams = match object.get("stream") {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(wrong("stream", "must be true or false")),
        };
        Ok(Self { object, model, streams })
    }

    /// Checks everything else that decides about money.
    pub(crate) fn wish(&self, model: &Model) -> Result<Wish, Error> {
        if !self.object.get("messages").is_some_and(|messages| messages.starts_with('[')) {
            return Err(wrong("messages", "must be a list of messages"));
        }
        if self.object.get("stream_options").is_some_and(|options| Object::parse(options).is_err()) {
            return Err(wrong("stream_options", "must be an object, such as {\"include_usage\": true}"));
        }
        for field in CHOOSES_MODEL {
            if self.object.get(field).is_some() {
                return Err(wrong(field, "is not supported: name one model in `model`"));
            }
        }
        for (field, allowed) in PRICED_APART {
            if self.object.get(field).is_some_and(|value| !allowed.contains(&value)) {
                return Err(wrong(field, &format!("must be one of {}", allowed.join(", "))));
            }
        }
        let mut limit = None;
        for field in LIMITS {
            let given = self.whole_number(field, model.context_length)?;
            limit = given.into_iter().chain(limit).min();
        }
        Ok(Wish { limit, choices: self.whole_number("n", MOST_CHOICES)?.unwrap_or(1) })
    }

    fn whole_number(&self, field: &'static str, most: u64) -> Result<Option<u64>, Error> {
        let Some(text) = self.object.get(field) else { return Ok(None) };
        match text.parse() {
            Ok(number) if (1..=most).contains(&number) => Ok(Some(number)),
            _ => {
                let given: String = text.chars().take(40).collect();
                Err(wrong(field, &format!("is {given}; it must be a whole number from 1 to {most}")))
            }
        }
    }

    /// The request as providers get it: asked for usage, and with `clamp` as token limit of each choice
    /// where the wallet affords no more. The model's name is left for each provider to be put in.
    pub(crate) fn for_upstream(mut self, clamp: Option<u64>) -> Outgoing {
        if self.streams {
            let options = with_usage(self.object.get("stream_options"));
            self.object.set("stream_options", options);
        }
        if let Some(clamp) = clamp {
            self.clamp(clamp);
        }
        for field in OF_ANOTHER_WIRE {
            self.object.remove(field);
        }
        let (body, model_at) = self.object.write("model");
        Outgoing { body, model_at }
    }

    fn clamp(&mut self, limit: u64) {
        let named: Vec<&'static str> = LIMITS.into_iter().filter(|field| self.object.get(field).is_some()).collect();
        match named.as_slice() {
            // OpenAI's newer models refuse the older name, and hardly anybody else knows the newer one.
            [] if self.model.starts_with("openai/") => self.object.set(LIMITS[0], limit.to_string()),
            [] => self.object.set(LIMITS[1], limit.to_string()),
            named => named.iter().for_each(|field| self.object.set(field, limit.to_string())),
        }
    }
}

/// A request as providers get it.
#[derive(Debug)]
pub(crate) struct Outgoing {
    /// The JSON text.
    pub(crate) body: String,
    /// Where the model's name stands in it, quotes included.
    pub(crate) model_at: Range<usize>,
}

fn with_usage(options: Option<&str>) -> String {
    let mut options = Object::parse(options.unwrap_or("{}")).unwrap_or_default();
    options.set("include_usage", "true");
    options.write("include_usage").0
}

fn wrong(field: &'static str, reason: &str) -> Error {
    Error::Field { field, reason: reason.to_owned() }
}

#[cfg(test)]
mod tests;
