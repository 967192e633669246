use units::{Amount, Cents};

use super::*;

fn cents(text: &str) -> Cents {
    text.parse().unwrap()
}

fn over(text: &str) -> Result<Catalog, CatalogError> {
    Catalog::over_defaults(text)
}

/// Line, column, key and reason of the refusal.
fn refusal(text: &str) -> (usize, usize, String, String) {
    let error = over(text).expect_err(text);
    assert_eq!(error.file, None);
    (error.line, error.column, error.key, error.reason)
}

#[test]
fn the_defaults_are_those_of_the_specification() {
    let catalog = Catalog::embedded();
    let all = |texts: &[&str]| texts.iter().map(|text| cents(text)).collect::<Vec<_>>();
    assert_eq!(catalog.brand.credits(), "Kilo credits");
    assert_eq!(catalog.brand.pass(), "Kilo Pass");
    assert_eq!((catalog.welcome.amount, catalog.welcome.days), (Amount::from_dollars(5), 30));
    let personal = &catalog.purchase.personal;
    assert_eq!(personal.presets, all(&["10", "20", "50", "100"]));
    assert_eq!((personal.min, personal.max), (cents("5"), cents("10000")));
    let organization = &catalog.purchase.organization;
    assert_eq!(organization.presets, all(&["50", "100", "250", "500", "1000"]));
    assert_eq!((organization.min, organization.max), (cents("50"), cents("50000")));
    assert_eq!(catalog.purchase.fee_percent, Percent::default());
    let top_up = &catalog.top_up;
    assert_eq!((top_up.per_day, top_up.monthly_cap_factor), (5, 20));
    assert_eq!(top_up.personal.threshold, Amount::from_dollars(5));
    assert_eq!((&top_up.personal.amounts, top_up.personal.default), (&all(&["20", "50", "100"]), cents("50")));
    assert_eq!(top_up.organization.threshold, Amount::from_dollars(50));
    assert_eq!(
        (&top_up.organization.amounts, top_up.organization.default),
        (&all(&["100", "500", "1000"]), cents("500"))
    );
    assert_eq!((&catalog.pass.tiers, catalog.pass.yearly_factor), (&all(&["19", "49", "199"]), 12));
    let bonus = &catalog.pass.bonus;
    let percents = [bonus.first_month, bonus.start, bonus.step, bonus.cap, bonus.yearly];
    assert_eq!(percents, [50, 5, 5, 40, 50].map(Percent::whole));
    assert_eq!(bonus.months, 1);
    assert_eq!((catalog.seats.teams.monthly, catalog.seats.teams.yearly), (cents("18"), cents("180")));
    assert_eq!((catalog.seats.enterprise.monthly, catalog.seats.enterprise.yearly), (cents("72"), cents("720")));
    assert_eq!(catalog.trial.days, 14);
    let dunning = &catalog.dunning;
    assert_eq!((dunning.retry_days.as_slice(), dunning.grace_days, dunning.retention_days), (&[1, 2, 3][..], 3, 30));
    assert_eq!(catalog.tax.rate("DE"), Percent::default());
    assert_eq!(catalog.selling_party(), crate::invoice::Party { name: "Kilo".to_owned(), ..Default::default() });
    assert_eq!((catalog.limits.free_per_hour, catalog.limits.hold_lease_seconds), (200, 300));
    assert_eq!(catalog.limits.least_output_tokens, 16);
    assert_eq!(catalog.limits.adjustment, Amount::from_dollars(100_000));
}

#[test]
fn a_partial_catalog_changes_only_what_it_names() {
    let catalog = over("seats.teams.monthly = \"15.00\"\npurchase.personal.presets = [25, 75]\n").unwrap();
    let mut wanted = Catalog::embedded();
    wanted.seats.teams.monthly = cents("15.00");
    wanted.purchase.personal.presets = vec![cents("25"), cents("75")];
    assert_eq!(catalog, wanted);
    assert_eq!(over("").unwrap(), Catalog::embedded());
    assert_eq!(over("welcome.amount = 0").unwrap().welcome.amount, Amount::ZERO);
    assert_eq!(over("tax.rates.DE = 19\ntax.rates.CH = \"8.1\"").unwrap().tax.rate("CH").to_string(), "8.1");
}

#[test]
fn a_scenario_carries_its_catalog_in_a_table() {
    let story = "name = \"A seat in February\"\nstart = 2026-01-31T00:00:00Z\n\n[catalog]\nseats.teams.monthly = \"15.00\"\n\n[[step]]\ndo = \"sign_up\"\n";
    let catalog = Catalog::over_defaults_within(story).unwrap();
    assert_eq!(catalog.seats.teams.monthly, cents("15.00"));
    assert_eq!(Catalog::over_defaults_within("name = \"x\"").unwrap(), Catalog::embedded());
    let wrong = Catalog::over_defaults_within("name = \"x\"\n[catalog]\nseats.team.monthly = 1\n").unwrap_err();
    assert_eq!((wrong.line, wrong.column, wrong.key.as_str()), (3, 7, "catalog.seats.team"));
}

#[test]
fn a_complete_catalog_has_every_key() {
    let text = DEFAULTS.replace("days = 14\n", "");
    let error = Catalog::parse(&text).unwrap_err();
    assert_eq!((error.key.as_str(), error.reason.as_str()), ("trial", "`days` is missing here"));
}

#[test]
fn errors_name_line_column_key_and_what_would_be_right() {
    let (line, column, key, reason) = refusal("[seats.teams]\nmonthly = 15.00\n");
    assert_eq!((line, column, key.as_str()), (2, 11, "seats.teams.monthly"));
    assert_eq!(reason, "write amounts in quotes, \"15.00\", so that they stay exact");
    let text = over("[seats.teams]\nmonthly = 15.00\n").unwrap_err().to_string();
    assert!(text.starts_with("line 2, column 11, `seats.teams.monthly`: write amounts"), "{text}");

    let (line, column, key, reason) = refusal("# Grüße\nbrand.nmae = \"x\"");
    assert_eq!((line, column, key.as_str()), (2, 7, "brand.nmae"));
    assert_eq!(reason, "unknown key; known here are `name`, `support`, `community`");

    let (line, _, key, _) = refusal("brand.name = \"x\"\nbrand.name = \"y\"\n");
    assert_eq!((line, key.as_str()), (2, ""), "not TOML: a key twice");
}

#[test]
fn values_without_sense_are_refused() {
    for (text, key, part) in [
        ("welcome.amount = \"-1\"", "welcome.amount", "zero or more"),
        ("welcome.amount = \"0.0000000001\"", "welcome.amount", "9 decimal places"),
        ("welcome.amount = true", "welcome.amount", "an amount such as"),
        ("welcome.days = 0", "welcome.days", "from 1 to 3653"),
        ("welcome.days = \"30\"", "welcome.days", "a whole number"),
        ("welcome = 5", "welcome", "a table is wanted"),
        ("purchase.personal.min = 0", "purchase.personal.min", "more than zero"),
        ("purchase.personal.min = \"5.001\"", "purchase.personal.min", "2 decimal places"),
        ("purchase.personal.min = 20000", "purchase.personal.min", "must not be larger"),
        ("purchase.personal.max = 50", "purchase.personal.max", "the preset 100.00"),
        ("purchase.personal.presets = []", "purchase.personal.presets", "at least one"),
        ("purchase.personal.presets = [20, 10]", "purchase.personal.presets", "rising order"),
        ("purchase.personal.presets = [20, 20]", "purchase.personal.presets", "rising order"),
        ("purchase.personal.presets = [1, 20]", "purchase.personal.presets", "from `min`, 5.00"),
        ("purchase.personal.presets = [20, 30.5]", "purchase.personal.presets[1]", "in quotes"),
        ("purchase.personal.presets = 20", "purchase.personal.presets", "a list"),
        ("purchase.fee_percent = 101", "purchase.fee_percent", "from 0 to 100"),
        ("top_up.personal.default = 30", "top_up.personal.default", "one of `amounts`"),
        ("top_up.personal.threshold = 21", "top_up.personal.threshold", "at least the threshold"),
        ("top_up.per_day = 0", "top_up.per_day", "from 1 to"),
        ("pass.tiers = [49, 19]", "pass.tiers", "rising order"),
        ("pass.bonus.start = 41", "pass.bonus.start", "must not exceed `cap`"),
        ("pass.yearly_factor = 13", "pass.yearly_factor", "from 1 to 12"),
        ("seats.teams.yearly = 0", "seats.teams.yearly", "more than zero"),
        ("seats.enterprise.yearly = 1000001", "seats.enterprise.yearly", "must not exceed 1000000.00"),
        ("pass.tiers = [19, 1000001]", "pass.tiers[1]", "must not exceed 1000000.00"),
        ("trial.seats = 0", "trial.seats", "from 1 to 1000000"),
        ("trial.days = 0", "trial.days", "from 1 to 3653"),
        ("dunning.retry_days = [2, 1]", "dunning.retry_days", "rising order"),
        ("dunning.retention_days = 0", "dunning.retention_days", "from 1 to 3653"),
        ("pass.bonus.months = 0", "pass.bonus.months", "from 1 to 120"),
        ("seats.teams.weekly = 5", "seats.teams.weekly", "unknown key"),
        ("dunning.retry_days = [1, 2, 4]", "dunning.retry_days", "must not be after"),
        ("dunning.grace_days = 2", "dunning.grace_days", "must not be after"),
        ("seller.country = \"Germany\"", "seller.country", "two letters"),
        ("seller.tax_id = \"DE123456788\"", "seller.tax_id", "say the country too"),
        ("seller = { country = \"DE\", tax_id = \"12\" }", "seller.tax_id", "looks like DE"),
        ("seller.city = \"Ber\\nlin\"", "seller.city", "one line"),
        ("tax.rates.Germany = 19", "tax.rates.Germany", "two capital letters"),
        ("tax.rates.DE = \"200\"", "tax.rates.DE", "from 0 to 100"),
        ("limits.max_body_bytes = 10", "limits.max_body_bytes", "from 1024"),
        ("limits.hold_lease_seconds = 5", "limits.hold_lease_seconds", "from 10 to 86400"),
        ("limits.least_output_tokens = 40000", "limits.least_output_tokens", "must not exceed"),
        ("brand.name = \"  \"", "brand.name", "must not be empty"),
        ("brand.name = 5", "brand.name", "a text in quotes"),
        ("colour = \"red\"", "colour", "unknown key"),
    ] {
        let (_, _, refused, reason) = refusal(text);
        assert_eq!(refused, key, "{text}: {reason}");
        assert!(reason.contains(part), "{text}: {reason}");
    }
}
