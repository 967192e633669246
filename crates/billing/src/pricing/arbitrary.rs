//! Random price lists and usages for the tests of this folder.

use proptest::{collection::vec, option, prelude::*};
use units::{Cost, Instant, UnitPrice};

use super::{Peak, PriceList, Rates, Sheet, Source, Tier, Weekday, Window, price_list::Terms};
use crate::Usage;

/// Any list, with small and large prices, tiers and peak hours.
pub(super) fn price_list() -> impl Strategy<Value = PriceList> {
    let peaks = vec((vec(window(), 1..3), vec(0..7_usize, 0..3), sheet()), 0..3);
    (sheet(), peaks, 0..2_000_000_000_000_000_000_i128, day()).prop_map(|(sheet, peaks, per_request, from)| {
        let peak = |(hours, days, other): (_, Vec<usize>, _)| {
            let days = days.into_iter().map(|day| Weekday::ALL[day]).collect();
            Peak { hours, days, sheet: alike(&sheet.base, other) }
        };
        let peaks = peaks.into_iter().map(peak).collect();
        let terms = Terms {
            model: "test/any".to_owned(),
            provider: "test".to_owned(),
            effective_from: from,
            peaks,
            sheet,
            per_request: Cost::from_attos(per_request),
        };
        PriceList::new(terms, Source { document: "a test".to_owned(), read_on: from.day() })
    })
}

/// Usages that contradict themselves as often as not.
pub(super) fn usage(input: u64, output: u64) -> impl Strategy<Value = Usage> {
    let counts = (0..=input, 0..=input * 2, 0..=input, 0..=input, 0..=output, 0..=output * 2);
    counts.prop_map(|(input, cache_read, cache_write, cache_write_1h, output, reasoning)| Usage {
        input,
        cache_read,
        cache_write,
        cache_write_1h,
        output,
        reasoning,
        ..Usage::default()
    })
}

/// Any moment of 1970 to 2100.
pub(super) fn instant() -> impl Strategy<Value = Instant> {
    (0..4_102_444_800_000_000_i64).prop_map(Instant::from_micros)
}

fn day() -> impl Strategy<Value = Instant> {
    instant().prop_map(|at| at.day().start())
}

fn window() -> impl Strategy<Value = Window> {
    let different = |(start, end): &(u16, u16)| start != end;
    (0..1440_u16, 1..=1440_u16).prop_filter("empty", different).prop_map(|(start, end)| Window { start, end })
}

fn sheet() -> impl Strategy<Value = Sheet> {
    (rates(), vec((1..100_000_u64, any::<bool>()), 0..3)).prop_flat_map(|(base, mut steps)| {
        steps.sort_unstable();
        steps.dedup_by_key(|(above, _)| *above);
        let of_tiers = vec(prices(), steps.len());
        of_tiers.prop_map(move |prices| {
            let tiers = steps.iter().zip(prices);
            let tiers =
                tiers.map(|(&(above, inclusive), prices)| Tier { above, inclusive, rates: like(&base, prices) });
            Sheet { base: base.clone(), tiers: tiers.collect() }
        })
    })
}

fn rates() -> impl Strategy<Value = Rates> {
    let which = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (prices(), which).prop_map(|(prices, (read, write, hour, reasoning))| Rates {
        input: prices[0],
        output: prices[1],
        cache_read: read.then_some(prices[2]),
        cache_write: write.then_some(prices[3]),
        cache_write_1h: hour.then_some(prices[4]),
        reasoning: reasoning.then_some(prices[5]),
    })
}

/// A tier prices the same kinds as the rates that it belongs to.
fn like(base: &Rates, prices: [UnitPrice; 6]) -> Rates {
    Rates {
        input: prices[0],
        output: prices[1],
        cache_read: base.cache_read.map(|_| prices[2]),
        cache_write: base.cache_write.map(|_| prices[3]),
        cache_write_1h: base.cache_write_1h.map(|_| prices[4]),
        reasoning: base.reasoning.map(|_| prices[5]),
    }
}

/// A sheet of peak hours prices the same kinds as the ordinary one.
fn alike(base: &Rates, sheet: Sheet) -> Sheet {
    let prices = |rates: &Rates| {
        let apart = [rates.cache_read(), rates.cache_write(), rates.cache_write_1h(), rates.reasoning()];
        [rates.input, rates.output, apart[0], apart[1], apart[2], apart[3]]
    };
    let tiers = sheet.tiers.into_iter().map(|tier| Tier { rates: like(base, prices(&tier.rates)), ..tier });
    Sheet { base: like(base, prices(&sheet.base)), tiers: tiers.collect() }
}

/// From free over the usual dollars a million to absurd.
fn price() -> impl Strategy<Value = UnitPrice> {
    prop_oneof![Just(0_u64), 1..10_u64, 10_000_000_000..100_000_000_000_000_u64, any::<u64>()]
        .prop_map(UnitPrice::from_attos)
}

fn prices() -> impl Strategy<Value = [UnitPrice; 6]> {
    [price(), price(), price(), price(), price(), price()]
}

/// A number of tokens, often none.
pub(super) fn tokens() -> impl Strategy<Value = u64> {
    option::of(0..200_000_u64).prop_map(Option::unwrap_or_default)
}
