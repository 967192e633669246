//! News in every order leaves a payment where its best news puts it.

use proptest::prelude::*;
use units::{Cents, Instant, Seconds};

use super::*;

const AMOUNT: Cents = Cents::from_count(2000);

fn start() -> Instant {
    "2028-02-29T23:30:00Z".parse().unwrap()
}

fn sent() -> Standing {
    Standing { is_paid: false, attempt: AttemptState::Sent, amount: AMOUNT, began_at: start(), looks: 0 }
}

fn after(standing: Standing, next: Next) -> Standing {
    Standing { is_paid: next.is_paid, attempt: next.attempt, ..standing }
}

fn declined(code: &str, decline_code: Option<&str>) -> Failure {
    Failure { code: code.to_owned(), decline_code: decline_code.map(str::to_owned) }
}

#[test]
fn success_pays_once() {
    let next = advance(sent(), &News::Succeeded(AMOUNT), start());
    assert!(next.is_paid && next.becomes_paid && next.attempt == AttemptState::Succeeded);
    let again = advance(after(sent(), next), &News::Succeeded(AMOUNT), start());
    assert!(again.is_paid && !again.becomes_paid);
}

#[test]
fn late_success_wins_and_nothing_takes_it_back() {
    for news in [News::Declined(declined("card_declined", None)), News::Canceled, News::Silence, News::Processing] {
        let lost = after(sent(), advance(sent(), &news, start()));
        let paid = advance(lost, &News::Succeeded(AMOUNT), start());
        assert!(paid.becomes_paid, "{news:?}");
        let still = advance(after(lost, paid), &news, start());
        assert!(still.is_paid && !still.becomes_paid && still.attempt == AttemptState::Succeeded, "{news:?}");
    }
}

#[test]
fn another_amount_is_no_payment() {
    let next = advance(sent(), &News::Succeeded(Cents::from_count(1999)), start());
    assert!(!next.is_paid && next.alarm.is_some() && next.attempt == AttemptState::Quarantined);
    assert!(next.attempt.is_live(), "no other attempt is made meanwhile");
    let quarantined = after(sent(), next);
    for news in [News::Canceled, News::Declined(declined("card_declined", None)), News::Silence] {
        assert_eq!(advance(quarantined, &news, start()).attempt, AttemptState::Quarantined, "{news:?}");
    }
    let paid = after(sent(), advance(sent(), &News::Succeeded(AMOUNT), start()));
    let other = advance(paid, &News::Succeeded(Cents::ZERO), start());
    assert!(other.is_paid && other.alarm.is_some() && other.attempt == AttemptState::Succeeded);
}

#[test]
fn an_unknown_fate_is_looked_at_less_and_less_and_then_an_operator_is_called() {
    let mut standing = sent();
    let mut now = start();
    let mut waits = Vec::new();
    for _ in 0..5 {
        let look = advance(standing, &News::Silence, now).look_at.unwrap();
        waits.push((look.micros() - now.micros()) / 60_000_000);
        now = look;
        standing.looks += 1;
    }
    assert_eq!(waits, [1, 5, 30, 60, 60]);
    assert_eq!(advance(standing, &News::Silence, now).alarm, None);
    assert!(advance(standing, &News::Silence, start().plus(Seconds(86_400))).alarm.is_some());
}

#[test]
fn what_has_ended_stays_as_it_ended_until_success() {
    for end in [AttemptState::Declined, AttemptState::Canceled] {
        let ended = Standing { attempt: end, ..sent() };
        let late = start().plus(Seconds(86_400));
        let others = [News::Unconfirmed, News::Processing, News::ActionRequired, News::Canceled, News::Silence];
        for news in others.into_iter().chain([News::Declined(declined("expired_card", None))]) {
            let next = advance(ended, &news, late);
            let expected = Next { is_paid: false, attempt: end, becomes_paid: false, look_at: None, alarm: None };
            assert_eq!(next, expected, "{news:?}");
        }
    }
}

#[test]
fn what_is_open_is_looked_at_again_and_only_what_was_planned_becomes_created() {
    let day = start().plus(Seconds(86_400));
    let look = |standing: Standing, news: &News, now: Instant| {
        let next = advance(standing, news, now);
        assert_eq!(next.look_at, Some(now.plus(Seconds(60))), "{standing:?} {news:?}");
        (next.attempt, next.alarm.is_some())
    };
    let planned = Standing { attempt: AttemptState::Planned, ..sent() };
    assert_eq!(look(planned, &News::Unconfirmed, start()), (AttemptState::Created, false));
    // The object as it was before our own confirmation: what was sent stays sent.
    for attempt in [AttemptState::Created, AttemptState::Sent, AttemptState::Processing] {
        assert_eq!(look(Standing { attempt, ..sent() }, &News::Unconfirmed, day), (attempt, false));
    }
    assert_eq!(look(sent(), &News::Processing, start()), (AttemptState::Processing, false));
    assert_eq!(look(sent(), &News::Processing, day), (AttemptState::Processing, true));
    assert_eq!(look(sent(), &News::Silence, day), (AttemptState::Sent, true));
    // Its time is over, and the processor has not noticed yet.
    assert_eq!(look(sent(), &News::ActionRequired, day), (AttemptState::ActionRequired, false));
}

#[test]
fn the_bank_waits_for_the_person_until_the_attempt_expires() {
    let next = advance(sent(), &News::ActionRequired, start());
    assert_eq!((next.attempt, next.look_at), (AttemptState::ActionRequired, Some(start().plus(ACTION_EXPIRES))));
}

#[test]
fn declines_are_told_apart() {
    for (code, decline_code, class) in [
        ("card_declined", Some("insufficient_funds"), FailureClass::Soft),
        ("card_declined", Some("lost_card"), FailureClass::Hard),
        ("expired_card", None, FailureClass::Hard),
        ("authentication_required", None, FailureClass::AuthenticationRequired),
        ("card_declined", Some("authentication_required"), FailureClass::AuthenticationRequired),
        ("card_declined", Some("fraudulent"), FailureClass::Fraud),
        ("processing_error", None, FailureClass::Soft),
    ] {
        assert_eq!(declined(code, decline_code).class(), class, "{code} {decline_code:?}");
    }
    assert!(!declined("card_declined", Some("stolen_card")).customer_text().contains("stolen"));
}

fn news() -> impl Strategy<Value = News> {
    prop_oneof![
        Just(News::Unconfirmed),
        Just(News::Succeeded(AMOUNT)),
        Just(News::Processing),
        Just(News::ActionRequired),
        Just(News::Declined(declined("card_declined", None))),
        Just(News::Canceled),
        Just(News::Silence),
    ]
}

proptest! {
    #[test]
    fn any_news_in_any_order_pays_at_most_once(all in prop::collection::vec(news(), 1..12)) {
        let mut standing = Standing { attempt: AttemptState::Planned, ..sent() };
        let mut payments = 0;
        for news in &all {
            let next = advance(standing, news, start());
            prop_assert!(next.is_paid >= standing.is_paid, "paid is for ever");
            prop_assert!(!next.is_paid || next.look_at.is_none());
            payments += u32::from(next.becomes_paid);
            standing = after(standing, next);
        }
        let succeeded = all.contains(&News::Succeeded(AMOUNT));
        prop_assert_eq!((standing.is_paid, payments), (succeeded, u32::from(succeeded)));
    }
}
