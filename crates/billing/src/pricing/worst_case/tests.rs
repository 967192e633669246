use proptest::prelude::*;

use super::*;
use crate::{
    PriceBook,
    pricing::{arbitrary, cost_of},
};

fn noon() -> Instant {
    "2026-12-31T12:00:00Z".parse().unwrap()
}

fn with_list<T>(model: &str, ask: impl FnOnce(&PriceList) -> T) -> T {
    let book = PriceBook::embedded();
    ask(book.find(model).unwrap().prices_at(noon()).unwrap())
}

#[test]
fn the_bound_takes_the_dearest_kind_and_tier() {
    with_list("demo/large", |list| {
        // All of the prompt written to the cache, below the tier and beyond it.
        assert_eq!(worst_case(list, 1000, 100, noon()).to_string(), "0.00525");
        assert_eq!(worst_case(list, 128_001, 100, noon()).to_string(), "0.9630075");
    });
}

#[test]
fn the_affordable_limit_is_named_to_the_token() {
    with_list("demo/small", |list| {
        let affordable = |amount: &str| affordable_output(list, 1000, amount.parse().unwrap(), noon());
        assert_eq!(affordable("0.0001"), Some(0));
        assert_eq!(affordable("0.000099999"), None);
        assert_eq!(affordable("0.0001004"), Some(1));
        assert_eq!(affordable("0.000100799"), Some(1));
        assert_eq!(affordable("1.00"), Some(2_499_750));
        assert_eq!(affordable("-5"), None);
    });
}

#[test]
fn a_free_model_is_affordable_at_zero() {
    with_list("demo/chat:free", |list| {
        assert_eq!(worst_case(list, u64::MAX, u64::MAX, noon()), Cost::ZERO);
        assert_eq!(affordable_output(list, u64::MAX, Amount::ZERO, noon()), Some(u64::MAX));
    });
}

#[test]
fn what_cannot_be_counted_cannot_be_paid() {
    with_list("demo/large", |list| {
        assert!(worst_case(list, u64::MAX, u64::MAX, noon()).to_amount_ceil().is_err());
        assert_eq!(affordable_output(list, u64::MAX, Amount::MAX, noon()), None);
    });
    // Eighteen dollars a token: beyond 128 bits of attodollars.
    let text = "provider = \"test\"\nsource = \"a test\"\nread_on = 2026-12-31\n[[model]]\nid = \"test/dear\"\nname = \"Dear\"\n\
        context_length = 1000\n[[model.prices]]\ninput = 18000000\noutput = 18000000\n";
    let book = PriceBook::parse(&[("test.toml", text)]).unwrap();
    let list = book.find("test/dear").unwrap().prices_at(noon()).unwrap();
    assert_eq!(worst_case(list, u64::MAX, 0, noon()).attos(), i128::MAX);
    assert_eq!(worst_case(list, 0, u64::MAX, noon()).attos(), i128::MAX);
    assert_eq!(affordable_output(list, u64::MAX, Amount::MAX, noon()), None);
}

proptest! {
    #[test]
    fn nothing_costs_more_than_the_worst_case(
        list in arbitrary::price_list(),
        (input, output, usage) in (arbitrary::tokens(), arbitrary::tokens())
            .prop_flat_map(|(input, output)| (Just(input), Just(output), arbitrary::usage(input, output))),
        at in arbitrary::instant(),
    ) {
        let cost = cost_of(&list, &usage, at).unwrap();
        prop_assert!(cost <= worst_case(&list, input, output, at));
    }

    #[test]
    fn the_affordable_limit_is_the_largest(
        list in arbitrary::price_list(), input in arbitrary::tokens(),
        nanos in prop_oneof![0..100_000_000_000_i64, any::<i64>()], at in arbitrary::instant(),
    ) {
        let available = Amount::from_nanos(nanos);
        let fits = |output| worst_case(&list, input, output, at) <= Cost::from(available);
        match affordable_output(&list, input, available, at) {
            Some(u64::MAX) => prop_assert!(fits(u64::MAX)),
            Some(limit) => prop_assert!(fits(limit) && !fits(limit + 1)),
            None => prop_assert!(!fits(0)),
        }
    }
}
