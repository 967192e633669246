use super::*;

fn now() -> Instant {
    "2028-02-29T12:00:00Z".parse().unwrap()
}

fn doubts(catalog: &str, prices: &str) -> Vec<String> {
    let head = "provider = \"test\"\nsource = \"a test\"\nread_on = 2028-02-28\n";
    let text = format!("{head}{prices}");
    let book = PriceBook::parse(&[("test.toml", &text)]).unwrap();
    let report = report(&Catalog::over_defaults(catalog).unwrap(), &book, now());
    report.warnings.into_iter().map(|Warning { about, doubt }| format!("{about}: {doubt}")).collect()
}

fn model(prices: &str) -> String {
    format!(
        "[[model]]\nid = \"test/one\"\nname = \"One\"\ncontext_length = 1000\nmax_output_tokens = 500\n[[model.prices]]\n{prices}\n"
    )
}

#[test]
fn a_sound_catalog_has_no_warnings() {
    assert_eq!(
        doubts("", &model("input = 1\noutput = 2\ncache_read = \"0.1\"\ncache_write = 2")),
        Vec::<String>::new()
    );
}

#[test]
fn the_embedded_catalog_says_what_is_odd_about_it() {
    let report = report(&Catalog::embedded(), &PriceBook::embedded(), "2026-11-22T00:00:00Z".parse().unwrap());
    let odd = |warning: &&Warning| !warning.doubt.starts_with("no output limit is known");
    assert_eq!(report.warnings.iter().filter(odd).collect::<Vec<_>>(), Vec::<&Warning>::new());
    assert_eq!((report.free, report.providers.len()), (1, 17));
    let text = report.to_string();
    assert!(text.starts_with(&format!("{} models, 1 of them free, with ", report.models)), "{text}");
}

#[test]
fn old_prices_are_called_stale_from_the_day_after() {
    let text = |day| model(&format!("read_on = {day}\ninput = 1\noutput = 2"));
    assert!(doubts("prices.stale_days = 60", &text("2027-12-31")).is_empty());
    let stale = doubts("prices.stale_days = 60", &text("2027-12-30"));
    assert_eq!(stale, ["test/one: the prices of test were read 61 days ago; read them again"]);
    assert!(doubts("", &text("2028-03-01"))[0].contains("in the future"));
    let old_but_free = model("read_on = 2020-01-01\ninput = 0\noutput = 0").replace("test/one", "test/one:free");
    assert!(doubts("", &old_but_free).is_empty());
}

#[test]
fn odd_prices_are_named() {
    for (prices, part) in [
        ("input = 2\noutput = 1", "output of test is cheaper than input"),
        ("input = 1\noutput = 2\ncache_read = 2", "reading the cache of test is dearer"),
        ("input = 1\noutput = 2\ncache_write = 2\ncache_write_1h = 1", "the longer cache of test is cheaper"),
        (
            "input = 1\noutput = 2\n[[model.prices.tier]]\nabove = 5\ninput = \"0.5\"\noutput = 2",
            "long prompts of test are cheaper",
        ),
        ("input = 1\noutput = 1001", "more than 1,000 dollars"),
        ("effective_from = 2028-03-01\ninput = 1\noutput = 2", "test has no prices for it yet"),
    ] {
        let doubts = doubts("", &model(prices));
        assert!(doubts.len() == 1 && doubts[0].contains(part), "{prices}: {doubts:?}");
    }
}

#[test]
fn odd_limits_of_models_are_named() {
    let prices = "input = 1\noutput = 2";
    let without = doubts("limits.default_output_tokens = 800", &model(prices).replace("max_output_tokens = 500\n", ""));
    assert_eq!(without, ["test/one: no output limit is known; requests without one are limited to 800 tokens"]);
    let beyond = doubts("", &model(prices).replace("max_output_tokens = 500", "max_output_tokens = 5000"));
    assert_eq!(beyond, ["test/one: its output limit, 5000, exceeds its context, 1000"]);
    let embedding =
        model("input = 1\noutput = 0").replace("max_output_tokens = 500", "output_modalities = [\"embedding\"]");
    assert!(doubts("", &embedding).is_empty());
}

#[test]
fn odd_plans_are_named() {
    for (catalog, part) in [
        ("seats.teams.yearly = 217", "seats.teams: a year, 217.00, costs more than twelve months, 216.00"),
        ("seats.enterprise.monthly = 17\nseats.enterprise.yearly = 170", "the larger plan is cheaper"),
        ("welcome.amount = 101", "every new user is given 101.00"),
        (
            "purchase.personal.presets = [50]\npurchase.personal.min = 30",
            "top_up.personal: 20.00 could not be bought by hand",
        ),
    ] {
        let doubts = doubts(catalog, &model("input = 1\noutput = 2"));
        assert!(doubts.len() == 1 && doubts[0].contains(part), "{catalog}: {doubts:?}");
    }
}
