//! Cents round down, and news in every order moves credits at most once each way.

use proptest::prelude::*;

use super::*;

fn cents(count: i64) -> Cents {
    Cents::from_count(count)
}

fn start() -> Instant {
    "2028-02-29T23:30:00Z".parse().unwrap()
}

fn standing(state: RefundState) -> RefundStanding {
    RefundStanding { state, asked_at: start(), looks: 0 }
}

#[test]
fn at_most_what_is_unused_in_whole_cents_and_what_was_not_refunded() {
    let unused = Amount::from_nanos(12_876_543_211);
    assert_eq!(refundable(cents(2000), Cents::ZERO, unused), cents(1287));
    assert_eq!(refundable(cents(2000), cents(1000), unused), cents(1000));
    assert_eq!(refundable(cents(2000), cents(2000), unused), Cents::ZERO);
    assert_eq!(refundable(cents(2000), cents(2500), unused), Cents::ZERO);
    assert_eq!(refundable(cents(2000), Cents::ZERO, Amount::from_nanos(9_999_999)), Cents::ZERO);
}

#[test]
fn a_refund_that_comes_back_returns_once_and_calls_an_operator() {
    let paid = advance(standing(RefundState::Sent), RefundNews::Paid, start());
    assert_eq!((paid.state, paid.end), (RefundState::Paid, Some(RefundEnd::Paid)));
    let back = advance(standing(paid.state), RefundNews::Failed, start().plus(DAY));
    assert_eq!((back.state, back.end), (RefundState::Failed, Some(RefundEnd::CameBack)));
    assert!(back.alarm.is_some());
    assert_eq!(advance(standing(back.state), RefundNews::Failed, start()).end, None);
    assert!(advance(standing(back.state), RefundNews::Paid, start()).alarm.is_some());
}

#[test]
fn a_paid_refund_is_looked_at_for_weeks_and_then_left_alone() {
    let look =
        |looks| advance(RefundStanding { looks, ..standing(RefundState::Paid) }, RefundNews::Paid, start()).look_at;
    assert_eq!(
        [look(0), look(2), look(3)],
        [Some(start().plus(DAY)), Some(start().plus(Seconds(30 * 24 * 3600))), None]
    );
}

#[test]
fn what_stays_open_calls_an_operator_in_the_end() {
    let at = |news, now| advance(standing(RefundState::Sent), news, now);
    assert_eq!(at(RefundNews::Silence, start()).look_at, Some(start().plus(Seconds(60))));
    assert_eq!(at(RefundNews::Silence, start()).alarm, None);
    assert!(at(RefundNews::Silence, start().plus(DAY)).alarm.is_some());
    assert_eq!(at(RefundNews::Pending, start().plus(DAY)).alarm, None);
    assert!(at(RefundNews::Pending, start().plus(LONGEST_PENDING)).alarm.is_some());
}

fn news() -> impl Strategy<Value = RefundNews> {
    prop_oneof![Just(RefundNews::Pending), Just(RefundNews::Paid), Just(RefundNews::Failed), Just(RefundNews::Silence),]
}

proptest! {
    #[test]
    fn any_news_in_any_order_ends_it_once(all in prop::collection::vec(news(), 1..12)) {
        let mut state = RefundState::Sent;
        let (mut gone, mut ends) = (0, 0);
        for news in all {
            let next = advance(standing(state), news, start());
            match next.end {
                Some(RefundEnd::Paid) => (gone, ends) = (gone + 1, ends + 1),
                Some(RefundEnd::Failed) => ends += 1,
                Some(RefundEnd::CameBack) => gone -= 1,
                None => {}
            }
            state = next.state;
        }
        let is_over = matches!(state, RefundState::Paid | RefundState::Failed);
        prop_assert_eq!((gone, ends), (i32::from(state == RefundState::Paid), i32::from(is_over)));
    }
}
