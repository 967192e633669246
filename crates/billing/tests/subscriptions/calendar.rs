//! Every boundary of every anchor, held against Python's `dateutil` and `zoneinfo`.

use billing::period::{Cadence, Period, Term};
use units::Instant;

use crate::{is_release, python, read};

/// Offsets of half and three quarter hours, gaps and overlaps in the night and at midnight, the ends of the earth.
const ZONES: [&str; 20] = [
    "UTC",
    "America/New_York",
    "America/St_Johns",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "America/Sao_Paulo",
    "America/Santiago",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Asia/Tokyo",
    "Asia/Beirut",
    "Australia/Adelaide",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Europe/Dublin",
];

/// T13. An anchor given in any zone is the moment that it names; all the rest is counted in UTC.
#[test]
fn every_boundary_is_the_one_of_a_second_implementation() {
    let (months, part, zones, least) = if is_release() { ("144", "1", 20, 2_000_000) } else { ("60", "4", 8, 45_000) };
    let mut compared = 0;
    for zone in &ZONES[..zones] {
        for words in python::ask(&["periods", months, part, zone]) {
            let [anchor, cadence, n, inside, wanted @ ..] = words.as_slice() else { panic!("{words:?}") };
            let (anchor, cadence): (Instant, Cadence) = (read(anchor), read(cadence));
            let inside: Instant = read(inside);
            let month = read::<u32>(n) * cadence.months();
            let term = Term { anchor, month, cadence };
            let period = term.period();
            let found = [
                period.start.to_string(),
                period.end.to_string(),
                period.days().to_string(),
                period.days_left(inside).to_string(),
            ];
            assert_eq!(found, wanted, "{words:?}");
            assert_eq!(Term::containing(anchor, cadence, inside), Some(term), "{words:?}");
            assert_eq!(Term::containing(anchor, cadence, period.start), Some(term), "{words:?}");
            compared += 1;
        }
    }
    println!("{zones} zones, {compared} periods, no difference");
    assert!(compared > least, "only {compared} periods were compared");
}

#[test]
fn anchors_come_back_after_short_months() {
    let starts = |anchor: &str, cadence, count| -> Vec<String> {
        let first = Term::first(read(anchor), cadence);
        let terms = std::iter::successors(Some(first), |term| Some(term.next(cadence)));
        terms.skip(1).take(count).map(|term| term.start().day().to_string()).collect()
    };
    assert_eq!(starts("2026-01-31T00:00:00Z", Cadence::Monthly, 3), ["2026-02-28", "2026-03-31", "2026-04-30"]);
    let leap = starts("2028-02-29T00:00:00Z", Cadence::Yearly, 4);
    assert_eq!(leap, ["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]);
}

#[test]
fn a_change_of_cadence_keeps_the_anchor() {
    let monthly = Term::first(read("2026-01-31T09:00:00Z"), Cadence::Monthly);
    let year = monthly.next(Cadence::Yearly);
    assert_eq!(year.period(), Period { start: read("2026-02-28T09:00:00Z"), end: read("2027-02-28T09:00:00Z") });
    let month = year.next(Cadence::Monthly);
    assert_eq!(month.period(), Period { start: year.end(), end: read("2027-03-31T09:00:00Z") });
}

#[test]
fn a_year_has_twelve_months_that_fill_it() {
    let year = Term::first(read("2026-01-31T00:00:00Z"), Cadence::Yearly);
    let months: Vec<_> = year.months().collect();
    assert_eq!(months.len(), 12);
    assert_eq!((months[0].1.start, months[11].1.end), (year.start(), year.end()));
    assert!(months.windows(2).all(|pair| pair[0].1.end == pair[1].1.start && pair[0].0 + 1 == pair[1].0));
    assert_eq!(year.next(Cadence::Yearly).months().map(|(month, _)| month).collect::<Vec<_>>(), Vec::from_iter(12..24));
}

#[test]
fn what_fell_due_meanwhile_comes_in_order() {
    let term = Term::first(read("2026-01-31T00:00:00Z"), Cadence::Monthly);
    let due = |now: &str| term.due(read(now)).map(|term| term.month).collect::<Vec<_>>();
    assert!(due("2026-02-27T23:59:59.999999Z").is_empty());
    assert_eq!(due("2026-02-28T00:00:00Z"), [1]);
    assert_eq!(due("2026-05-30T23:59:59Z"), [1, 2, 3]);
    assert_eq!(due("2026-05-31T00:00:00Z"), [1, 2, 3, 4]);
    let end_of_time: Vec<_> =
        Term::first(read("9999-10-15T00:00:00Z"), Cadence::Monthly).due(Instant::from_micros(i64::MAX)).collect();
    assert_eq!(end_of_time.len(), 2, "time ends, and so does the list");
}
