//! What a request used, by the upstream's word or by the gateway's own count.

use billing::{
    Model, Usage,
    estimate::{self, Prompt},
};
use connectors::watch::Seen;

use crate::{error::Error, json};

/// What the gateway counts in a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    /// The most input tokens that it can come to.
    pub(crate) most_input: u64,
    /// The input tokens that it likely comes to.
    pub(crate) likely_input: u64,
}

impl Counted {
    /// Counts a request's body. The most is cut to the model's context, beyond which it is refused anyway.
    ///
    /// # Errors
    /// When it nests too deep, or has more parts than any honest request.
    pub(crate) fn of_request(text: &str, model: &Model) -> Result<Self, Error> {
        json::check_size(text)?;
        let body = serde_json::from_str(text).map_err(|error| Error::malformed(&error))?;
        let prompt = Prompt::of(&body);
        Ok(Self { most_input: model.most_input(&prompt), likely_input: prompt.likely_tokens() })
    }
}

/// What to charge for; nothing when the upstream failed before it said anything.
///
/// A usage that was told decides, zeros too. Without one the gateway counts the input and what it saw of
/// the reply, and the record says that this is an estimate.
pub(crate) fn usage(seen: &Seen, counted: Counted, has_failed: bool) -> Option<Usage> {
    if let Some(usage) = seen.openai_usage() {
        return Some(usage);
    }
    if has_failed && seen.text_bytes == 0 {
        return None;
    }
    Some(Usage {
        input: counted.likely_input,
        output: estimate::output_tokens(seen.text_bytes),
        estimated: true,
        ..Usage::default()
    })
}
