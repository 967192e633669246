use proptest::prelude::*;
use serde_json::json;
use units::Remainder;

use super::*;
use crate::{
    PriceBook,
    pricing::arbitrary,
    usage::{read_anthropic, read_openai},
};

fn noon() -> Instant {
    "2028-02-29T12:00:00Z".parse().unwrap()
}

fn cost(model: &str, usage: &Usage) -> String {
    let book = PriceBook::embedded();
    let list = book.find(model).unwrap().prices_at(noon()).unwrap();
    cost_of(list, usage, noon()).unwrap().to_string()
}

fn tokens(input: u64, output: u64) -> Usage {
    Usage { input, output, ..Usage::default() }
}

#[test]
fn seven_tokens_cost_seven_tenths_of_a_micro() {
    assert_eq!(cost("demo/small", &tokens(7, 0)), "0.0000007");
    assert_eq!(cost("demo/small", &tokens(0, 3)), "0.0000012");
}

#[test]
fn cached_tokens_cost_the_same_in_both_shapes() {
    let openai = json!({"prompt_tokens": 1000, "completion_tokens": 20, "total_tokens": 1020,
        "prompt_tokens_details": {"cached_tokens": 300, "cache_write_tokens": 100}});
    let anthropic = json!({"input_tokens": 600, "cache_read_input_tokens": 300,
        "cache_creation_input_tokens": 100, "output_tokens": 20});
    let (openai, anthropic) = (read_openai(&openai).unwrap(), read_anthropic(&anthropic).unwrap());
    assert_eq!(openai, anthropic);
    assert_eq!(cost("demo/large", &openai), "0.002565");
}

#[test]
fn a_long_prompt_changes_the_price_of_everything() {
    assert_eq!(cost("demo/large", &tokens(128_000, 10)), "0.38415");
    assert_eq!(cost("demo/large", &tokens(128_001, 10)), "0.768306");
    let cached = Usage { cache_read: 128_001, ..tokens(128_001, 0) };
    assert_eq!(cost("demo/large", &cached), "0.0768006", "cached tokens count for the length too");
}

#[test]
fn a_reported_cost_decides_over_the_list() {
    let reported = |text: &str| Usage { reported_cost: Some(text.parse().unwrap()), ..tokens(1_000_000, 1_000_000) };
    assert_eq!(cost("demo/reports-cost", &reported("0.000000000000000001")), "0.000000000000000001");
    assert_eq!(cost("demo/reports-cost", &reported("0")), "0.00");
    assert_eq!(cost("demo/reports-cost", &tokens(1_000_000, 1_000_000)), "3.00");
}

#[test]
fn a_free_model_is_free_whatever_is_reported() {
    let usage = Usage { reported_cost: Some("0.50".parse().unwrap()), ..tokens(1_000_000, 1_000_000) };
    assert_eq!(cost("demo/chat:free", &usage), "0.00");
}

#[test]
fn a_negative_reported_cost_is_refused() {
    let book = PriceBook::embedded();
    let usage = Usage { reported_cost: Some(Cost::from_attos(-1)), ..Usage::default() };
    for model in ["demo/small", "demo/chat:free"] {
        let list = book.find(model).unwrap().prices_at(noon()).unwrap();
        assert_eq!(cost_of(list, &usage, noon()), Err(CostError::NegativeReported(Cost::from_attos(-1))));
    }
}

#[test]
fn more_than_can_be_counted_is_an_error() {
    let list = list("input = \"18000000\"\noutput = \"18000000\"");
    assert_eq!(cost_of(&list, &tokens(u64::MAX, u64::MAX), noon()), Err(CostError::TooLarge));
}

#[test]
fn a_million_requests_debit_exactly_seventy_cents() {
    let book = PriceBook::embedded();
    let list = book.find("demo/small").unwrap().prices_at(noon()).unwrap();
    let cost = cost_of(list, &tokens(7, 0), noon()).unwrap();
    let (mut debited, mut rest) = (0, Remainder::default());
    for _ in 0..1_000_000 {
        let (amount, carried) = rest.carry(cost).unwrap();
        debited += amount.nanos();
        rest = carried;
    }
    assert_eq!((debited, rest), (700_000_000, Remainder::default()));
}

fn list(prices: &str) -> PriceList {
    let head = "provider = \"test\"\nsource = \"a test\"\nread_on = 2028-02-29\n[[model]]\nid = \"test/one\"\n";
    let text = format!("{head}name = \"One\"\ncontext_length = 1000\n[[model.prices]]\n{prices}\n");
    let book = PriceBook::parse(&[("test.toml", &text)]).unwrap();
    book.find("test/one").unwrap().prices_at(noon()).unwrap().clone()
}

#[test]
fn every_kind_of_token_has_its_own_price() {
    let list = list(
        "input = 1\noutput = 10\ncache_read = 2\ncache_write = 3\ncache_write_1h = 4\nreasoning = 5\nper_request = \"0.25\"",
    );
    let usage = Usage {
        input: 1_000_000,
        cache_read: 100_000,
        cache_write: 200_000,
        cache_write_1h: 300_000,
        output: 1_000_000,
        reasoning: 400_000,
        ..Usage::default()
    };
    // 0.4 x 1 + 0.1 x 2 + 0.2 x 3 + 0.3 x 4 + 0.6 x 10 + 0.4 x 5 + 0.25
    assert_eq!(cost_of(&list, &usage, noon()).unwrap().to_string(), "10.65");
}

#[test]
fn reasoning_that_is_not_priced_apart_is_output() {
    let list = list("input = 1\noutput = 10");
    let lines = itemize(&list, &Usage { reasoning: 60, ..tokens(0, 100) }, noon());
    let count = |kind| lines.iter().find(|line| line.kind == kind).unwrap().tokens;
    assert_eq!((count(TokenKind::Output), count(TokenKind::Reasoning)), (100, 0));
}

#[test]
fn a_cache_without_its_own_price_costs_what_the_prompt_costs() {
    let all_cached = Usage { cache_read: 400, cache_write: 300, cache_write_1h: 300, ..tokens(1000, 0) };
    let list = list("input = 1\noutput = 0");
    assert_eq!(cost_of(&list, &all_cached, noon()), cost_of(&list, &tokens(1000, 0), noon()));
}

#[test]
fn peak_hours_are_those_of_the_admission() {
    let list = list(
        "input = 1\noutput = 1\n[[model.prices.peak]]\nhours = [\"01:00-04:00\"]\ndays = [\"mon\", \"tue\"]\ninput = 2\noutput = 2",
    );
    let at = |text: &str| cost_of(&list, &tokens(1_000_000, 0), text.parse().unwrap()).unwrap().to_string();
    assert_eq!(at("2028-02-29T00:59:59.999999Z"), "1.00");
    assert_eq!(at("2028-02-29T01:00:00Z"), "2.00");
    assert_eq!(at("2028-02-29T03:59:59.999999Z"), "2.00");
    assert_eq!(at("2028-02-29T04:00:00Z"), "1.00");
    assert_eq!(at("2028-03-01T02:00:00Z"), "1.00", "a Wednesday");
}

proptest! {
    #[test]
    fn every_token_is_on_exactly_one_line(
        list in arbitrary::price_list(), usage in arbitrary::usage(200_000, 50_000), at in arbitrary::instant(),
    ) {
        let lines = itemize(&list, &usage, at);
        let count = |kinds: &[TokenKind]| -> u64 {
            lines.iter().filter(|line| kinds.contains(&line.kind)).map(|line| line.tokens).sum()
        };
        let prompt = [TokenKind::Input, TokenKind::CacheRead, TokenKind::CacheWrite, TokenKind::CacheWrite1h];
        prop_assert_eq!(count(&prompt), usage.input);
        prop_assert_eq!(count(&[TokenKind::Output, TokenKind::Reasoning]), usage.output);
    }

    #[test]
    fn a_stored_list_rates_as_the_original_did(
        list in arbitrary::price_list(), usage in arbitrary::usage(200_000, 50_000), at in arbitrary::instant(),
    ) {
        let stored = serde_json::to_string(&list).unwrap();
        let read: PriceList = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(&read, &list);
        prop_assert_eq!(cost_of(&read, &usage, at), cost_of(&list, &usage, at));
    }
}
