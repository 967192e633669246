//! What an operator should look at in a catalog and a price book that are valid, but may not be meant.
//!
//! Mistakes stop the reading of a file, with their line. Here are doubts: each warning names what it is
//! about and what is odd, and none of them stops anything.

use std::{collections::BTreeSet, fmt};

use units::{Amount, Cents, Instant};

use crate::{
    Catalog, Model, PriceBook, PriceList,
    catalog::{PurchaseRange, SeatPrices, TopUpChoice},
    pricing::{Modality, Rates, Sheet},
};

/// Something odd.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// A model, or a key of the catalog.
    pub about: String,
    /// What is odd, and what to do.
    pub doubt: String,
}

/// A summary for people, and the doubts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Models that can be asked for now.
    pub models: usize,
    /// Of those, the ones that cost nothing.
    pub free: usize,
    /// Who serves them.
    pub providers: BTreeSet<String>,
    /// Price lists, those that are over or still to come included.
    pub price_lists: usize,
    /// What is odd, by what it is about.
    pub warnings: Vec<Warning>,
}

/// Looks through both as they stand at `now`.
pub fn report(catalog: &Catalog, book: &PriceBook, now: Instant) -> Report {
    let mut doubts = Doubts::default();
    doubts.about_catalog(catalog);
    for model in book.models() {
        doubts.about_model(model, now, catalog);
    }
    let sold: Vec<_> = book.models().filter(|model| model.prices_at(now).is_some()).collect();
    let offers = || sold.iter().flat_map(|model| &model.offers);
    doubts.0.sort();
    Report {
        models: sold.len(),
        free: sold.iter().filter(|model| model.is_free()).count(),
        providers: offers().map(|offer| offer.provider.clone()).collect(),
        price_lists: offers().map(|offer| offer.prices.len()).sum(),
        warnings: doubts.0,
    }
}

#[derive(Default)]
struct Doubts(Vec<Warning>);

impl Doubts {
    fn add(&mut self, about: &str, doubt: impl Into<String>) {
        self.0.push(Warning { about: about.to_owned(), doubt: doubt.into() });
    }

    fn about_catalog(&mut self, catalog: &Catalog) {
        let (purchase, top_up) = (&catalog.purchase, &catalog.top_up);
        self.about_top_up("top_up.personal", &top_up.personal, &purchase.personal);
        self.about_top_up("top_up.organization", &top_up.organization, &purchase.organization);
        self.about_seats("seats.teams", &catalog.seats.teams);
        self.about_seats("seats.enterprise", &catalog.seats.enterprise);
        if catalog.seats.enterprise.monthly < catalog.seats.teams.monthly {
            self.add("seats.enterprise.monthly", "the larger plan is cheaper than the smaller one");
        }
        if catalog.welcome.amount > Amount::from_dollars(100) {
            let doubt = format!("every new user is given {}", catalog.welcome.amount);
            self.add("welcome.amount", doubt);
        }
    }

    fn about_top_up(&mut self, key: &str, choice: &TopUpChoice, range: &PurchaseRange) {
        for amount in choice.amounts.iter().filter(|amount| !range.allows(**amount)) {
            self.add(
                key,
                format!("{amount} could not be bought by hand, where {} to {} are allowed", range.min, range.max),
            );
        }
    }

    fn about_seats(&mut self, key: &str, prices: &SeatPrices) {
        let of_months = prices.monthly.scaled_half_up(12, 1).unwrap_or(Cents::ZERO);
        if prices.yearly > of_months {
            self.add(key, format!("a year, {}, costs more than twelve months, {of_months}", prices.yearly));
        }
    }

    fn about_model(&mut self, model: &Model, now: Instant, catalog: &Catalog) {
        let makes_text = !model.output.contains(&Modality::Embedding);
        match model.max_output_tokens {
            None if makes_text => {
                let limit = model.output_limit(catalog.limits.default_output_tokens);
                self.add(
                    &model.id,
                    format!("no output limit is known; requests without one are limited to {limit} tokens"),
                );
            }
            Some(limit) if limit > model.context_length => {
                self.add(
                    &model.id,
                    format!("its output limit, {limit}, exceeds its context, {}", model.context_length),
                );
            }
            _ => {}
        }
        for offer in &model.offers {
            match offer.prices_at(now) {
                Some(list) => self.about_list(model, list, now, catalog.prices.stale_days),
                None => {
                    self.add(&model.id, format!("{} has no prices for it yet, so it cannot be used", offer.provider))
                }
            }
        }
    }

    fn about_list(&mut self, model: &Model, list: &PriceList, now: Instant, stale_days: u32) {
        let by = format!("of {}", list.provider());
        let age = now.day().number() - list.source().read_on.number();
        if !list.is_free() && age > i32::try_from(stale_days).unwrap_or(i32::MAX) {
            self.add(&model.id, format!("the prices {by} were read {age} days ago; read them again"));
        }
        if age < 0 {
            self.add(&model.id, format!("the prices {by} were read in the future, on {}", list.source().read_on));
        }
        let sheets = || std::iter::once(list.sheet()).chain(list.peaks().iter().map(|peak| &peak.sheet));
        let any = |odd: &dyn Fn(&Rates) -> bool| sheets().flat_map(Sheet::all).any(odd);
        let makes_text = !model.output.contains(&Modality::Embedding);
        if makes_text && any(&|rates| rates.output < rates.input) {
            self.add(&model.id, format!("output {by} is cheaper than input"));
        }
        if any(&|rates| rates.cache_read() > rates.input) {
            self.add(&model.id, format!("reading the cache {by} is dearer than not using it"));
        }
        if any(&|rates| rates.cache_write_1h() < rates.cache_write()) {
            self.add(&model.id, format!("the longer cache {by} is cheaper than the shorter"));
        }
        if sheets().any(|sheet| sheet.tiers.iter().any(|tier| tier.rates.input < sheet.base.input)) {
            self.add(&model.id, format!("long prompts {by} are cheaper for each token than short ones"));
        }
        if any(&|rates| rates.dearest_input().max(rates.dearest_output()).attos() > DEAR) {
            self.add(
                &model.id,
                format!("a million tokens {by} cost more than 1,000 dollars; are the prices for one token?"),
            );
        }
    }
}

/// $1,000 for a million tokens, in attodollars for one. The dearest model sold asks 600.
const DEAR: u64 = 1_000_000_000_000_000;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let providers: Vec<_> = self.providers.iter().map(String::as_str).collect();
        writeln!(f, "{} models, {} of them free, with {} price lists", self.models, self.free, self.price_lists)?;
        writeln!(f, "{} providers: {}", providers.len(), providers.join(", "))?;
        if self.warnings.is_empty() {
            return writeln!(f, "no warnings");
        }
        writeln!(f, "{} warnings:", self.warnings.len())?;
        self.warnings.iter().try_for_each(|Warning { about, doubt }| writeln!(f, "  {about}: {doubt}"))
    }
}

#[cfg(test)]
mod tests;
