//! A model that the gateway can offer, and what each of its providers asks for it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use units::Instant;

use super::{PriceList, price_list::FREE_SUFFIX};
use crate::estimate::{self, Prompt};

/// What goes into a model, or comes out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Modality {
    /// Text.
    Text,
    /// Pictures, counted as tokens of the prompt or completion.
    Image,
    /// Documents such as PDF, counted as tokens of the prompt.
    File,
    /// Sound.
    Audio,
    /// Moving pictures.
    Video,
    /// Vectors: an embedding model, which has no completion tokens.
    Embedding,
}

/// A model by its public id, such as `anthropic/claude-sonnet-4.5`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// `provider/name`, in lower case.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// The most tokens that prompt and completion may have together.
    pub context_length: u64,
    /// The most completion tokens, where the provider publishes a limit.
    pub max_output_tokens: Option<u64>,
    /// The most prompt tokens that one image can come to, where it differs from the general bound.
    pub image_tokens: Option<u64>,
    /// What it accepts.
    pub input: Vec<Modality>,
    /// What it makes.
    pub output: Vec<Modality>,
    /// Who serves it; the provider that the id names comes first. Never empty.
    pub offers: Vec<Offer>,
}

/// What one provider calls a model and asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Such as `anthropic`; the name that upstreams are configured with.
    pub provider: String,
    /// The model's name in requests to that provider.
    pub upstream_model: String,
    /// Price lists by rising `effective_from`. Never empty.
    pub prices: Vec<PriceList>,
}

impl Model {
    /// The list in force at `at` of the provider that the model's id names.
    pub fn prices_at(&self, at: Instant) -> Option<&PriceList> {
        self.offers.first()?.prices_at(at)
    }

    /// The list of a named provider in force at `at`.
    pub fn prices_from(&self, provider: &str, at: Instant) -> Option<&PriceList> {
        self.offer(provider)?.prices_at(at)
    }

    /// What a named provider offers.
    pub fn offer(&self, provider: &str) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.provider == provider)
    }

    /// Whether the model costs nothing and works at a balance of zero.
    pub fn is_free(&self) -> bool {
        self.id.ends_with(FREE_SUFFIX)
    }

    /// The most completion tokens of a request that names no limit: the model's limit, or `default` where
    /// none is published; never beyond the context.
    pub fn output_limit(&self, default: u64) -> u64 {
        self.max_output_tokens.unwrap_or(default).min(self.context_length)
    }

    /// The most prompt tokens that the provider can charge: what the prompt can come to, cut to the
    /// context, because a longer prompt is refused.
    pub fn most_input(&self, prompt: &Prompt) -> u64 {
        prompt.most_tokens(self.image_tokens.unwrap_or(estimate::IMAGE)).min(self.context_length)
    }
}

impl Offer {
    /// The list in force at `at`.
    pub fn prices_at(&self, at: Instant) -> Option<&PriceList> {
        self.prices.iter().rfind(|list| list.effective_from() <= at)
    }
}

impl Modality {
    const ALL: [(Self, &str); 6] = [
        (Self::Text, "text"),
        (Self::Image, "image"),
        (Self::File, "file"),
        (Self::Audio, "audio"),
        (Self::Video, "video"),
        (Self::Embedding, "embedding"),
    ];

    /// As files and lists name it.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(modality, _)| *modality == self).map_or("", |(_, name)| name)
    }
}

impl fmt::Display for Modality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Modality {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(_, name)| *name == text).map(|(modality, _)| *modality);
        found.ok_or_else(|| format!("`{text}` is not one of text, image, file, audio, video, embedding"))
    }
}

#[cfg(test)]
mod tests {
    use crate::{PriceBook, estimate::Prompt};

    #[test]
    fn limits_end_at_the_context() {
        let book = PriceBook::embedded();
        let small = book.find("demo/small").unwrap();
        assert_eq!(small.output_limit(32_000), 4_096);
        let grok = book.find("x-ai/grok-4.7").unwrap();
        assert_eq!((grok.output_limit(32_000), grok.output_limit(u64::MAX)), (32_000, 500_000));
    }

    #[test]
    fn a_prompt_is_bounded_by_the_context_and_the_images_of_the_model() {
        let book = PriceBook::embedded();
        let most = |model: &str, prompt: &Prompt| book.find(model).unwrap().most_input(prompt);
        let pictures = Prompt { images: 2, ..Prompt::default() };
        assert_eq!(most("openai/gpt-4o", &pictures), 2 * 10_000 + 64);
        assert_eq!(most("openai/gpt-4o-mini", &pictures), 2 * 48_169 + 64);
        assert_eq!(most("openai/gpt-4o", &Prompt { unknown: 1, ..Prompt::default() }), 128_000);
    }
}
