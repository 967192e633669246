use std::{collections::BTreeSet, fs, path::Path};

use super::*;
use units::Instant;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

const HEAD: &str = "provider = \"test\"\nsource = \"a test\"\nread_on = 2028-02-29\n";
const MODEL: &str = "[[model]]\nid = \"test/one\"\nname = \"One\"\ncontext_length = 1000\n";
const PRICES: &str = "[[model.prices]]\ninput = 1\noutput = 2\n";

fn refusal(text: &str) -> String {
    PriceBook::parse(&[("test.toml", text)]).expect_err(text).to_string()
}

#[test]
fn the_embedded_book_is_as_broad_as_it_claims() {
    let book = PriceBook::embedded();
    let sold: Vec<_> = book.models().filter(|model| !model.id.starts_with("demo/")).collect();
    let providers: BTreeSet<_> =
        sold.iter().flat_map(|model| model.offers.iter().map(|offer| &offer.provider)).collect();
    assert!(sold.len() >= 100, "{} models", sold.len());
    assert!(providers.len() >= 15, "{providers:?}");
    let now = at("2026-11-22T00:00:00Z");
    for model in sold {
        let list = model.prices_at(now).expect(&model.id);
        assert!(list.sheet().base.input.attos() > 0, "{} is given away", model.id);
        assert_eq!(book.find_version(list.version()), Some(list));
    }
}

#[test]
fn every_price_file_is_embedded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog/prices");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let embedded = EMBEDDED.iter().map(|(name, _)| name.trim_start_matches("prices/").to_owned());
    assert_eq!(files.collect::<BTreeSet<_>>(), embedded.collect::<BTreeSet<_>>());
}

#[test]
fn a_list_holds_from_its_date_until_the_next() {
    let book = PriceBook::embedded();
    let argon = book.find("google/gemini-4-argon").unwrap();
    let input = |text: &str| argon.prices_at(at(text)).unwrap().sheet().base.input.per_million().to_string();
    assert_eq!(input("2026-11-30T23:59:59.999999Z"), "2.00");
    assert_eq!(input("2026-12-01T00:00:00Z"), "4.00");
}

#[test]
fn a_second_provider_has_prices_of_its_own() {
    let book = PriceBook::embedded();
    let now = at("2026-11-22T00:00:00Z");
    let model = book.find("z-ai/glm-5.3-flash").unwrap();
    assert_eq!(model.prices_at(now).unwrap().provider(), "z-ai");
    assert_eq!(model.prices_from("together", now).unwrap().provider(), "together");
    assert_eq!(model.offer("together").unwrap().upstream_model, "zai-org/GLM-5.3-Flash");
    assert!(model.prices_from("openai", now).is_none());
}

#[test]
fn a_version_changes_with_the_price_and_with_nothing_else() {
    let version = |text: String| {
        let book = PriceBook::parse(&[("test.toml", &text)]).unwrap();
        book.find("test/one").unwrap().offers[0].prices[0].version().clone()
    };
    let original = version(format!("{HEAD}{MODEL}{PRICES}"));
    assert!(original.as_str().starts_with("test/one@1970-01-01."), "{original}");
    assert_eq!(original.to_string(), original.as_str());
    let renamed = MODEL.replace("\"One\"", "\"The One\"");
    let moved = HEAD.replace("a test", "another page");
    assert_eq!(version(format!("{moved}{renamed}{PRICES}")), original);
    assert_ne!(version(format!("{HEAD}{MODEL}{PRICES}cache_read = 1\n")), original);
    assert_ne!(version(format!("{HEAD}{MODEL}{}", PRICES.replace("output = 2", "output = \"2.01\""))), original);
}

#[test]
fn an_operator_lays_files_over_the_embedded_ones() {
    let text = format!("{HEAD}{MODEL}{PRICES}").replace("test/one", "demo/small");
    let book = PriceBook::embedded().overlaid(PriceBook::parse(&[("mine.toml", &text)]).unwrap());
    assert_eq!(book.find("demo/small").unwrap().name, "One");
    assert!(book.find("demo/large").is_some());
}

#[test]
fn mistakes_are_refused_with_their_place() {
    let good = format!("{HEAD}{MODEL}{PRICES}");
    assert!(PriceBook::parse(&[("test.toml", &good)]).is_ok());
    let changed = |from: &str, to: &str| refusal(&good.replace(from, to));
    let free = |input: &str, output: &str| {
        refusal(&good.replace("test/one", "test/one:free").replace("input = 1", input).replace("output = 2", output))
    };
    assert_eq!(
        changed("output = 2", "output = 2.0"),
        "test.toml, line 10, column 10, `model[0].prices[0].output`: write amounts in quotes, \"2.0\", so that they stay exact"
    );
    for (error, part) in [
        (changed("output = 2", "outptu = 2"), "`output` is missing"),
        (changed("output = 2", "output = 2\ncache_wirte = 3"), "unknown key; known here are"),
        (changed("output = 2", "output = \"-2\""), "not a decimal number"),
        (changed("output = 2", "output = 2\nper_request = \"-1\""), "never negative"),
        (changed("test/one", "One"), "provider/name in lower case"),
        (changed("context_length = 1000", "context_length = 0"), "from 1 to"),
        (changed(PRICES, ""), "at least one [[model.prices]]"),
        (changed("source = \"a test\"\n", ""), "`source` and `read_on`"),
        (refusal(&format!("{good}{PRICES}")), "order of their dates"),
        (refusal(&format!("{good}effective_from = 2028-02-30\n")), "day"),
        (
            refusal(&format!("{good}[[model.prices.tier]]\nabove = 5\ninput = 1\noutput = 2\ncache_read = 1\n")),
            "`cache_read` must be priced both",
        ),
        (
            refusal(&format!(
                "{good}cache_read = 1\n[[model.prices.peak]]\nhours = [\"01:00-02:00\"]\ninput = 1\noutput = 2\n"
            )),
            "`cache_read` must be priced both",
        ),
        (
            refusal(&format!("{good}[[model.prices.peak]]\nhours = [\"1-2\"]\ninput = 1\noutput = 2\n")),
            "such as 01:00-04:00",
        ),
        (refusal(&format!("{good}[[model.prices.peak]]\nhours = []\ninput = 1\noutput = 2\n")), "at least one stretch"),
        (refusal(&format!("{good}{MODEL}{PRICES}")), "described twice"),
        (
            refusal(&format!("{good}[[offer]]\nmodel = \"test/two\"\n{}", PRICES.replace("model", "offer"))),
            "no price file describes",
        ),
        (
            refusal(&format!("{good}[[offer]]\nmodel = \"test/one\"\n{}", PRICES.replace("model", "offer"))),
            "two offers",
        ),
        (changed("test/one", "test/one:free"), "no prices above zero"),
        (free("input = 0", "output = 2"), "no prices above zero"),
        (free("input = 1", "output = 0"), "no prices above zero"),
        (free("input = 0", "output = 0\nper_request = \"0.01\""), "no prices above zero"),
    ] {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn a_public_id_names_provider_and_model() {
    let book = |id: &str| PriceBook::parse(&[("test.toml", &format!("{HEAD}{MODEL}{PRICES}").replace("test/one", id))]);
    for id in ["a/b", "test/one-2.5_x:thinking"] {
        assert!(book(id).unwrap().find(id).is_some(), "{id}");
    }
    for id in ["one", "/one", "test/", "Test/one", "test/One", "te st/one", "test/o ne", "test/one/two", "tést/one"] {
        let error = book(id).expect_err(id).to_string();
        assert!(error.contains("provider/name in lower case"), "{error}");
    }
}

#[test]
fn tiers_stand_in_order() {
    let tier = "[[model.prices.tier]]\nabove = 5\ninput = 1\noutput = 2\n";
    assert!(refusal(&format!("{HEAD}{MODEL}{PRICES}{tier}{tier}")).contains("order of their lengths"));
}
