use units::{Day, Instant};

use super::*;
use crate::{PriceBook, pricing::Modality};

fn today() -> Day {
    "2028-02-29".parse().unwrap()
}

fn noon() -> Instant {
    "2028-02-29T12:00:00Z".parse().unwrap()
}

/// The imported models after a round trip through their price files.
fn round_trip(imported: &Imported) -> PriceBook {
    let files = imported.to_toml();
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let book = PriceBook::parse(&files).unwrap_or_else(|error| panic!("{error}\n{files:?}"));
    assert_eq!(book.models().collect::<Vec<_>>(), imported.models().collect::<Vec<_>>());
    book
}

/// Prices of the base in dollars for a million tokens.
fn base(book: &PriceBook, model: &str) -> Vec<String> {
    let list = book.find(model).unwrap_or_else(|| panic!("{model} is missing")).prices_at(noon()).unwrap();
    let rates = &list.sheet().base;
    let apart = [rates.cache_read, rates.cache_write, rates.cache_write_1h, rates.reasoning];
    [Some(rates.input), Some(rates.output)]
        .into_iter()
        .chain(apart)
        .map(|price| price.map_or("-".to_owned(), |price| price.per_million().to_string()))
        .collect()
}

fn reason<'i>(imported: &'i Imported, model: &str) -> &'i str {
    &imported
        .skipped()
        .iter()
        .find(|skipped| skipped.model == model)
        .unwrap_or_else(|| panic!("{model} was taken"))
        .reason
}

const LITELLM: &str = r#"{
  "sample_spec": {"litellm_provider": "one of ...", "mode": "chat", "input_cost_per_token": 0},
  "claude-x": {"litellm_provider": "anthropic", "mode": "chat", "max_input_tokens": 200000, "max_output_tokens": 64000,
    "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05, "cache_read_input_token_cost": 3e-07,
    "cache_creation_input_token_cost": 3.75e-06, "cache_creation_input_token_cost_above_1hr": 6e-06,
    "input_cost_per_token_above_150k_tokens": 6e-06, "output_cost_per_token_above_150k_tokens": 2.25e-05,
    "input_cost_per_token_batches": 1.5e-06, "supports_vision": true, "supports_pdf_input": true, "source": "the page"},
  "xai/Grok 9": {"litellm_provider": "xai", "mode": "responses", "max_tokens": 5e5, "max_output_tokens": 500000,
    "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05, "output_cost_per_reasoning_token": 1e-05},
  "dashscope/qwen-x": {"litellm_provider": "dashscope", "mode": "chat", "max_input_tokens": 258048, "tiered_pricing": [
    {"input_cost_per_token": 1.2e-06, "output_cost_per_token": 6e-06, "output_cost_per_reasoning_token": 9e-06, "range": [0, 32000.0]},
    {"input_cost_per_token": 2.4e-06, "output_cost_per_token": 1.2e-05, "output_cost_per_reasoning_token": 1.8e-05, "range": [32000.0, 128000.0]}]},
  "deepseek/v9": {"litellm_provider": "deepseek", "mode": "chat", "max_input_tokens": 1000000,
    "input_cost_per_token": 3e-07, "output_cost_per_token": 1.2e-06, "cache_read_input_token_cost": 6e-09, "cache_creation_input_token_cost": 0.0,
    "off_peak_pricing": {"input_cost_per_token": 1.5e-07, "output_cost_per_token": 6e-07, "cache_read_input_token_cost": 3e-09, "windows": [
      {"hours_utc": ["00:00-01:00", "04:00-06:00", "10:00-00:00"], "weekdays": [1, 2, 3, 4, 5]},
      {"hours_utc": "00:00-00:00", "weekdays": [6, 7]}]}},
  "voyage/v": {"litellm_provider": "voyage", "mode": "embedding", "max_input_tokens": 32000, "input_cost_per_token": 6e-08},
  "perplexity/online": {"litellm_provider": "perplexity", "mode": "chat", "max_tokens": 4096, "input_cost_per_token": 0,
    "output_cost_per_token": 2.8e-07, "input_cost_per_request": 0.005},
  "ollama/llama": {"litellm_provider": "ollama", "mode": "chat", "max_tokens": 8192, "input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
  "noise": {"litellm_provider": "openai", "mode": "chat", "max_tokens": 8192, "input_cost_per_token": 1.0000000000000001e-07, "output_cost_per_token": 0},
  "picture": {"litellm_provider": "openai", "mode": "image_generation", "output_cost_per_image": 0.04},
  "gone": {"litellm_provider": "openai", "mode": "chat", "max_tokens": 8192, "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06, "deprecation_date": "2028-02-29"},
  "endless": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06},
  "halfway": {"litellm_provider": "openai", "mode": "chat", "max_tokens": 8192, "input_cost_per_token": 1e-06},
  "negative": {"litellm_provider": "openai", "mode": "chat", "max_tokens": 8192, "input_cost_per_token": -1e-06, "output_cost_per_token": 1e-06},
  "claude X": {"litellm_provider": "anthropic", "mode": "chat", "max_tokens": 8192, "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06},
  "tencent/v9": {"litellm_provider": "tencent", "mode": "chat", "max_tokens": 8192, "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06,
    "off_peak_pricing": {"input_cost_per_token": 5e-07, "weekday_timezone": "Asia/Shanghai", "windows": []}}
}"#;

#[test]
fn litellm_prices_are_read_exactly() {
    let imported = litellm(LITELLM, today()).unwrap();
    let book = round_trip(&imported);
    assert_eq!(base(&book, "anthropic/claude-x"), ["3.00", "15.00", "0.30", "3.75", "6.00", "-"]);
    assert_eq!(base(&book, "x-ai/grok-9"), ["2.50", "10.00", "-", "-", "-", "-"]);
    assert_eq!(base(&book, "dashscope/qwen-x"), ["1.20", "6.00", "-", "-", "-", "9.00"]);
    assert_eq!(base(&book, "voyage/v"), ["0.06", "0.00", "-", "-", "-", "-"]);
    let online = book.find("perplexity/online").unwrap().prices_at(noon()).unwrap();
    assert_eq!(online.per_request().to_string(), "0.005");
    assert_eq!(imported.left_out().get("input_cost_per_token_batches"), Some(&1));
    assert_eq!(imported.left_out().len(), 1);
}

#[test]
fn litellm_tiers_take_what_they_do_not_name_from_the_base() {
    let book = round_trip(&litellm(LITELLM, today()).unwrap());
    let sheet = |model: &str| book.find(model).unwrap().prices_at(noon()).unwrap().sheet().clone();
    let claude = &sheet("anthropic/claude-x").tiers[0];
    assert_eq!((claude.above, claude.inclusive), (150_000, false));
    assert_eq!(claude.rates.output.per_million().to_string(), "22.50");
    assert_eq!(claude.rates.cache_read().per_million().to_string(), "0.30");
    let qwen = &sheet("dashscope/qwen-x").tiers[0];
    assert_eq!((qwen.above, qwen.rates.reasoning().per_million().to_string()), (32_000, "18.00".to_owned()));
}

#[test]
fn litellm_off_peak_hours_become_hours_with_their_own_prices() {
    let book = round_trip(&litellm(LITELLM, today()).unwrap());
    let list = book.find("deepseek/v9").unwrap().prices_at(noon()).unwrap();
    let input = |at: &str| list.sheet_at(at.parse().unwrap()).base.input.per_million().to_string();
    assert_eq!(input("2026-11-20T02:00:00Z"), "0.30", "Friday, peak");
    assert_eq!(input("2026-11-20T05:00:00Z"), "0.15", "Friday, between the peaks");
    assert_eq!(input("2026-11-20T23:59:59Z"), "0.15", "Friday night");
    assert_eq!(input("2026-11-21T02:00:00Z"), "0.15", "Saturday");
    assert_eq!(input("2026-11-23T00:59:59Z"), "0.15", "Monday before the peak");
    assert_eq!(input("2026-11-23T01:00:00Z"), "0.30", "Monday, peak");
}

#[test]
fn litellm_models_carry_what_the_gateway_needs() {
    let book = round_trip(&litellm(LITELLM, today()).unwrap());
    let claude = book.find("anthropic/claude-x").unwrap();
    assert_eq!((claude.context_length, claude.max_output_tokens), (200_000, Some(64_000)));
    assert_eq!(claude.input, [Modality::Text, Modality::Image, Modality::File]);
    assert_eq!(claude.prices_at(noon()).unwrap().source().document, "LiteLLM's table of model prices, after the page");
    let grok = book.find("x-ai/grok-9").unwrap();
    assert_eq!((grok.offers[0].upstream_model.as_str(), grok.max_output_tokens), ("Grok 9", None));
    assert_eq!(book.find("voyage/v").unwrap().output, [Modality::Embedding]);
}

#[test]
fn what_litellm_does_not_price_exactly_is_skipped_with_the_reason() {
    let imported = litellm(LITELLM, today()).unwrap();
    for (model, part) in [
        ("ollama/llama", "free only by its name"),
        ("noise", "more than 18 decimal places"),
        ("picture", "image_generation models"),
        ("gone", "withdrawn"),
        ("endless", "context length"),
        ("halfway", "no price for output"),
        ("negative", "is not a price"),
        ("claude X", "already called `anthropic/claude-x`"),
        ("tencent/v9", "another time zone"),
    ] {
        let reason = reason(&imported, model);
        assert!(reason.contains(part), "{model}: {reason}");
    }
    assert_eq!(imported.skipped().len(), 9);
    let summary = imported.to_string();
    assert!(summary.starts_with("6 models imported, 9 skipped\n"), "{summary}");
    assert!(summary.contains("left out `input_cost_per_token_batches` of 1 models"), "{summary}");
}

const OPENROUTER: &str = r#"{"data": [
  {"id": "anthropic/claude-x", "name": "Anthropic: Claude X", "context_length": 1000000,
   "architecture": {"input_modalities": ["text", "image", "smell"], "output_modalities": ["text"]},
   "pricing": {"prompt": "0.000003", "completion": "0.000015", "request": "0", "image": "0.0048", "web_search": "0.01",
     "internal_reasoning": "0", "input_cache_read": "0.0000003", "input_cache_write": "0.00000375",
     "overrides": [{"min_prompt_tokens": 200000, "prompt": "0.000006", "input_cache_read": "0.0000006"},
                   {"min_prompt_tokens": 500000, "completion": "0.00003"}]},
   "top_provider": {"max_completion_tokens": 64000}},
  {"id": "deepseek/night", "name": "Night", "context_length": 64000,
   "pricing": {"prompt": "0.0000003", "completion": "0.0000012", "overrides": [{"utc_start": "16:30", "utc_end": "00:30", "prompt": "0.00000015"}]}},
  {"id": "some/model:free", "name": "Free", "context_length": 32768, "pricing": {"prompt": "0", "completion": "0"}},
  {"id": "some/gift", "name": "Gift", "context_length": 32768, "pricing": {"prompt": "0", "completion": "0"}},
  {"id": "some/lie:free", "name": "Lie", "context_length": 32768, "pricing": {"prompt": "0.000001", "completion": "0"}},
  {"id": "openrouter/auto", "name": "Auto", "context_length": 2000000, "pricing": {"prompt": "-1", "completion": "-1"}},
  {"id": "some/painter", "name": "Painter", "context_length": 32768, "architecture": {"output_modalities": ["image", "text"]},
   "pricing": {"prompt": "0.000001", "completion": "0.000001"}},
  {"id": "some/both", "name": "Both", "context_length": 32768, "pricing": {"prompt": "0.000001", "completion": "0.000001",
     "overrides": [{"utc_start": "16:30", "utc_end": "00:30", "min_prompt_tokens": 5, "prompt": "0.000002"}]}}
]}"#;

#[test]
fn openrouter_prices_are_read_exactly() {
    let imported = openrouter(OPENROUTER, today()).unwrap();
    let book = round_trip(&imported);
    assert_eq!(base(&book, "anthropic/claude-x"), ["3.00", "15.00", "0.30", "3.75", "-", "-"]);
    let claude = book.find("anthropic/claude-x").unwrap();
    assert_eq!((claude.context_length, claude.max_output_tokens), (1_000_000, Some(64_000)));
    assert_eq!(
        (claude.offers[0].provider.as_str(), &claude.input[..]),
        ("openrouter", &[Modality::Text, Modality::Image][..])
    );
    let sheet = claude.prices_at(noon()).unwrap().sheet();
    let rates = |prompt| {
        let rates = sheet.rates_for(prompt);
        [rates.input, rates.output, rates.cache_read(), rates.cache_write()]
            .map(|price| price.per_million().to_string())
    };
    assert_eq!(rates(199_999), ["3.00", "15.00", "0.30", "3.75"]);
    assert_eq!(rates(200_000), ["6.00", "15.00", "0.60", "3.75"]);
    assert_eq!(rates(500_000), ["6.00", "30.00", "0.60", "3.75"]);
    assert_eq!(imported.left_out().keys().collect::<Vec<_>>(), ["image", "web_search"]);
    assert!(book.find("some/model:free").unwrap().is_free());
    let night = book.find("deepseek/night").unwrap().prices_at(noon()).unwrap();
    let input = |at: &str| night.sheet_at(at.parse().unwrap()).base.input.per_million().to_string();
    assert_eq!((input("2028-02-29T00:29:00Z"), input("2028-02-29T00:30:00Z")), ("0.15".to_owned(), "0.30".to_owned()));
}

#[test]
fn what_openrouter_does_not_price_is_skipped_with_the_reason() {
    let imported = openrouter(OPENROUTER, today()).unwrap();
    for (model, part) in [
        ("some/gift", "free only by its name"),
        ("some/lie:free", "but it has a price"),
        ("openrouter/auto", "depends on the model that answers"),
        ("some/painter", "more than text"),
        ("some/both", "not understood"),
    ] {
        let reason = reason(&imported, model);
        assert!(reason.contains(part), "{model}: {reason}");
    }
}

#[test]
fn other_files_are_refused() {
    assert_eq!(litellm("[]", today()), Err(ImportError::OtherList("LiteLLM's table of model prices")));
    assert_eq!(litellm(OPENROUTER, today()), Err(ImportError::OtherList("LiteLLM's table of model prices")));
    assert_eq!(openrouter(LITELLM, today()), Err(ImportError::OtherList("OpenRouter's list of models")));
    assert!(matches!(openrouter("{\n oops", today()), Err(ImportError::NotJson { line: 2, .. })));
}
