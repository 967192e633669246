//! Prices of tokens by kind, and how they change with the length of the prompt.

use serde::{Deserialize, Serialize};
use units::UnitPrice;

/// What one token of each kind costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// A prompt token that no cache was involved in.
    pub input: UnitPrice,
    /// A completion token.
    pub output: UnitPrice,
    /// A prompt token read from a cache, where priced apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_read: Option<UnitPrice>,
    /// A prompt token written to a cache of the ordinary lifetime, where priced apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<UnitPrice>,
    /// A prompt token written to a cache of one hour, where priced apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_1h: Option<UnitPrice>,
    /// A reasoning token, where priced apart from the rest of the completion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<UnitPrice>,
}

impl Rates {
    /// Everything free.
    pub const FREE: Self = Self {
        input: UnitPrice::ZERO,
        output: UnitPrice::ZERO,
        cache_read: None,
        cache_write: None,
        cache_write_1h: None,
        reasoning: None,
    };

    /// A cache read without a price of its own costs what the prompt costs: the provider gives no discount.
    pub fn cache_read(&self) -> UnitPrice {
        self.cache_read.unwrap_or(self.input)
    }

    /// A cache write without a price of its own costs what the prompt costs: the provider takes nothing extra.
    pub fn cache_write(&self) -> UnitPrice {
        self.cache_write.unwrap_or(self.input)
    }

    /// A write for an hour without a price of its own costs what an ordinary write costs.
    pub fn cache_write_1h(&self) -> UnitPrice {
        self.cache_write_1h.unwrap_or_else(|| self.cache_write())
    }

    /// Reasoning without a price of its own is output.
    pub fn reasoning(&self) -> UnitPrice {
        self.reasoning.unwrap_or(self.output)
    }

    /// The dearest that one prompt token can come to.
    pub fn dearest_input(&self) -> UnitPrice {
        self.input.max(self.cache_read()).max(self.cache_write()).max(self.cache_write_1h())
    }

    /// The dearest that one completion token can come to.
    pub fn dearest_output(&self) -> UnitPrice {
        self.output.max(self.reasoning())
    }
}

/// Rates for prompts beyond a length. They hold for the whole request, not for the tokens beyond it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Prompt tokens, cached ones included, beyond which the tier begins.
    pub above: u64,
    /// Whether a prompt of exactly `above` tokens is in the tier already.
    pub inclusive: bool,
    /// What tokens cost then.
    pub rates: Rates,
}

impl Tier {
    /// Whether a prompt of this many tokens is in the tier.
    pub fn holds_for(&self, prompt: u64) -> bool {
        prompt > self.above || (self.inclusive && prompt == self.above)
    }
}

/// All prices that can apply at one time of day: base rates, and tiers by rising prompt length.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// What tokens cost below the first tier.
    pub base: Rates,
    /// Tiers, the lowest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<Tier>,
}

impl Sheet {
    /// The rates for a prompt of this many tokens.
    pub fn rates_for(&self, prompt: u64) -> &Rates {
        self.reachable(prompt).last().unwrap_or(&self.base)
    }

    /// The rates that some prompt of at most this many tokens can meet, by rising length.
    pub fn reachable(&self, prompt: u64) -> impl Iterator<Item = &Rates> {
        let tiers = self.tiers.iter().filter(move |tier| tier.holds_for(prompt));
        std::iter::once(&self.base).chain(tiers.map(|tier| &tier.rates))
    }

    /// All rates of the sheet.
    pub fn all(&self) -> impl Iterator<Item = &Rates> {
        std::iter::once(&self.base).chain(self.tiers.iter().map(|tier| &tier.rates))
    }
}
