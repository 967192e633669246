//! What the demo says: an echo of the question and a few sentences, chosen by the request's fingerprint.

use super::{
    script::Script,
    tokens::{BYTES_PER_TOKEN, of_bytes},
};

/// One choice of a reply.
pub(super) struct Choice {
    pub text: String,
    /// `stop` or `length`.
    pub finish: &'static str,
}

/// What decides about a reply.
pub(super) struct Wish<'a> {
    pub question: &'a str,
    pub fingerprint: u64,
    pub limit: Option<u64>,
    pub stops: &'a [String],
    pub script: &'a Script,
}

impl Choice {
    /// The `index`-th choice.
    pub(super) fn of(wish: &Wish<'_>, index: u64) -> Self {
        let mut text = speak(wish, wish.fingerprint.wrapping_add(index.wrapping_mul(0x0101_0101)));
        if let Some(end) = wish.stops.iter().filter(|stop| !stop.is_empty()).filter_map(|stop| text.find(stop)).min() {
            text.truncate(end);
        }
        let room = wish.limit.map(|limit| limit.saturating_sub(wish.script.reasoning));
        let most = room.map_or(usize::MAX, |tokens| usize::try_from(tokens).unwrap_or(usize::MAX));
        let most = most.saturating_mul(BYTES_PER_TOKEN);
        if text.len() <= most {
            return Self { text, finish: "stop" };
        }
        text.truncate(text.floor_char_boundary(most));
        Self { text, finish: "length" }
    }

    /// Its tokens, without reasoning.
    pub(super) fn tokens(&self) -> u64 {
        of_bytes(self.text.len())
    }
}

const SENTENCES: [&str; 10] = [
    "A good scale adds nothing and forgets nothing.",
    "Seven apples weigh what seven apples weigh, basket or no basket.",
    "The baker across the road counts her rolls twice and is never wrong.",
    "Somewhere a kettle is whistling, and nobody will bill you for it.",
    "If you ask me the same thing again, I shall say the same thing again.",
    "Rain is expected, though not by the ducks.",
    "The ferry leaves when it is full, or when the captain has finished his tea.",
    "Most questions are shorter than their answers; this one is no exception.",
    "I keep my own notes of what this costs, so please check me.",
    "That is all I know, and I know it exactly.",
];

/// Two-, three- and four-byte characters, so that any cut falls into one soon.
const MANY_BYTES: &str = "Grüße aus Łódź: 🍎🍋 kosten drei €, 茶も少し。";

fn speak(wish: &Wish<'_>, seed: u64) -> String {
    let mut text = String::new();
    if wish.script.split_utf8 {
        text.push_str(MANY_BYTES);
        text.push(' ');
    }
    let question = wish.question.trim();
    if !question.is_empty() {
        let excerpt: String = question.chars().take(160).collect();
        let more = if excerpt.len() < question.len() { "..." } else { "" };
        text.push_str(&format!("You said: \"{excerpt}{more}\" "));
    }
    let sentence = |index: u64| SENTENCES[(seed.rotate_right(index as u32 * 7) % 10) as usize];
    text.push_str(&[sentence(0), sentence(1), sentence(2)].join(" "));
    match wish.script.tokens {
        Some(tokens) => stretched(text, tokens),
        None => text,
    }
}

/// The text cut or repeated to exactly so many tokens.
fn stretched(text: String, tokens: u64) -> String {
    let wanted = usize::try_from(tokens).unwrap_or(usize::MAX).saturating_mul(BYTES_PER_TOKEN);
    let mut long = String::with_capacity(wanted);
    while long.len() < wanted {
        let room = wanted - long.len();
        let end = text.floor_char_boundary(room);
        match end {
            0 => long.extend(std::iter::repeat_n('.', room)),
            _ => long.push_str(&text[..end]),
        }
    }
    long
}

/// The text in `count` pieces that end between characters, at spaces where they can.
pub(super) fn pieces(text: &str, count: Option<usize>) -> Vec<&str> {
    let Some(count) = count else { return text.split_inclusive(' ').collect() };
    let mut rest = text;
    let mut pieces = Vec::with_capacity(count);
    for left in (1..=count).rev() {
        let end = rest.ceil_char_boundary(rest.len().div_ceil(left));
        let (piece, tail) = rest.split_at(end);
        pieces.push(piece);
        rest = tail;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(script: &str, limit: Option<u64>, stops: &[String]) -> Choice {
        let mut parsed = Script::default();
        parsed.add(script).unwrap();
        Choice::of(&Wish { question: "hello", fingerprint: 7, limit, stops, script: &parsed }, 0)
    }

    #[test]
    fn a_wished_size_is_met_to_the_token() {
        for script in ["tokens=1", "tokens=1000", "split_utf8 tokens=17"] {
            let wished: u64 = script.split('=').next_back().unwrap().parse().unwrap();
            assert_eq!(choice(script, None, &[]).tokens(), wished, "{script}");
        }
    }

    #[test]
    fn limits_and_stops_end_a_reply() {
        let whole = choice("", None, &[]);
        assert_eq!(whole.finish, "stop");
        let cut = choice("", Some(3), &[]);
        assert_eq!((cut.finish, cut.tokens()), ("length", 3));
        assert_eq!(choice("reasoning=2", Some(3), &[]).tokens(), 1);
        assert_eq!(choice("", None, &["said".to_owned()]).text, "You ");
    }

    #[test]
    fn pieces_join_to_the_text() {
        for count in [None, Some(1), Some(3), Some(50), Some(500)] {
            let pieces = pieces(MANY_BYTES, count);
            assert_eq!(pieces.concat(), MANY_BYTES);
            assert!(count.is_none_or(|count| pieces.len() == count));
        }
    }
}
