//! The price lists that a request may be charged by, fixed when it is admitted.
//!
//! Which upstream will answer is not known yet, so a hold must be enough for the dearest of them. The
//! arithmetic is `billing`'s; here is only which list belongs to whom.

use billing::{Model, PriceList, affordable_output, worst_case};
use connectors::upstream::Route;
use units::{Amount, Instant};

/// The lists of the upstreams of one route.
pub(crate) struct Tariff<'a> {
    /// The moment whose prices count.
    pub(crate) admitted_at: Instant,
    lists: Vec<(String, &'a PriceList)>,
}

impl<'a> Tariff<'a> {
    /// The lists in force at `at`: an upstream's own, or that of the model's first provider where the price
    /// book has none for it. `None` when the model has no prices yet.
    pub(crate) fn of(model: &'a Model, route: &Route, at: Instant) -> Option<Self> {
        let list = |name: &str| model.prices_from(name, at).or_else(|| model.prices_at(at));
        let lists = route.upstreams().map(|(name, _)| Some((name.to_owned(), list(name)?)));
        Some(Self { admitted_at: at, lists: lists.collect::<Option<_>>()? })
    }

    /// What surely pays for a request of so many tokens, whoever answers.
    pub(crate) fn worst_case(&self, input: u64, output: u64) -> Amount {
        let costs = self.lists.iter().map(|(_, list)| worst_case(list, input, output, self.admitted_at));
        // A cost too large to count is more than any wallet has.
        costs.max().unwrap_or_default().to_amount_ceil().unwrap_or(Amount::MAX)
    }

    /// The most output tokens that `amount` surely pays for beside the input, whoever answers.
    pub(crate) fn affordable_output(&self, input: u64, amount: Amount) -> u64 {
        let limits = self.lists.iter().map(|(_, list)| affordable_output(list, input, amount, self.admitted_at));
        limits.min().flatten().unwrap_or(0)
    }

    /// The list to charge by when that upstream has answered.
    pub(crate) fn list(&self, upstream: &str) -> &'a PriceList {
        let own = self.lists.iter().find(|(name, _)| name == upstream).or(self.lists.first());
        own.expect("a route is never empty").1
    }
}
