use proptest::{option, prelude::*};

use super::*;
use crate::{PriceBook, pricing::Modality, pricing::arbitrary};

fn read(text: &str) -> Vec<Model> {
    PriceBook::parse(&[("written.toml", text)])
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
        .models()
        .cloned()
        .collect()
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        list in arbitrary::price_list(), name in "\\PC{0,20}x", upstream in "\\PC{0,20}x",
        context in 1..1_000_000_000_u64, limit in option::of(1..1_000_000_u64), image in option::of(1..50_000_u64),
    ) {
        let offer = Offer { provider: "test".to_owned(), upstream_model: upstream, prices: vec![list] };
        let model = Model {
            id: "test/any".to_owned(),
            name,
            context_length: context,
            max_output_tokens: limit,
            image_tokens: image,
            input: vec![Modality::Text, Modality::Image],
            output: vec![Modality::Text],
            offers: vec![offer],
        };
        prop_assert_eq!(read(&price_file("test", [&model])), vec![model]);
    }
}

#[test]
fn the_embedded_book_survives_a_round_trip() {
    let book = PriceBook::embedded();
    for provider in ["demo", "anthropic", "deepseek", "google"] {
        let own = |model: &&Model| model.offers[0].provider == provider;
        let written = price_file(provider, book.models());
        let wanted: Vec<_> = book.models().filter(own).cloned().collect();
        assert!(!wanted.is_empty());
        assert_eq!(read(&written), wanted, "{provider}");
    }
}

#[test]
fn a_list_that_begins_within_a_day_keeps_its_time() {
    let prices = |from: &str| format!("[[model.prices]]\neffective_from = {from}\ninput = 1\noutput = 2\n");
    let head = "provider = \"test\"\nsource = \"a test\"\nread_on = 2028-02-29\n\
                [[model]]\nid = \"test/one\"\nname = \"One\"\ncontext_length = 1000\n";
    let models = read(&format!("{head}{}{}", prices("2028-02-29"), prices("2028-02-29T12:30:00Z")));
    let written = price_file("test", &models);
    assert!(written.contains("effective_from = 2028-02-29\n"), "{written}");
    assert_eq!(read(&written), models);
}
