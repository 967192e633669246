//! The line itself, the caps, and days that end a month.

use units::{Amount, Cents, Instant};

use super::*;
use crate::Catalog;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn dollars(count: i64) -> Cents {
    Cents::from_count(count * 100)
}

fn settings() -> Settings {
    Settings { threshold: Amount::from_dollars(5), amount: dollars(50), monthly_cap: dollars(200) }
}

fn low() -> Standing {
    Standing {
        state: State::On,
        settings: settings(),
        price: dollars(50),
        available: Amount::ZERO,
        card: SavedCard::Good,
        attempts: Attempts::default(),
    }
}

fn with(attempts: Attempts) -> Standing {
    Standing { attempts, ..low() }
}

const PER_DAY: u32 = 5;
const NOON: &str = "2028-02-29T12:00:00Z";

#[test]
fn it_fires_below_the_line_and_not_at_it() {
    let line = settings().threshold;
    let just_below = line.checked_sub(Amount::from_nanos(1)).unwrap();
    let decide = |available| decide(&Standing { available, ..low() }, PER_DAY, at(NOON));
    assert_eq!(decide(line), Decision::Enough);
    assert_eq!(decide(just_below), Decision::Attempt);
    assert_eq!(decide(Amount::ZERO), Decision::Attempt);
}

#[test]
fn nothing_happens_while_it_is_off_or_paused_or_an_attempt_is_open() {
    let states = Pause::ALL.into_iter().map(State::Paused).chain([State::Off]);
    for state in states {
        assert_eq!(
            decide(&Standing { state, card: SavedCard::Missing, ..low() }, PER_DAY, at(NOON)),
            Decision::Nothing
        );
        assert_eq!(State::from_names(state.name(), state.pause().map(Pause::name)), Some(state));
    }
    let open = with(Attempts { is_open: true, ..Attempts::default() });
    assert_eq!(decide(&open, PER_DAY, at(NOON)), Decision::Nothing);
    assert_eq!(State::from_names("paused", None), None);
    assert_eq!(State::from_names("on", Some("refund")), None);
}

#[test]
fn without_a_card_that_pays_it_pauses_only_when_it_would_buy() {
    let bare = Standing { card: SavedCard::Missing, ..low() };
    assert_eq!(decide(&bare, PER_DAY, at(NOON)), Decision::Pause(Pause::CardMissing));
    let blocked = Standing { card: SavedCard::Blocked, ..low() };
    assert_eq!(decide(&blocked, PER_DAY, at(NOON)), Decision::Pause(Pause::Dispute));
    for standing in [bare, blocked] {
        let rich = Standing { available: Amount::from_dollars(5), ..standing };
        assert_eq!(decide(&rich, PER_DAY, at(NOON)), Decision::Enough);
    }
}

#[test]
fn the_monthly_cap_holds_to_the_cent_until_the_next_utc_month() {
    let spent = |cents| with(Attempts { this_month: Cents::from_count(cents), ..Attempts::default() });
    for (now, next) in [
        (NOON, "2028-03-01T00:00:00Z"),
        ("2028-02-29T23:59:59.999999Z", "2028-03-01T00:00:00Z"),
        ("2027-02-28T23:59:59.999999Z", "2027-03-01T00:00:00Z"),
        ("2027-12-31T23:59:59Z", "2028-01-01T00:00:00Z"),
        ("2028-01-31T00:00:00Z", "2028-02-01T00:00:00Z"),
        ("2028-03-01T00:00:00Z", "2028-04-01T00:00:00Z"),
    ] {
        assert_eq!(decide(&spent(15_000), PER_DAY, at(now)), Decision::Attempt, "{now}");
        let wait = Decision::Wait { limit: Limit::MonthlyCap, until: at(next) };
        assert_eq!(decide(&spent(15_001), PER_DAY, at(now)), wait, "{now}");
        assert_eq!(decide(&spent(i64::MAX), PER_DAY, at(now)), wait, "{now}");
    }
}

#[test]
fn fee_and_tax_count_for_the_cap() {
    let spent = Attempts { this_month: dollars(145), ..Attempts::default() };
    let now = at(NOON);
    assert_eq!(decide(&Standing { price: dollars(55), ..with(spent) }, PER_DAY, now), Decision::Attempt);
    let dearer = Standing { price: Cents::from_count(5501), ..with(spent) };
    assert!(matches!(decide(&dearer, PER_DAY, now), Decision::Wait { limit: Limit::MonthlyCap, .. }));
}

#[test]
fn a_day_has_its_number_of_attempts_and_is_a_utc_day() {
    let tried = |today| with(Attempts { today, ..Attempts::default() });
    for (now, next) in [
        ("2028-02-28T23:59:59.999999Z", "2028-02-29T00:00:00Z"),
        ("2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"),
        ("2028-12-31T23:59:59Z", "2029-01-01T00:00:00Z"),
    ] {
        assert_eq!(decide(&tried(PER_DAY - 1), PER_DAY, at(now)), Decision::Attempt);
        let wait = Decision::Wait { limit: Limit::PerDay, until: at(next) };
        assert_eq!(decide(&tried(PER_DAY), PER_DAY, at(now)), wait);
    }
}

#[test]
fn what_was_called_off_is_not_tried_again_at_once() {
    let called_off = with(Attempts { called_off_at: Some(at("2028-02-29T23:55:00Z")), ..Attempts::default() });
    let until = at("2028-03-01T00:05:00Z");
    for now in ["2028-02-29T23:55:00Z", "2028-03-01T00:04:59.999999Z"] {
        assert_eq!(decide(&called_off, PER_DAY, at(now)), Decision::Wait { limit: Limit::Retry, until });
    }
    assert_eq!(decide(&called_off, PER_DAY, until), Decision::Attempt);
}

#[test]
fn defaults_come_from_the_catalog_and_other_wishes_are_bounded_by_it() {
    let rules = Catalog::embedded().top_up;
    let choose = |wish: &Wish| Settings::choose(&rules, &rules.personal, wish);
    let default = choose(&Wish::default()).unwrap();
    assert_eq!(
        (default.threshold, default.amount, default.monthly_cap),
        (Amount::from_dollars(5), dollars(50), dollars(1000))
    );
    assert_eq!(default.target(), Amount::from_dollars(55));
    let organization = Settings::choose(&rules, &rules.organization, &Wish::default()).unwrap();
    assert_eq!((organization.threshold, organization.amount), (Amount::from_dollars(50), dollars(500)));
    let smaller = choose(&Wish { amount: Some(dollars(20)), ..Wish::default() }).unwrap();
    assert_eq!(smaller.monthly_cap, dollars(400), "twenty times the amount that was chosen");

    let wish = |threshold: Option<&str>, amount, cap| Wish {
        threshold: threshold.map(|text| text.parse().unwrap()),
        amount,
        monthly_cap: cap,
    };
    for (wrong, allowed) in [
        (wish(None, Some(dollars(30)), None), "20.00, 50.00, 100.00"),
        (wish(None, Some(dollars(-50)), None), "20.00, 50.00, 100.00"),
        (wish(Some("0"), None, None), "at most the amount, 50.00"),
        (wish(Some("-1"), None, None), "at most the amount, 50.00"),
        (wish(Some("50.000000001"), None, None), "at most the amount, 50.00"),
        (wish(None, None, Some(Cents::from_count(4999))), "at least the amount, 50.00"),
    ] {
        let refusal = choose(&wrong).unwrap_err();
        assert_eq!(refusal.code(), "amount_out_of_range");
        assert!(refusal.to_string().contains(allowed), "{refusal}");
    }
    assert!(choose(&wish(Some("50"), None, Some(dollars(50)))).is_ok(), "both bounds are allowed");
}

#[test]
fn the_consent_names_every_number() {
    let text = consent("Kilo", &Catalog::embedded().top_up, &settings());
    for number in ["$50.00 of credits", "$5.00", "5 times a day", "$200.00 in a calendar month"] {
        assert!(text.contains(number), "{number}: {text}");
    }
}
