use ledger::{Marks, Source};
use proptest::prelude::*;

use super::*;

const HOUR: i64 = 3_600;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn now() -> Instant {
    at("2026-11-26T18:00:00Z")
}

/// Nanodollars that were there for an hour already, until so many hours from now.
fn grant(index: u128, nanos: i64, hours: Option<i64>) -> Grant {
    Grant {
        id: format!("grt_{index:032x}").parse().unwrap(),
        source: Source::Purchase,
        amount: Amount::from_nanos(nanos),
        left: Amount::from_nanos(nanos),
        held: Amount::ZERO,
        marks: Marks::default(),
        paid: true,
        effective_at: now().plus(Seconds(-HOUR)),
        expires_at: hours.map(|hours| now().plus(Seconds(hours * HOUR))),
    }
}

fn dollars(whole: i64) -> i64 {
    Amount::from_dollars(whole).nanos()
}

fn pace(spent: &str, days: u32) -> Pace {
    Pace { spent: spent.parse().unwrap(), days }
}

fn day(text: &str) -> Day {
    at(&format!("{text}T00:00:00Z")).day()
}

#[test]
fn the_pace_is_that_of_full_days_and_of_today_when_there_is_none() {
    let today = day("2028-03-01");
    assert_eq!(recent_days(Some(day("2020-02-29")), today), day("2028-01-31")..today);
    assert_eq!(recent_days(Some(day("2028-02-28")), today), day("2028-02-28")..today);
    for young in [None, Some(today), Some(today.next())] {
        assert_eq!(recent_days(young, today), today..day("2028-03-02"), "{young:?}");
    }
    let spent = Pace::of("1.00".parse().unwrap(), day("2028-02-27")..today);
    assert_eq!((spent.days, spent.a_day().to_string().as_str()), (3, "0.333333333"));
    let taken_back = Pace::of(Amount::from_nanos(-5), recent_days(None, today));
    assert_eq!(taken_back, Pace { spent: Amount::ZERO, days: 1 });
}

#[test]
fn what_never_expires_lasts_to_the_second() {
    let runway = Runway::of(&[grant(1, dollars(10), None)], pace("30", 30), now());
    assert_eq!(runway.ends, Some(at("2026-12-06T18:00:00Z")));
    assert_eq!(runway.at(now()).to_string(), "10.00");
    assert_eq!(runway.at(at("2026-12-01T18:00:00Z")).to_string(), "5.00");
    assert_eq!(runway.at(at("2026-12-06T18:00:00Z")), Amount::ZERO);
    assert!(runway.expiries.is_empty());
    // A third of a nanodollar's time does not count as spent.
    let thirds = Runway::of(&[grant(1, 10, None)], Pace { spent: Amount::from_nanos(10), days: 30 }, now());
    assert_eq!(thirds.ends, Some(at("2026-12-26T18:00:00Z")));
}

#[test]
fn what_expires_is_spent_first_and_the_rest_of_it_goes_at_once() {
    let grants = [grant(1, dollars(20), None), grant(2, dollars(10), Some(72))];
    let runway = Runway::of(&grants, pace("60", 30), now());
    let end = now().plus(Seconds(72 * HOUR));
    assert_eq!(runway.expiries, [Expiry { at: end, amount: Amount::from_dollars(4) }]);
    assert_eq!(runway.at(end.plus(Seconds(-1))).to_string(), "24.000023149", "the last second is not rounded up");
    assert_eq!(runway.at(end).to_string(), "20.00");
    assert_eq!([runway.expiring(now()), runway.expiring(end)].map(|sum| sum.to_string()), ["4.00", "0.00"]);
    assert_eq!(runway.ends, Some(now().plus(Seconds((72 + 240) * HOUR))));
    // What is used up before it expires leaves nothing to expire.
    let busy = Runway::of(&grants, pace("300", 30), now());
    assert!(busy.expiries.is_empty());
    assert_eq!(busy.ends, Some(now().plus(Seconds(72 * HOUR))));
}

#[test]
fn nothing_spent_ends_only_by_expiry() {
    let idle = Pace { spent: Amount::ZERO, days: 30 };
    let kept = Runway::of(&[grant(1, dollars(3), None), grant(2, dollars(5), Some(24))], idle, now());
    assert_eq!((kept.ends, kept.expiries.len()), (None, 1));
    assert_eq!(kept.at(now().plus_days(90)).to_string(), "3.00");
    let gone = Runway::of(&[grant(2, dollars(5), Some(24)), grant(3, dollars(5), Some(24))], idle, now());
    assert_eq!(gone.ends, Some(now().plus_days(1)));
    assert_eq!(gone.expiries, [Expiry { at: now().plus_days(1), amount: Amount::from_dollars(10) }]);
    let none = Runway::of(&[], idle, now());
    assert_eq!((none.ends, none.at(now())), (Some(now()), Amount::ZERO));
}

#[test]
fn what_is_held_frozen_or_not_yet_there_is_not_counted() {
    let mut grants = [grant(1, dollars(5), None), grant(2, dollars(5), None), grant(3, dollars(5), None)];
    grants[0].held = Amount::from_dollars(2);
    grants[1].marks.disputes = 1;
    grants[2].effective_at = now().plus(Seconds(1));
    let runway = Runway::of(&grants, pace("1", 1), now());
    assert_eq!(runway.ends, Some(now().plus_days(3)));
}

#[test]
fn the_largest_numbers_are_not_too_large() {
    let most = Pace { spent: Amount::MAX, days: 1 };
    let grants = [grant(1, i64::MAX, Some(24 * 89)), grant(2, i64::MAX, None)];
    assert_eq!(Runway::of(&grants, most, now()).ends, Some(now().plus_days(2)));
    let slow = Runway::of(&grants, Pace { spent: Amount::from_nanos(1), days: 30 }, now());
    assert_eq!(slow.at(now()), Amount::MAX);
    assert_eq!(slow.at(now().plus_days(90)).nanos(), i64::MAX - 1, "two of three were paid by what expired then");
    assert_eq!(slow.expiries.len(), 1);
}

fn grants() -> impl Strategy<Value = Vec<Grant>> {
    let one = (1..2_000_000i64, proptest::option::of(1..2_500i64), any::<bool>());
    proptest::collection::vec(one, 0..6).prop_map(|all| {
        let numbered = (1u128..).zip(all);
        numbered.map(|(index, (nanos, hours, paid))| Grant { paid, ..grant(index, nanos, hours) }).collect()
    })
}

proptest! {
    /// Hour by hour, each grant by itself, the same comes out.
    #[test]
    fn it_goes_as_if_it_were_lived(grants in grants(), spent in 0..3_000_000i64, days in 1..31u32) {
        let pace = Pace { spent: Amount::from_nanos(spent), days };
        let runway = Runway::of(&grants, pace, now());
        let mut left: Vec<(&Grant, i128)> = grants.iter().map(|grant| (grant, i128::from(grant.left.nanos()))).collect();
        left.sort_by_key(|(grant, _)| grant.order_of_use());
        let mut expired = 0;
        for hour in 0..=i64::from(HORIZON_DAYS) * 24 {
            let moment = now().plus(Seconds(hour * HOUR));
            for (grant, nanos) in &mut left {
                if grant.has_expired(moment) {
                    expired += std::mem::take(nanos);
                }
            }
            let available: i128 = left.iter().map(|(_, nanos)| nanos).sum();
            if available == 0 {
                prop_assert!(runway.ends.is_some_and(|end| end <= moment));
                break;
            }
            prop_assert!(runway.ends.is_none_or(|end| end > moment));
            prop_assert_eq!(i128::from(runway.at(moment).nanos()), available);
            prop_assert!(runway.expiring(moment) <= runway.at(moment));
            let by = |hour: i64| i128::from(spent) * i128::from(hour) / (i128::from(days) * 24);
            let mut due = by(hour + 1) - by(hour);
            for (_, nanos) in &mut left {
                let drawn = due.min(*nanos);
                (*nanos, due) = (*nanos - drawn, due - drawn);
            }
        }
        let told: i128 = runway.expiries.iter().map(|expiry| i128::from(expiry.amount.nanos())).sum();
        prop_assert_eq!(told, expired);
    }
}
