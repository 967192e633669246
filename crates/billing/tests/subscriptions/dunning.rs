//! Failed renewals, to the second.

use billing::dunning::{Belonging, Cause, Debt, Due, Fate, Letter, State, state};
use billing::payment::FailureClass;
use billing::{Catalog, catalog};
use units::Instant;

use crate::read;

fn rules() -> catalog::Dunning {
    Catalog::embedded().dunning
}

/// When the first attempt failed.
const FAILED: &str = "2026-01-31T12:00:00Z";

fn failed(cause: Cause) -> Debt {
    let mut debt = Debt::new(cause, read("2026-01-31T00:00:00Z"), Some(read("2025-01-01T00:00:00Z")));
    debt.tries(read(FAILED));
    debt.fails(FailureClass::Soft, false, read(FAILED));
    debt
}

fn fails(debt: &mut Debt, at: &str) {
    debt.tries(read(at));
    debt.fails(FailureClass::Soft, false, read(at));
}

fn at(text: &str) -> Instant {
    read(text)
}

#[test]
fn the_ladder_to_the_last_microsecond() {
    let debts = [failed(Cause::Seats)];
    let grace_ends = at("2026-02-03T12:00:00Z");
    let purges_at = at("2026-03-05T12:00:00Z");
    for (now, expected) in [
        (FAILED, State::Grace { until: grace_ends }),
        ("2026-02-03T11:59:59Z", State::Grace { until: grace_ends }),
        ("2026-02-03T11:59:59.999999Z", State::Grace { until: grace_ends }),
        ("2026-02-03T12:00:00Z", State::Suspended { since: grace_ends, purges_at }),
        ("2026-02-15T12:00:00Z", State::Suspended { since: grace_ends, purges_at }),
        ("2026-03-05T11:59:59.999999Z", State::Suspended { since: grace_ends, purges_at }),
        ("2026-03-05T12:00:00Z", State::Purged { since: purges_at }),
        ("2030-01-01T00:00:00Z", State::Purged { since: purges_at }),
    ] {
        let found = state(&debts, &rules(), at(now));
        assert_eq!(found, expected, "{now}");
        assert_eq!(found.is_served(), found < State::Suspended { since: Instant::EPOCH, purges_at }, "{now}");
    }
    // Paid at any of these moments, it is no debt any more, and nothing else has to be undone.
    assert_eq!(state(&[], &rules(), at("2026-02-15T12:00:00Z")), State::Active);
}

#[test]
fn a_pass_is_never_a_reason_to_suspend() {
    let mut debt = failed(Cause::Pass);
    assert_eq!(debt.state(&rules(), at("2026-02-03T11:59:59Z")).name(), "grace");
    assert_eq!(debt.state(&rules(), at("2026-02-03T12:00:00Z")).name(), "active");
    ["2026-02-01T12:00:00Z", "2026-02-02T12:00:00Z"].iter().for_each(|at| fails(&mut debt, at));
    assert_eq!(debt.due(&rules(), at("2026-02-03T11:59:59Z")), None);
    // The last attempt and the end of the grace fall on one moment: the attempt comes first, and its fate is awaited.
    let end = "2026-02-03T12:00:00Z";
    assert_eq!(debt.due(&rules(), at(end)), Some(Due::Try));
    debt.tries(at(end));
    assert_eq!(debt.due(&rules(), at("2026-02-04T12:00:00Z")), None);
    debt.fails(FailureClass::Soft, false, at(end));
    assert_eq!(debt.due(&rules(), at(end)), Some(Due::Lapse));
}

#[test]
fn the_worst_debt_decides() {
    let new = Debt::new(Cause::Seats, at("2026-02-28T00:00:00Z"), None);
    let debts = [new, failed(Cause::Pass), failed(Cause::Seats)];
    assert_eq!(state(&debts[..1], &rules(), at("2030-01-01T00:00:00Z")).name(), "active", "nothing failed yet");
    assert_eq!(state(&debts, &rules(), at(FAILED)).name(), "grace");
    assert_eq!(state(&debts, &rules(), at("2026-02-04T12:00:00Z")).name(), "suspended");
    assert_eq!(state(&debts, &rules(), at("2026-03-15T12:00:00Z")).name(), "purged");
}

#[test]
fn it_is_tried_again_on_days_one_two_and_three() {
    let mut debt = Debt::new(Cause::Seats, at("2026-01-31T00:00:00Z"), None);
    let mut tried = Vec::new();
    while let Some(next) = debt.next_try(&rules()).filter(|_| tried.len() < 10) {
        assert_eq!(debt.due(&rules(), next), Some(Due::Try));
        debt.tries(next);
        assert_eq!(debt.next_try(&rules()), None, "one at a time");
        debt.fails(FailureClass::Soft, false, next);
        tried.push(next.to_string());
    }
    let days = ["2026-01-31", "2026-02-01", "2026-02-02", "2026-02-03"];
    assert_eq!(tried, days.map(|day| format!("{day}T00:00:00Z")));
    assert_eq!((debt.failures, debt.next_due(&rules())), (4, Some(at("2026-03-05T00:00:00Z"))));
}

#[test]
fn missed_steps_are_not_made_up_for() {
    let mut debt = failed(Cause::Seats);
    // Nothing ran for two days and a half; then it is tried once, and next at the third day.
    let late = "2026-02-03T00:00:00Z";
    assert_eq!(debt.due(&rules(), at(late)), Some(Due::Try));
    fails(&mut debt, late);
    assert_eq!(debt.due(&rules(), at(late)), None);
    assert_eq!(debt.next_try(&rules()), Some(at("2026-02-03T12:00:00Z")));
}

#[test]
fn what_somebody_tried_by_hand_takes_no_step() {
    let mut debt = failed(Cause::Seats);
    debt.tries(at("2026-01-31T13:00:00Z"));
    debt.fails(FailureClass::Soft, true, at("2026-01-31T13:00:00Z"));
    assert_eq!((debt.failures, debt.next_try(&rules())), (1, Some(at("2026-02-01T12:00:00Z"))));
    assert_eq!(debt.failed_at, Some(at(FAILED)), "the grace does not begin again");
}

#[test]
fn a_card_that_will_not_work_is_left_alone_until_there_is_another() {
    for class in [FailureClass::Hard, FailureClass::Fraud, FailureClass::AuthenticationRequired] {
        let mut debt = failed(Cause::Seats);
        debt.class = Some(class);
        assert_eq!(debt.next_try(&rules()), None, "{class:?}");
        // At any time, also while it is suspended, a new card is tried at once.
        debt.card_since = Some(at("2026-02-20T08:00:00Z"));
        assert_eq!(debt.next_try(&rules()), debt.card_since);
        assert_eq!(debt.due(&rules(), at("2026-02-20T08:00:00Z")), Some(Due::Try));
        fails(&mut debt, "2026-02-20T08:00:00Z");
        assert_eq!(debt.next_try(&rules()), None, "once");
    }
}

#[test]
fn nothing_is_purged_while_the_fate_of_a_payment_is_open() {
    let mut debt = failed(Cause::Seats);
    debt.card_since = Some(at("2026-03-05T11:59:00Z"));
    debt.tries(at("2026-03-05T11:59:00Z"));
    assert_eq!(debt.due(&rules(), at("2026-03-05T12:00:00Z")), None);
    debt.fails(FailureClass::Soft, true, at("2026-03-05T12:00:30Z"));
    assert_eq!(debt.due(&rules(), at("2026-03-05T12:00:30Z")), Some(Due::Purge));
}

#[test]
fn each_step_has_its_letter() {
    let mut debt = failed(Cause::Seats);
    let mut last = None;
    let mut sent = Vec::new();
    for (now, is_try) in [
        (FAILED, false),
        ("2026-02-01T12:00:00Z", true),
        ("2026-02-02T12:00:00Z", true),
        ("2026-02-03T11:59:59Z", false),
        ("2026-02-03T12:00:00Z", true),
        ("2026-02-26T11:59:59Z", false),
        ("2026-02-26T12:00:00Z", false),
        ("2026-03-04T12:00:00Z", false),
        ("2026-03-05T12:00:00Z", false),
    ] {
        if is_try {
            fails(&mut debt, now);
        }
        if let Some(letter) = debt.letter(&rules(), last, at(now)) {
            sent.push(format!("{} {letter:?}", at(now).day()));
            last = Some(letter);
        }
        assert_eq!(debt.letter(&rules(), last, at(now)), None, "once");
    }
    assert_eq!(
        sent,
        [
            "2026-01-31 Failed",
            "2026-02-01 FailedAgain(1)",
            "2026-02-02 FailedAgain(2)",
            "2026-02-03 Suspended",
            "2026-02-26 PurgeSoon(DaysLeft(7))",
            "2026-03-04 PurgeSoon(DaysLeft(1))",
            "2026-03-05 Purged",
        ]
    );
    // After a pause only the latest has something to say.
    assert_eq!(
        debt.letter(&rules(), Some(Letter::Failed), at("2026-03-01T00:00:00Z")).map(|it| format!("{it:?}")),
        Some("PurgeSoon(DaysLeft(7))".to_owned())
    );
    assert_eq!(failed(Cause::Pass).letters(&rules(), at("2030-01-01T00:00:00Z")), [Letter::Failed, Letter::Lapsed]);
}

#[test]
fn the_order_of_news_does_not_matter() {
    // A failure that is heard of twice, or late, counts from the first that was heard of.
    let mut debt = failed(Cause::Seats);
    let again = Debt { failures: debt.failures + 1, ..debt };
    debt.fails(FailureClass::Soft, false, at("2026-01-31T12:00:01Z"));
    assert_eq!(debt, again);
}

#[test]
fn a_purge_keeps_what_was_paid_for_and_what_proves_it() {
    use Belonging::*;
    let kept: Vec<_> = Belonging::ALL.into_iter().filter(|it| it.fate() == Fate::Kept).collect();
    assert_eq!(kept, [Members, FreeCredits, PaidCredits, Journal, Invoices, AuditLog]);
    for gone in [UsageDetails, ApiKeys, ProviderKeys, Settings, Cards] {
        assert_eq!(gone.fate(), Fate::Deleted);
    }
}
