//! The demo's own prices, and what a call costs by them.

use units::{AmountOverflow, Cost, UnitPrice};

use super::tokens::Tokens;

/// Attodollars for a token of each kind.
pub(super) struct Prices {
    input: u64,
    output: u64,
    cache_read: u64,
    cache_write: u64,
    /// Prompts above this many tokens cost double, wholly.
    doubled_above: Option<u64>,
}

/// The models, in the order in which they are listed.
pub(super) static MODELS: [(&str, Prices); 4] = [
    ("small", Prices::flat(100_000_000_000, 400_000_000_000)),
    (
        "large",
        Prices {
            input: 3_000_000_000_000,
            output: 15_000_000_000_000,
            cache_read: 300_000_000_000,
            cache_write: 3_750_000_000_000,
            doubled_above: Some(128_000),
        },
    ),
    ("reports-cost", Prices::flat(123_456_789_012, 987_654_321_098)),
    ("free", Prices::flat(0, 0)),
];

/// The prices of a model by its bare name.
pub(super) fn find(model: &str) -> Option<&'static Prices> {
    MODELS.iter().find(|(name, _)| *name == model).map(|(_, prices)| prices)
}

impl Prices {
    const fn flat(input: u64, output: u64) -> Self {
        Self { input, output, cache_read: input, cache_write: input, doubled_above: None }
    }

    /// The exact cost. Cached tokens are part of the prompt and priced once.
    pub(super) fn cost(&self, tokens: &Tokens) -> Result<Cost, AmountOverflow> {
        let factor = if self.doubled_above.is_some_and(|above| tokens.prompt > above) { 2 } else { 1 };
        let plain = tokens.prompt.saturating_sub(tokens.cached).saturating_sub(tokens.cache_write);
        [
            (self.input, plain),
            (self.cache_read, tokens.cached),
            (self.cache_write, tokens.cache_write),
            (self.output, tokens.completion),
        ]
        .into_iter()
        .try_fold(Cost::ZERO, |sum, (price, count)| {
            sum.checked_add(UnitPrice::from_attos(price * factor).times(count)?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(model: &str, tokens: Tokens) -> String {
        find(model).unwrap().cost(&tokens).unwrap().to_string()
    }

    #[test]
    fn cached_tokens_are_priced_once() {
        let tokens = Tokens { prompt: 1000, cached: 300, cache_write: 100, completion: 20, reasoning: 5 };
        assert_eq!(cost("large", tokens), "0.002565");
        assert_eq!(cost("free", tokens), "0.00");
    }

    #[test]
    fn a_long_prompt_doubles_the_whole_call_from_the_first_token_above() {
        let at = |prompt| cost("large", Tokens { prompt, completion: 1, ..Tokens::default() });
        assert_eq!(at(128_000), "0.384015");
        assert_eq!(at(128_001), "0.768036");
    }
}
