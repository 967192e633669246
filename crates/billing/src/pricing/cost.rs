//! What a request costs: the provider's own figure where it reports one, else tokens x prices.
//!
//! Exact to the attodollar. Nothing is rounded here: a price per token has at most 18 places, and so
//! has its product with a whole number of tokens.

use thiserror::Error;
use units::{AmountOverflow, Cost, Instant, UnitPrice};

use super::PriceList;
use crate::Usage;

/// Why a usage has no cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CostError {
    /// No provider pays its customers; a negative figure is a fault of theirs.
    #[error("the provider reported a negative cost, {0}; a cost is zero or more")]
    NegativeReported(Cost),
    /// Tokens x prices left the range of a cost, about 10^20 dollars.
    #[error("the cost of these tokens is too large to count")]
    TooLarge,
}

/// A kind of token that is priced apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenKind {
    /// Prompt tokens that no cache was involved in.
    Input,
    /// Prompt tokens read from a cache.
    CacheRead,
    /// Prompt tokens written to a cache of the ordinary lifetime.
    CacheWrite,
    /// Prompt tokens written to a cache of one hour.
    CacheWrite1h,
    /// Completion tokens; without the reasoning ones where those are priced apart.
    Output,
    /// Reasoning tokens, where priced apart.
    Reasoning,
}

/// One line of a bill: so many tokens at this price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CostLine {
    /// Which tokens.
    pub kind: TokenKind,
    /// How many.
    pub tokens: u64,
    /// What one of them costs.
    pub price: UnitPrice,
}

/// What a request costs that was admitted at `at`, by the list in force then.
///
/// A cost that the provider reports decides, but a model that is free by its name stays free.
pub fn cost_of(list: &PriceList, usage: &Usage, at: Instant) -> Result<Cost, CostError> {
    match usage.reported_cost {
        Some(reported) if reported.is_negative() => Err(CostError::NegativeReported(reported)),
        _ if list.is_free() => Ok(Cost::ZERO),
        Some(reported) => Ok(reported),
        None => {
            let lines = itemize(list, usage, at);
            lines.iter().try_fold(list.per_request(), |sum, line| sum.checked_add(line.cost()?)).map_err(too_large)
        }
    }
}

/// The tokens of a request by kind, each with its price. A receipt prints these; their sum and the
/// price of the request itself is what [`cost_of`] answers when the provider reports no cost.
///
/// Each token is counted once, whatever the usage claims: the parts of the prompt are cut to the prompt,
/// and reasoning to the output. Cache reads come first, because a provider that contradicts itself has
/// usually counted the cached ones right and the prompt without them.
pub fn itemize(list: &PriceList, usage: &Usage, at: Instant) -> [CostLine; 6] {
    let rates = list.sheet_at(at).rates_for(usage.input);
    let mut prompt = Purse(usage.input);
    let cache_read = prompt.take(usage.cache_read);
    let cache_write_1h = prompt.take(usage.cache_write_1h);
    let cache_write = prompt.take(usage.cache_write);
    let mut completion = Purse(usage.output);
    let reasoning = completion.take(if rates.reasoning.is_some() { usage.reasoning } else { 0 });
    let line = |kind, tokens, price| CostLine { kind, tokens, price };
    [
        line(TokenKind::Input, prompt.0, rates.input),
        line(TokenKind::CacheRead, cache_read, rates.cache_read()),
        line(TokenKind::CacheWrite, cache_write, rates.cache_write()),
        line(TokenKind::CacheWrite1h, cache_write_1h, rates.cache_write_1h()),
        line(TokenKind::Output, completion.0, rates.output),
        line(TokenKind::Reasoning, reasoning, rates.reasoning()),
    ]
}

impl CostLine {
    /// Tokens x price.
    pub fn cost(self) -> Result<Cost, AmountOverflow> {
        self.price.times(self.tokens)
    }
}

/// Tokens that are not accounted for yet.
struct Purse(u64);

impl Purse {
    /// As many of `wanted` as there are.
    fn take(&mut self, wanted: u64) -> u64 {
        let taken = wanted.min(self.0);
        self.0 -= taken;
        taken
    }
}

fn too_large(_: AmountOverflow) -> CostError {
    CostError::TooLarge
}

#[cfg(test)]
mod tests;
