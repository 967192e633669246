//! How many tokens a request has, before or without a provider that says so.
//!
//! Two questions, two answers. A hold must cover whatever the provider will count, so it takes the most
//! that the body can come to ([`Prompt::most_tokens`]). A record marked `estimated`, for an answer that
//! came without usage, takes what is likely ([`Prompt::likely_tokens`], [`output_tokens`]), which errs in
//! the customer's favour.
//!
//! **The most.** The tokenizers in use work on the bytes of UTF-8: no token is less than one byte, so a
//! text has at most as many tokens as bytes. What is handed to the model as JSON (tools, schemas,
//! arguments) is counted as its longest JSON form. Each message and part adds [`PER_PART`] for the marks
//! that templates put around them. Images come to [`IMAGE`]. Documents, sound and film are counted by
//! their bytes, generously; of those that the body only points to, nothing is known but that they fit the
//! context, so they are counted as more than any context ([`UNKNOWN`]) and the caller cuts at the model's.
//!
//! **The likely.** Four bytes a token: measured on English, German, source code and JSON, four tokenizers
//! make 0.21 to 0.32 tokens of a byte, of Chinese and Russian 0.13 to 0.33.

mod walk;

use serde_json::Value;

/// Tokens that surround a message or a part of one; templates in use take three to ten.
pub const PER_PART: u64 = 16;

/// Tokens of a request beside its messages: the opening marks, and the switch for answering.
pub const PER_REQUEST: u64 = 64;

/// What a provider may say to the model by itself when tools are offered. Anthropic documents some hundreds.
pub const TOOLS_PREAMBLE: u64 = 1_024;

/// The most that one image comes to with nearly every model: OpenAI stops at 10,000 patches, Anthropic
/// scales down to less, and Google's tiles stay below it up to some twenty megapixels. A model that counts
/// more says so in its price file.
pub const IMAGE: u64 = 10_000;

/// More than any context: something that the body only points to.
pub const UNKNOWN: u64 = 1_000_000_000;

const BYTES_PER_LIKELY_TOKEN: u64 = 4;
/// A picture of about one megapixel, with most models.
const LIKELY_IMAGE: u64 = 1_000;
/// A short document that was only pointed to.
const LIKELY_UNKNOWN: u64 = 2_000;

/// What a request body asks a model to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// Bytes of text in UTF-8, JSON in its longest form.
    pub text_bytes: u64,
    /// Messages, and parts of messages.
    pub parts: u64,
    /// Whether tools are offered.
    pub has_tools: bool,
    /// Images.
    pub images: u64,
    /// Bytes of documents that the body contains.
    pub document_bytes: u64,
    /// Bytes of recordings that the body contains.
    pub audio_bytes: u64,
    /// Bytes of films that the body contains.
    pub video_bytes: u64,
    /// Documents, recordings and films that the body only points to.
    pub unknown: u64,
}

/// The most prompt tokens that `body` can come to with a model that counts images as most do. Cut it to
/// the model's context before use.
pub fn input_tokens(body: &Value) -> u64 {
    Prompt::of(body).most_tokens(IMAGE)
}

/// What so many bytes of answer likely were, for a record marked `estimated`.
pub const fn output_tokens(text_bytes: u64) -> u64 {
    text_bytes.div_ceil(BYTES_PER_LIKELY_TOKEN)
}

impl Prompt {
    /// Reads a request body of any of the doors: messages, a bare prompt, or input of embeddings and
    /// responses.
    pub fn of(body: &Value) -> Self {
        walk::prompt(body)
    }

    /// The most tokens that this can come to; images count `image` each.
    pub fn most_tokens(&self, image: u64) -> u64 {
        // Two tokens a byte: a page of dense text takes two to five kilobytes in a document, and comes to
        // some two thousand tokens as text and some more as a picture of the page.
        let documents = self.document_bytes.saturating_mul(2);
        // 32 tokens a second is the most in use; speech is not understandable below 500 bytes a second.
        let audio = self.audio_bytes.div_ceil(8);
        // 300 tokens a second is the most in use; a still picture as film takes some 300 bytes a second.
        let video = self.video_bytes;
        let media = [documents, audio, video, self.images.saturating_mul(image), self.unknown.saturating_mul(UNKNOWN)];
        media.into_iter().fold(self.marks().saturating_add(self.text_bytes), u64::saturating_add)
    }

    /// How many tokens this likely is.
    pub fn likely_tokens(&self) -> u64 {
        let text = self.text_bytes.div_ceil(BYTES_PER_LIKELY_TOKEN);
        // Assumed: a page is some 50 kilobytes and 2,000 tokens; speech 4,000 bytes and 25 tokens a second; film
        // 100 kilobytes and 250 tokens a second.
        let media = self.document_bytes / 25 + self.audio_bytes / 160 + self.video_bytes / 400;
        let rest = self.images.saturating_mul(LIKELY_IMAGE).saturating_add(self.unknown.saturating_mul(LIKELY_UNKNOWN));
        text.saturating_add(media).saturating_add(rest).saturating_add(self.parts.saturating_mul(4))
    }

    fn marks(&self) -> u64 {
        let preamble = if self.has_tools { TOOLS_PREAMBLE } else { 0 };
        self.parts.saturating_mul(PER_PART).saturating_add(PER_REQUEST + preamble)
    }
}

#[cfg(test)]
mod tests;
