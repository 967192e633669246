//! What a call is told to do wrong, and how.
//!
//! A script is a list of words; README.md lists them all. Words of several places (settings, model name,
//! message, header) add up in that order, the later ones deciding.

use std::str::FromStr;

use thiserror::Error;

use super::settings::BillOnLeave;

/// A word that is not in the list, or a number that is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is not a word of a demo script; GET /_help lists them")]
pub struct ScriptError(pub String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Status(u16),
    Hang,
    HangMid,
    ResetEarly,
    ResetMid,
    Truncate,
    CleanTruncate,
    ErrorMid,
    BadJson,
    Html,
    Empty,
    Redirect,
}

/// How usage is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Telling {
    #[default]
    WhenAsked,
    Never,
    Zeros,
    Twice,
    InEachEvent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lie {
    Cached,
    CacheWrite,
    Reasoning,
    Negative,
    String,
    Huge,
    Overflow,
    Float,
    Exponent,
    Null,
    Empty,
    Array,
    Text,
    Missing,
    Total,
    CostNegative,
    CostString,
    CostHuge,
}

/// All the words of one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Script {
    pub fault: Option<Fault>,
    pub telling: Telling,
    pub lie: Option<Lie>,
    pub prompt: Option<u64>,
    pub tokens: Option<u64>,
    pub cached: u64,
    pub cache_write: u64,
    pub reasoning: u64,
    pub cost: Option<String>,
    pub chunks: Option<usize>,
    pub cut: Option<usize>,
    pub delay_ms: Option<u64>,
    pub first_ms: u64,
    pub retry_after: Option<u64>,
    pub huge_mib: usize,
    pub huge_line_mib: usize,
    pub crlf: bool,
    pub comments: bool,
    pub split_utf8: bool,
    pub bill_on_leave: Option<BillOnLeave>,
}

impl Script {
    /// Adds the words of `text` to what is there.
    pub(super) fn add(&mut self, text: &str) -> Result<(), ScriptError> {
        text.split([',', ' ', '\t']).filter(|word| !word.is_empty()).try_for_each(|word| self.add_word(word))
    }

    fn add_word(&mut self, word: &str) -> Result<(), ScriptError> {
        let word = word.strip_prefix("fail:").unwrap_or(word);
        match word.split_once('=') {
            Some((key, value)) => self.set(key, value).ok_or_else(|| ScriptError(word.to_owned())),
            None => self.switch(word).ok_or_else(|| ScriptError(word.to_owned())),
        }
    }

    fn switch(&mut self, word: &str) -> Option<()> {
        match word {
            "ok" => self.fault = None,
            "no_usage" => self.telling = Telling::Never,
            "zero_usage" => self.telling = Telling::Zeros,
            "dup_usage" => self.telling = Telling::Twice,
            "every_usage" => self.telling = Telling::InEachEvent,
            "crlf" => self.crlf = true,
            "comments" => self.comments = true,
            "split_utf8" => self.split_utf8 = true,
            _ => self.fault = Some(fault(word)?),
        }
        Some(())
    }

    fn set(&mut self, key: &str, value: &str) -> Option<()> {
        match key {
            "lie" => self.lie = Some(lie(value)?),
            "p" => self.prompt = Some(count(value)?),
            "tokens" => self.tokens = Some(number(value).filter(|n| *n <= MOST_TEXT)?),
            "cr" => self.cached = count(value)?,
            "cw" => self.cache_write = count(value)?,
            "reasoning" => self.reasoning = count(value)?,
            "cost" => {
                units::Cost::parse_reported(value).ok()?;
                self.cost = Some(value.to_owned());
            }
            "chunks" => self.chunks = Some(number(value).filter(|n| *n > 0)?),
            "cut" => self.cut = Some(number(value).filter(|n| *n > 0)?),
            "delay_ms" => self.delay_ms = Some(number(value)?),
            "first_ms" => self.first_ms = number(value)?,
            "retry_after" => self.retry_after = Some(number(value)?),
            "huge" => self.huge_mib = number(value).filter(|n| *n <= 1024)?,
            "huge_line" => self.huge_line_mib = number(value).filter(|n| *n <= 1024)?,
            "bill" => {
                self.bill_on_leave = Some(match value {
                    "whole" => BillOnLeave::Whole,
                    "sent" => BillOnLeave::Sent,
                    _ => return None,
                });
            }
            _ => return None,
        }
        Some(())
    }
}

fn number<N: FromStr>(text: &str) -> Option<N> {
    text.parse().ok()
}

/// The most tokens of text that a reply is made of (16 MiB).
const MOST_TEXT: u64 = 1 << 22;

/// A count of tokens that are only told of.
fn count(text: &str) -> Option<u64> {
    number(text).filter(|count| *count < 1 << 40)
}

fn fault(word: &str) -> Option<Fault> {
    Some(match word {
        "hang" => Fault::Hang,
        "hang_mid" => Fault::HangMid,
        "reset_early" => Fault::ResetEarly,
        "reset_mid" => Fault::ResetMid,
        "truncate" => Fault::Truncate,
        "clean_truncate" => Fault::CleanTruncate,
        "error_mid" => Fault::ErrorMid,
        "bad_json" => Fault::BadJson,
        "html" => Fault::Html,
        "empty" => Fault::Empty,
        "redirect" => Fault::Redirect,
        status => Fault::Status(number(status).filter(|status| (400..600).contains(status))?),
    })
}

fn lie(kind: &str) -> Option<Lie> {
    Some(match kind {
        "cached" => Lie::Cached,
        "cache_write" => Lie::CacheWrite,
        "reasoning" => Lie::Reasoning,
        "negative" => Lie::Negative,
        "string" => Lie::String,
        "huge" => Lie::Huge,
        "overflow" => Lie::Overflow,
        "float" => Lie::Float,
        "exponent" => Lie::Exponent,
        "null" => Lie::Null,
        "empty" => Lie::Empty,
        "array" => Lie::Array,
        "text" => Lie::Text,
        "missing" => Lie::Missing,
        "total" => Lie::Total,
        "cost_negative" => Lie::CostNegative,
        "cost_string" => Lie::CostString,
        "cost_huge" => Lie::CostHuge,
        _ => return None,
    })
}

/// The steps of a script text: a JSON array of texts, or texts with `|` between them.
pub(super) fn steps(text: &str) -> Vec<String> {
    match serde_json::from_str::<Vec<String>>(text) {
        Ok(steps) if !steps.is_empty() => steps,
        _ => text.split('|').map(|step| step.trim().to_owned()).collect(),
    }
}

/// The scripts in double brackets in a message, and the message without them.
pub(super) fn bracketed(message: &str) -> (Vec<&str>, String) {
    let mut found = Vec::new();
    let mut plain = String::new();
    let mut rest = message;
    while let Some((before, tail)) = rest.split_once("[[") {
        let Some((inside, after)) = tail.split_once("]]") else { break };
        plain.push_str(before);
        if steps(inside).iter().all(|step| Script::default().add(step).is_ok()) {
            found.push(inside);
        } else {
            plain.push_str(inside);
        }
        rest = after;
    }
    plain.push_str(rest);
    (found, plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_add_up_and_unknown_ones_are_named() {
        let mut script = Script::default();
        script.add("fail:503, retry_after=7 crlf").unwrap();
        script.add("chunks=3").unwrap();
        assert_eq!(script.fault, Some(Fault::Status(503)));
        assert_eq!((script.retry_after, script.chunks, script.crlf), (Some(7), Some(3), true));
        for wrong in ["fial:500", "200", "600", "chunks=0", "lie=maybe", "cost=much", "p=-1"] {
            assert_eq!(Script::default().add(wrong).unwrap_err().0, wrong);
        }
    }

    #[test]
    fn steps_come_in_two_forms() {
        assert_eq!(steps(r#"["500","ok"]"#), ["500", "ok"]);
        assert_eq!(steps("500|ok"), ["500", "ok"]);
        assert_eq!(steps("500"), ["500"]);
    }

    #[test]
    fn brackets_in_a_message_are_scripts_only_when_they_parse() {
        let (scripts, plain) = bracketed("say [[fail:500]] and [[Rome]] and [[tokens=9");
        assert_eq!(scripts, ["fail:500"]);
        assert_eq!(plain, "say  and Rome and [[tokens=9");
    }
}
