//! The most that a request can cost before it ran: what a hold reserves.
//!
//! A cost that the provider reports itself is not bounded by a price list; the ledger has an answer for
//! costs above a hold.

use units::{Amount, Cost, Instant};

use super::{PriceList, Rates};

/// An upper bound of [`super::cost_of`] over every usage of at most these tokens, however the prompt
/// splits into cached and uncached and the completion into answer and reasoning, and whichever tier a
/// shorter prompt would meet. The hour is known, so its prices are exact.
///
/// A bound too large to count is answered as the largest cost there is, which no wallet can pay.
pub fn worst_case(list: &PriceList, input_tokens: u64, max_output: u64, at: Instant) -> Cost {
    if list.is_free() {
        return Cost::ZERO;
    }
    let bound = |rates: &Rates| {
        let before_output = before_output(list, rates, input_tokens)?;
        before_output.checked_add(rates.dearest_output().times(max_output).ok()?).ok()
    };
    let bounds = list.sheet_at(at).reachable(input_tokens).map(|rates| bound(rates).unwrap_or(TOO_LARGE));
    bounds.max().unwrap_or(TOO_LARGE)
}

/// The largest output limit whose worst case is at most `available`; `None` when not even the prompt
/// is affordable. `u64::MAX` where output costs nothing.
pub fn affordable_output(list: &PriceList, input_tokens: u64, available: Amount, at: Instant) -> Option<u64> {
    if list.is_free() {
        return Some(u64::MAX);
    }
    let available = Cost::from(available).attos();
    let affordable = |rates: &Rates| {
        let left = available.checked_sub(before_output(list, rates, input_tokens)?.attos())?;
        let left = u128::try_from(left).ok()?;
        let price = u128::from(rates.dearest_output().attos());
        Some(left.checked_div(price).map_or(u64::MAX, |tokens| u64::try_from(tokens).unwrap_or(u64::MAX)))
    };
    // The bound is the largest over all reachable rates, so the limit must be affordable under each.
    list.sheet_at(at).reachable(input_tokens).map(affordable).min()?
}

const TOO_LARGE: Cost = Cost::from_attos(i128::MAX);

/// The request itself and its prompt at their dearest. `None` when it cannot be counted.
fn before_output(list: &PriceList, rates: &Rates, input_tokens: u64) -> Option<Cost> {
    list.per_request().checked_add(rates.dearest_input().times(input_tokens).ok()?).ok()
}

#[cfg(test)]
mod tests;
