//! Embeddings: vectors of small numbers, made of the text's fingerprint.

use std::borrow::Cow;

use http::Response;
use serde::Deserialize;
use serde_json::{json, value::RawValue};

use super::{
    call::{Bill, OpenCall},
    errors::{Refusal, json_response},
    playback::Playback,
    request::fingerprint,
    tokens::{Tokens, of_bytes},
};

/// A request for embeddings.
#[derive(Deserialize)]
pub(super) struct EmbeddingsRequest<'a> {
    #[serde(borrow)]
    pub model: Cow<'a, str>,
    #[serde(borrow)]
    input: &'a RawValue,
    #[serde(default)]
    encoding_format: Option<String>,
    #[serde(default)]
    dimensions: Option<usize>,
    #[serde(default)]
    pub user: Option<String>,
}

/// What can be embedded, and its tokens.
type Input = (Vec<u8>, u64);

/// Answers a call.
pub(super) fn answer(mut call: OpenCall, request: &EmbeddingsRequest<'_>) -> Response<Playback> {
    let Some(inputs) = inputs(request.input.get()) else {
        call.refuse(400);
        return Refusal::bad_request("`input` must be a text, a list of texts or tokens.").response();
    };
    let dimensions = request.dimensions.unwrap_or(64).clamp(1, 4096);
    let as_base64 = request.encoding_format.as_deref() == Some("base64");
    let data: Vec<_> = inputs
        .iter()
        .enumerate()
        .map(|(index, (bytes, _))| {
            let vector = vector(bytes, dimensions);
            let embedding = if as_base64 { json!(base64(&little_endian(&vector))) } else { json!(vector) };
            json!({"object": "embedding", "index": index, "embedding": embedding})
        })
        .collect();
    let prompt = inputs.iter().map(|(_, tokens)| tokens).sum();
    call.status = 200;
    call.tokens = Tokens { prompt, ..Tokens::default() };
    call.bill = Bill::Whole;
    call.finish();
    let usage = json!({"prompt_tokens": prompt, "total_tokens": prompt});
    json_response(json!({"object": "list", "data": data, "model": request.model, "usage": usage}).to_string())
}

fn inputs(raw: &str) -> Option<Vec<Input>> {
    let of_text = |text: String| (text.as_bytes().to_vec(), of_bytes(text.len()));
    let of_tokens = |tokens: Vec<u32>| {
        let count = tokens.len() as u64;
        (tokens.into_iter().flat_map(u32::to_le_bytes).collect(), count)
    };
    if let Ok(text) = serde_json::from_str::<String>(raw) {
        return Some(vec![of_text(text)]);
    }
    if let Ok(texts) = serde_json::from_str::<Vec<String>>(raw) {
        return Some(texts.into_iter().map(of_text).collect());
    }
    if let Ok(tokens) = serde_json::from_str::<Vec<u32>>(raw) {
        return Some(vec![of_tokens(tokens)]);
    }
    serde_json::from_str::<Vec<Vec<u32>>>(raw).ok().map(|lists| lists.into_iter().map(of_tokens).collect())
}

/// Multiples of 1/128 between -1 and 1.
fn vector(bytes: &[u8], dimensions: usize) -> Vec<f32> {
    let seed = fingerprint(bytes);
    let number = |index: u64| fingerprint(&(seed ^ index).to_le_bytes()).to_le_bytes()[3].cast_signed();
    (0..dimensions as u64).map(|index| f32::from(number(index)) / 128.0).collect()
}

fn little_endian(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let word = three.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * place) & 63) as usize];
            text.push(if place > three.len() { '=' } else { letter.into() });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_padded_as_it_should_be() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn texts_and_tokens_are_inputs() {
        assert_eq!(inputs(r#""hello""#).unwrap()[0].1, 2);
        assert_eq!(inputs(r#"["a","b"]"#).unwrap().len(), 2);
        assert_eq!(inputs("[1,2,3]").unwrap()[0].1, 3);
        assert_eq!(inputs("[[1],[2,3]]").unwrap()[1].1, 2);
        assert!(inputs("{}").is_none());
    }
}
