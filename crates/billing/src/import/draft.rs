//! A model on its way from a foreign list, with the gaps that such lists have.

use serde_json::Value;
use units::{Amount, Cost, Instant, UnitPrice};

use crate::pricing::{
    FREE_SUFFIX, Modality, Model, Offer, Peak, PriceList, Rates, Sheet, Source, Terms, Tier, Weekday, Window,
};

/// A kind of token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Input,
    Output,
    CacheRead,
    CacheWrite,
    CacheWrite1h,
    Reasoning,
}

/// Prices by kind, as far as the list names them.
#[derive(Clone, Default)]
pub(super) struct Prices([Option<UnitPrice>; 6]);

/// A model before its gaps are filled.
pub(super) struct Draft {
    pub(super) provider: String,
    /// The public id.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) upstream_model: String,
    pub(super) context_length: u64,
    pub(super) max_output_tokens: Option<u64>,
    pub(super) input: Vec<Modality>,
    pub(super) output: Vec<Modality>,
    pub(super) base: Prices,
    /// Beyond this prompt length (inclusive or not) these prices replace those of the base.
    pub(super) tiers: Vec<(u64, bool, Prices)>,
    /// In these hours, on these days, these prices replace those of the base.
    pub(super) peaks: Vec<(Vec<Window>, Vec<Weekday>, Prices)>,
    pub(super) per_request: Cost,
    pub(super) source: Source,
}

impl Kind {
    pub(super) const ALL: [Self; 6] =
        [Self::Input, Self::Output, Self::CacheRead, Self::CacheWrite, Self::CacheWrite1h, Self::Reasoning];
}

impl Prices {
    pub(super) fn get(&self, kind: Kind) -> Option<UnitPrice> {
        self.0[kind as usize]
    }

    pub(super) fn set(&mut self, kind: Kind, price: Option<UnitPrice>) {
        self.0[kind as usize] = price;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    pub(super) fn is_zero(&self) -> bool {
        self.0.iter().all(|price| price.is_none_or(|price| price.attos() == 0))
    }

    /// These prices, and those of `base` where these have none.
    pub(super) fn over(&self, base: &Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at].or(base.0[at])))
    }

    /// Rates that price exactly `kinds`.
    fn rates(&self, kinds: &[Kind]) -> Result<Rates, String> {
        let input = self.get(Kind::Input).ok_or("it has no price for input")?;
        let output = self.get(Kind::Output).ok_or("it has no price for output")?;
        let all = Rates {
            input,
            output,
            cache_read: self.get(Kind::CacheRead),
            cache_write: self.get(Kind::CacheWrite),
            cache_write_1h: self.get(Kind::CacheWrite1h),
            reasoning: self.get(Kind::Reasoning),
        };
        let apart = |kind, price| kinds.contains(&kind).then_some(price);
        Ok(Rates {
            input,
            output,
            cache_read: apart(Kind::CacheRead, all.cache_read()),
            cache_write: apart(Kind::CacheWrite, all.cache_write()),
            cache_write_1h: apart(Kind::CacheWrite1h, all.cache_write_1h()),
            reasoning: apart(Kind::Reasoning, all.reasoning()),
        })
    }
}

impl Draft {
    /// The model, or why it cannot be one.
    pub(super) fn finish(mut self) -> Result<Model, String> {
        let is_free = self.id.ends_with(FREE_SUFFIX);
        let everything = || self.tiers.iter().map(|(_, _, prices)| prices).chain(self.peaks.iter().map(|peak| &peak.2));
        let is_zero = self.base.is_zero() && everything().all(Prices::is_zero) && self.per_request.is_zero();
        match (is_free, is_zero) {
            (true, false) => return Err(format!("its name ends in {FREE_SUFFIX}, but it has a price")),
            (false, true) => return Err("it has no price; a model is free only by its name".to_owned()),
            _ => {}
        }
        let named =
            |kind: &Kind| self.base.get(*kind).is_some() || everything().any(|prices| prices.get(*kind).is_some());
        let kinds: Vec<_> = Kind::ALL.into_iter().filter(named).collect();
        let sheet = self.sheet(&kinds)?;
        let peaks = std::mem::take(&mut self.peaks).into_iter().map(|(hours, days, prices)| {
            let base = prices.over(&self.base).rates(&kinds)?;
            Ok(Peak { hours, days, sheet: Sheet { base, tiers: Vec::new() } })
        });
        let peaks: Vec<_> = peaks.collect::<Result<_, String>>()?;
        if !peaks.is_empty() && !sheet.tiers.is_empty() {
            return Err("its prices change with the hour and with the length at once".to_owned());
        }
        let terms = Terms {
            model: self.id.clone(),
            provider: self.provider.clone(),
            effective_from: Instant::EPOCH,
            sheet,
            peaks,
            per_request: self.per_request,
        };
        let prices = vec![PriceList::new(terms, self.source)];
        Ok(Model {
            id: self.id,
            name: self.name,
            context_length: self.context_length,
            // A limit as large as the context is none: lists write that where nothing is published.
            max_output_tokens: self.max_output_tokens.filter(|limit| *limit < self.context_length),
            image_tokens: None,
            input: self.input,
            output: self.output,
            offers: vec![Offer { provider: self.provider, upstream_model: self.upstream_model, prices }],
        })
    }

    fn sheet(&mut self, kinds: &[Kind]) -> Result<Sheet, String> {
        self.tiers.sort_by_key(|(above, _, _)| *above);
        let tier = |(above, inclusive, prices): &(u64, bool, Prices)| {
            let rates = prices.over(&self.base).rates(kinds)?;
            Ok(Tier { above: *above, inclusive: *inclusive, rates })
        };
        let tiers: Vec<Tier> = self.tiers.iter().map(tier).collect::<Result<_, String>>()?;
        if tiers.windows(2).any(|pair| pair[0].above == pair[1].above) {
            return Err("two of its tiers begin at the same length".to_owned());
        }
        Ok(Sheet { base: self.base.rates(kinds)?, tiers })
    }
}

/// A decimal in JSON, as a number or a text, as it is written.
pub(super) fn digits(value: &Value) -> Option<&str> {
    match value {
        Value::Number(number) => Some(number.as_str()),
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// Dollars for one token.
pub(super) fn price(value: Option<&Value>) -> Result<Option<UnitPrice>, String> {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(None) };
    let text = digits(value).ok_or("one of its prices is not a number")?;
    UnitPrice::parse_per_unit(text).map(Some).map_err(|error| match error {
        // Such as 1.0000000000000001e-07: somebody computed it in floating point.
        units::ParseDecimalError::TooManyPlaces { .. } => {
            "one of its prices has more than 18 decimal places".to_owned()
        }
        _ => format!("one of its prices, `{text}`, is not a price"),
    })
}

/// A whole number, however it is written: `32000`, `32000.0`, `32e3`.
pub(super) fn whole(value: Option<&Value>) -> Option<u64> {
    const NANOS: i64 = 1_000_000_000;
    let nanos = digits(value?)?.parse::<Amount>().ok()?.nanos();
    (nanos % NANOS == 0).then(|| u64::try_from(nanos / NANOS).ok()).flatten().filter(|number| *number > 0)
}

/// A name in the form that public ids have; what they cannot hold becomes `-`.
pub(super) fn public_name(name: &str) -> String {
    let letter = |letter: char| match letter.to_ascii_lowercase() {
        kept if kept.is_ascii_alphanumeric() || "-._:".contains(kept) => kept,
        _ => '-',
    };
    name.chars().map(letter).collect()
}
