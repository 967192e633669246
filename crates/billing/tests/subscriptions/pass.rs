//! The pass, month by month.

use billing::catalog::Percent;
use billing::pass::{Command, Effect, EndedBy, Facts, Pass, Scheduled, Status, begin, decide, subscribe};
use billing::period::Cadence::{self, Monthly, Yearly};
use billing::{Catalog, Refusal, catalog};
use ledger::Source;
use units::{Amount, Cents, Instant};

use crate::read;

/// A user with a pass, and what happened, in words.
struct Life {
    pass: Pass,
    rules: catalog::Pass,
    used: Amount,
}

impl Life {
    fn begin(tier: &str, cadence: Cadence, is_first: bool, at: &str) -> (Self, Vec<String>) {
        let rules = Catalog::embedded().pass;
        let facts = Facts { now: read(at), used: Amount::ZERO, rules: &rules };
        let offer = subscribe(None, read(tier), cadence, &rules).unwrap();
        let (pass, effects) = begin(offer, is_first, &facts);
        (Self { pass, rules, used: Amount::ZERO }, in_words(&effects))
    }

    fn after(&mut self, at: &str, command: Command) -> Result<Vec<String>, Refusal> {
        let facts = Facts { now: read(at), used: self.used, rules: &self.rules };
        decide(&mut self.pass, command, &facts).map(|effects| in_words(&effects))
    }

    fn does(&mut self, at: &str, command: Command) -> Vec<String> {
        self.after(at, command).unwrap()
    }

    /// Uses so much at a moment, of what counts.
    fn uses(&mut self, at: &str, used: &str) -> Vec<String> {
        self.used = read(used);
        let effects = self.does(at, Command::Advance);
        self.used = Amount::ZERO;
        effects
    }

    /// Renews, pays at once, and uses what unlocks the bonus; answers what it was.
    fn whole_month(&mut self, at: &str) -> String {
        let due = self.does(at, Command::Advance);
        assert!(due.iter().all(|effect| effect.starts_with("bill")), "{due:?}");
        self.does(at, Command::Paid { month: self.pass.term.month });
        self.uses(at, "1000").join(", ")
    }
}

fn in_words(effects: &[Effect]) -> Vec<String> {
    let word = |effect: &Effect| match effect {
        Effect::Grant(grant) => {
            let until = grant.expires_at.map(|at| format!(" until {at}")).unwrap_or_default();
            assert_eq!(grant.expires_at.is_some(), grant.source == Source::PassBonus);
            let free = if grant.paid || grant.source == Source::PassBonus { "" } else { " free" };
            format!("{} {} {}{free}{until}", grant.source.name(), grant.month, grant.amount)
        }
        Effect::Bill(bill) => format!("bill {} {}", bill.term.month, bill.amount),
        Effect::End(ended) => format!("end {:?} {}", ended.why, ended.at),
    };
    effects.iter().map(word).collect()
}

fn code<T: std::fmt::Debug>(answer: Result<T, Refusal>) -> &'static str {
    answer.unwrap_err().code()
}

const START: &str = "2026-01-31T00:00:00Z";

/// The first moments of the months of a pass that began on that day.
const ANCHORS: [&str; 12] = [
    "2026-02-28T00:00:00Z",
    "2026-03-31T00:00:00Z",
    "2026-04-30T00:00:00Z",
    "2026-05-31T00:00:00Z",
    "2026-06-30T00:00:00Z",
    "2026-07-31T00:00:00Z",
    "2026-08-31T00:00:00Z",
    "2026-09-30T00:00:00Z",
    "2026-10-31T00:00:00Z",
    "2026-11-30T00:00:00Z",
    "2026-12-31T00:00:00Z",
    "2027-01-31T00:00:00Z",
];

#[test]
fn the_bonuses_of_the_specification() {
    let (mut life, begun) = Life::begin("19", Monthly, true, START);
    assert_eq!(begun, ["pass_base 0 19.00"]);
    assert_eq!(life.uses(START, "18"), ["pass_bonus 0 9.50 until 2026-02-28T00:00:00Z"]);
    let bonuses: Vec<_> = ANCHORS[..8].iter().map(|at| life.whole_month(at)).collect();
    let amounts: Vec<_> = bonuses.iter().map(|bonus| bonus.split(' ').nth(2).unwrap()).collect();
    assert_eq!(amounts, ["1.90", "2.85", "3.80", "4.75", "5.70", "6.65", "7.60", "7.60"]);
    assert_eq!(life.pass.streak, 9);
}

#[test]
fn who_had_a_pass_before_begins_lower() {
    let (mut life, _) = Life::begin("49", Monthly, false, START);
    assert_eq!(life.uses(START, "48"), ["pass_bonus 0 2.45 until 2026-02-28T00:00:00Z"]);
}

#[test]
fn the_bonus_unlocks_at_the_base_less_a_dollar_once() {
    let (mut life, _) = Life::begin("19", Monthly, true, START);
    assert!(life.uses("2026-02-01T00:00:00Z", "17.999999999").is_empty());
    assert_eq!(life.uses("2026-02-01T00:00:00Z", "18").len(), 1);
    assert!(life.uses("2026-02-01T00:00:00Z", "40").is_empty());
    assert_eq!(life.pass.counts(read("2026-02-02T00:00:00Z")), None);
}

#[test]
fn use_counts_from_the_grant_to_the_end_of_the_month() {
    let (mut life, _) = Life::begin("19", Monthly, true, START);
    let window = |life: &Life, at: &str| life.pass.counts(read(at)).map(|window| (window.start, window.end)).unwrap();
    let at = |text: &str| -> Instant { read(text) };
    assert_eq!(window(&life, "2026-02-10T00:00:00Z"), (at(START), at("2026-02-10T00:00:00Z")));
    assert_eq!(window(&life, "2026-03-10T00:00:00Z"), (at(START), at(ANCHORS[0])));
    // What was used before the end of the month unlocks its bonus, even where it is noticed with the renewal. The tier
    // and percentage are those of that month.
    life.does("2026-02-10T00:00:00Z", Command::Change { tier: read("199"), cadence: Yearly });
    life.used = read("18");
    let noticed = life.does("2026-02-28T00:00:05Z", Command::Advance);
    assert_eq!(noticed, ["pass_bonus 0 9.50 until 2026-03-28T00:00:05Z", "bill 1 2388.00"]);
}

#[test]
fn a_paid_year_is_granted_twelve_times_and_never_thirteen() {
    let (mut life, begun) = Life::begin("19", Yearly, true, START);
    assert_eq!(begun, ["pass_base 0 19.00"]);
    for (n, at) in ANCHORS[..11].iter().enumerate() {
        assert_eq!(life.does(at, Command::Advance), [format!("pass_base {} 19.00", n + 1)]);
        assert!(life.does(at, Command::Advance).is_empty(), "a second time");
        assert_eq!(life.uses(at, "18")[0].split(' ').nth(2), Some("9.50"), "a year has half on top every month");
    }
    assert_eq!(life.does(ANCHORS[11], Command::Advance), ["bill 12 228.00"]);
    assert!(life.does("2027-02-28T00:00:00Z", Command::Advance).is_empty(), "nothing before it is paid");
    assert_eq!(
        life.does("2027-02-28T00:00:00Z", Command::Paid { month: 12 }),
        ["pass_base 12 19.00", "pass_base 13 19.00"]
    );
    assert_eq!(life.pass.streak, 14);
}

#[test]
fn a_year_at_the_price_of_ten_months_ends_with_two_free_ones() {
    let rules = Catalog::over_defaults("pass.yearly_factor = 10").unwrap().pass;
    let facts = Facts { now: read(START), used: Amount::ZERO, rules: &rules };
    let (pass, begun) = begin(subscribe(None, read("19"), Yearly, &rules).unwrap(), true, &facts);
    let mut life = Life { pass, rules, used: Amount::ZERO };
    assert_eq!((in_words(&begun), life.pass.prepaid()), (vec!["pass_base 0 19.00".to_owned()], read("171")));
    for at in &ANCHORS[..8] {
        life.does(at, Command::Advance);
    }
    assert_eq!(life.pass.prepaid(), read("19"));
    assert_eq!(life.does(ANCHORS[8], Command::Advance), ["pass_base 9 19.00"]);
    // The catalog changes, and what was paid for does not.
    life.rules.yearly_factor = 12;
    assert_eq!(life.does(ANCHORS[9], Command::Advance), ["pass_base 10 19.00 free"]);
    assert_eq!(life.does(ANCHORS[10], Command::Advance), ["pass_base 11 19.00 free"]);
    assert_eq!(life.does(ANCHORS[11], Command::Advance), ["bill 12 228.00"]);
    assert_eq!(life.pass.prepaid(), Cents::ZERO, "it is not paid");
    life.does(ANCHORS[11], Command::Paid { month: 12 });
    assert_eq!(life.pass.prepaid(), read("209"));
}

#[test]
fn what_fell_due_meanwhile_is_done_in_order_up_to_the_next_payment() {
    let (mut life, _) = Life::begin("19", Yearly, true, START);
    let due = life.does("2027-06-30T00:00:00Z", Command::Advance);
    let bases: Vec<_> = (1..12).map(|month| format!("pass_base {month} 19.00")).collect();
    assert_eq!(due[..11], bases);
    assert_eq!(due[11..], ["bill 12 228.00"]);
}

#[test]
fn money_comes_once_and_only_for_its_term() {
    let (mut life, _) = Life::begin("19", Monthly, true, START);
    assert!(life.does(START, Command::Paid { month: 0 }).is_empty(), "paid already");
    life.does(ANCHORS[0], Command::Advance);
    assert_eq!(life.pass.status(), Status::PastDue);
    assert!(life.does(ANCHORS[0], Command::Paid { month: 0 }).is_empty(), "an old payment");
    assert_eq!(life.does("2026-03-02T11:00:00Z", Command::Paid { month: 1 }), ["pass_base 1 19.00"]);
    assert!(life.does("2026-03-02T11:00:00Z", Command::Paid { month: 1 }).is_empty());
    // The billing date stays, and so does the streak.
    assert_eq!((life.pass.term.end(), life.pass.streak), (read(ANCHORS[1]), 2));
}

#[test]
fn a_year_whose_money_was_taken_back_grants_nothing_more() {
    let (mut life, _) = Life::begin("19", Yearly, true, START);
    assert!(life.does("2026-02-10T00:00:00Z", Command::TakenBack { month: 12 }).is_empty(), "not that term");
    let ended = life.does("2026-02-10T00:00:00Z", Command::TakenBack { month: 0 });
    assert_eq!(ended, ["end Lapse 2026-02-10T00:00:00Z"]);
    assert_eq!((life.pass.prepaid(), life.pass.status()), (Cents::ZERO, Status::Ended));
    assert!(life.does("2027-03-01T00:00:00Z", Command::Advance).is_empty());
    // A month that was granted whole is nothing to be taken from it: its credits are the books' affair.
    let (mut life, _) = Life::begin("19", Monthly, true, START);
    assert!(life.does("2026-02-10T00:00:00Z", Command::TakenBack { month: 0 }).is_empty());
    assert_eq!(life.pass.status(), Status::Active);
}

#[test]
fn a_lapse_starts_the_streak_again() {
    let (mut life, _) = Life::begin("19", Monthly, true, START);
    life.does(ANCHORS[0], Command::Advance);
    assert!(life.does("2026-03-03T00:00:00Z", Command::Lapse { month: 0 }).is_empty(), "not that term");
    let ended = life.does("2026-03-03T00:00:00Z", Command::Lapse { month: 1 });
    assert_eq!(ended, ["end Lapse 2026-03-03T00:00:00Z"]);
    assert!(life.does("2026-04-30T00:00:00Z", Command::Advance).is_empty(), "nothing is due any more");
    assert_eq!(code(life.after("2026-04-30T00:00:00Z", Command::Cancel)), "subscription_required");
    assert_eq!(subscribe(Some(&life.pass), read("19"), Monthly, &life.rules).unwrap().price, read("19"));
    // Money that comes after all is not kept for nothing; the first month is over all the same.
    assert_eq!(life.does("2026-03-04T00:00:00Z", Command::Paid { month: 1 }), ["pass_base 1 19.00"]);
    assert_eq!(life.pass.status(), Status::Active);
    assert_eq!(life.uses("2026-03-04T00:00:00Z", "18")[0].split(' ').nth(2), Some("0.95"));
}

#[test]
fn changes_come_at_the_end_of_the_period_and_can_be_undone_until_then() {
    let (mut life, _) = Life::begin("19", Monthly, true, START);
    let larger = Command::Change { tier: read("49"), cadence: Monthly };
    assert!(life.does(START, larger).is_empty());
    assert!(life.does(START, larger).is_empty(), "the same again is well");
    assert_eq!(code(life.after(START, Command::Change { tier: read("199"), cadence: Monthly })), "change_pending");
    assert_eq!(life.pass.tier, read("19"));
    life.does(START, Command::Resume);
    assert_eq!(life.pass.scheduled, None);
    life.does(START, larger);
    // Back to what it is takes the change back, too.
    life.does(START, Command::Change { tier: read("19"), cadence: Monthly });
    assert_eq!(life.pass.scheduled, None);
    life.does(START, larger);
    assert_eq!(life.does(ANCHORS[0], Command::Advance), ["bill 1 49.00"]);
    assert_eq!(life.does(ANCHORS[0], Command::Paid { month: 1 }), ["pass_base 1 49.00"]);
    // The streak goes on: ten percent of the larger tier.
    assert_eq!(life.uses(ANCHORS[0], "48")[0].split(' ').nth(2), Some("4.90"));
    life.does(ANCHORS[0], Command::Change { tier: read("19"), cadence: Yearly });
    assert_eq!(life.does(ANCHORS[1], Command::Advance), ["bill 2 228.00"]);
    assert_eq!(life.pass.term.end(), read("2027-03-31T00:00:00Z"), "the anchor keeps its day");
}

#[test]
fn a_cancelled_pass_ends_with_its_period() {
    let (mut life, _) = Life::begin("19", Monthly, true, START);
    life.does(START, Command::Change { tier: read("49"), cadence: Monthly });
    life.does(START, Command::Cancel);
    assert_eq!(life.pass.scheduled, Some(Scheduled::Cancel));
    assert_eq!(code(life.after(START, Command::Change { tier: read("49"), cadence: Monthly })), "change_pending");
    life.does(START, Command::Resume);
    life.does(START, Command::Cancel);
    assert!(life.does("2026-02-27T23:59:59.999999Z", Command::Advance).is_empty());
    let late = "2026-03-15T00:00:00Z";
    assert_eq!(life.does(late, Command::Advance), ["end Cancellation 2026-02-28T00:00:00Z"]);
    assert_eq!(life.pass.ended.unwrap().why, EndedBy::Cancellation);
    // News of the term that was paid long ago brings nothing back.
    let ended = life.pass.clone();
    assert!(life.does(late, Command::Paid { month: 0 }).is_empty());
    assert_eq!(life.pass, ended);
}

#[test]
fn who_cancels_an_unpaid_term_does_not_pay_it() {
    let (mut life, _) = Life::begin("19", Monthly, true, START);
    life.does(ANCHORS[0], Command::Advance);
    let at = "2026-03-01T00:00:00Z";
    assert_eq!(life.does(at, Command::Cancel), ["end Cancellation 2026-03-01T00:00:00Z"]);
    // Unless the money was on its way: then it brings what it paid for, and the pass ends behind that.
    assert_eq!(life.does(at, Command::Paid { month: 1 }), ["pass_base 1 19.00"]);
    assert_eq!(life.does(ANCHORS[1], Command::Advance), ["end Cancellation 2026-03-31T00:00:00Z"]);
}

#[test]
fn what_cannot_be_is_refused() {
    let (life, _) = Life::begin("19", Monthly, true, START);
    assert_eq!(code(subscribe(Some(&life.pass), read("19"), Monthly, &life.rules)), "subscription_exists");
    let unknown = subscribe(None, read("20"), Monthly, &life.rules).unwrap_err();
    assert_eq!(unknown.code(), "tier_unknown");
    assert_eq!(unknown.to_string(), "there is no tier 20.00; the tiers are 19.00, 49.00, 199.00");
    assert_eq!(subscribe(None, read("49"), Yearly, &life.rules).unwrap().price, read("588"));
    let mut life = life;
    assert_eq!(code(life.after(START, Command::Change { tier: Cents::ZERO, cadence: Monthly })), "tier_unknown");
}

#[test]
fn the_page_says_where_one_stands() {
    let (mut life, _) = Life::begin("19", Monthly, true, START);
    let page = life.pass.figures(read("4.5"), &life.rules);
    assert_eq!(
        (page.status, page.streak, page.percent, page.bonus),
        (Status::Active, 1, Percent::whole(50), read("9.50"))
    );
    assert_eq!((page.needed, page.used, page.is_bonus_granted), (read("18"), read("4.50"), false));
    assert_eq!(page.renews_at, Some(read(ANCHORS[0])));
    let next = page.next.unwrap();
    assert_eq!(
        (next.at, next.base, next.percent, next.bonus),
        (read(ANCHORS[0]), read("19"), Percent::whole(10), read("1.90"))
    );

    life.uses(START, "18");
    let page = life.pass.figures(Amount::ZERO, &life.rules);
    assert_eq!((page.used, page.is_bonus_granted), (read("18"), true));

    life.does(START, Command::Change { tier: read("49"), cadence: Yearly });
    let next = life.pass.figures(Amount::ZERO, &life.rules).next.unwrap();
    assert_eq!((next.base, next.percent, next.bonus), (read("49"), Percent::whole(50), read("24.50")));

    life.does(START, Command::Cancel);
    let page = life.pass.figures(Amount::ZERO, &life.rules);
    assert_eq!((page.renews_at, page.next), (None, None));

    life.does(START, Command::Resume);
    life.does(ANCHORS[0], Command::Advance);
    let page = life.pass.figures(Amount::ZERO, &life.rules);
    assert_eq!((page.status, page.renews_at), (Status::PastDue, Some(read(ANCHORS[0]))));
    assert_eq!((page.month.unwrap().start, page.next.unwrap().at), (read(START), read(ANCHORS[0])));
}

#[test]
fn what_is_kept_reads_back() {
    let (mut life, _) = Life::begin("19", Yearly, true, "2028-02-29T23:59:59.999999Z");
    life.does("2028-02-29T23:59:59.999999Z", Command::Change { tier: read("199"), cadence: Monthly });
    let text = serde_json::to_string(&life.pass).unwrap();
    assert_eq!(serde_json::from_str::<Pass>(&text).unwrap(), life.pass, "{text}");
}
