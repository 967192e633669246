//! Lives that hang on the day on which something is renewed: a pass in the middle of its month, and terms that were not
//! paid. They are counted back from the end of the year, and one that does not fit into it is left out whole.

use units::{Instant, Seconds};

/// The people behind them, and what they are called.
pub const JONAS: &str = "jonas";
pub const KIM: &str = "kim";
pub const LEA: &str = "lea";

const GOOD: &str = "4242424242424242";
/// It is saved, and every payment is declined.
const DECLINED: &str = "4000000000000341";
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// All of them, as far as they fit.
pub fn all(first: Instant, now: Instant) -> impl Iterator<Item = (Instant, String)> {
    let settled = first.plus(Seconds(3 * DAY));
    let lives = [pass_of_ana(now), pass_unpaid(now), grace(now), suspended(now)];
    lives.into_iter().filter(move |life| life.iter().all(|(at, _)| *at >= settled)).flatten()
}

type Life = Vec<(Instant, String)>;

/// In its ninth month, two weeks of which are left.
fn pass_of_ana(now: Instant) -> Life {
    let begin = months_before(now.plus(Seconds(-17 * DAY)), 8);
    vec![(begin, r#"do = "pass_subscribe", user = "ana", tier = 19, cadence = "monthly""#.to_owned())]
}

/// A pass whose third month was not paid.
fn pass_unpaid(now: Instant) -> Life {
    let renewal = now.plus(Seconds(-12 * HOUR));
    let begin = months_before(renewal, 2);
    let mut life = told(
        begin,
        &[
            format!(r#"do = "sign_up", user = "{LEA}", country = "FR""#),
            format!(r#"do = "add_card", wallet = "{LEA}", card = "{GOOD}""#),
            format!(r#"do = "pass_subscribe", user = "{LEA}", tier = 49, cadence = "monthly""#),
        ],
    );
    life.push((renewal.plus(Seconds(-5 * DAY)), format!(r#"do = "add_card", wallet = "{LEA}", card = "{DECLINED}""#)));
    for day in (2..56).step_by(3) {
        let what = "model = \"google/gemini-2.5-pro\", input = 14000, output = 2600, times = 90";
        life.push((
            begin.plus(Seconds(day * DAY)),
            format!(r#"do = "use", wallet = "{LEA}", by = "{LEA}", {what}, project = "thesis""#),
        ));
    }
    life
}

/// An organization whose renewal failed half a day ago.
fn grace(now: Instant) -> Life {
    organization(now.plus(Seconds(-12 * HOUR)), JONAS, "Paper Lantern", 4)
}

/// One whose renewal failed a week ago.
fn suspended(now: Instant) -> Life {
    organization(now.plus(Seconds(-7 * DAY)), KIM, "Slow Tide", 2)
}

/// An organization whose second renewal, at about this moment, is declined.
fn organization(renewal: Instant, owner: &str, name: &str, seats: u32) -> Life {
    let begin = months_before(renewal, 2);
    let mut life = told(
        begin,
        &[
            format!(r#"do = "sign_up", user = "{owner}", country = "DK""#),
            format!(r#"do = "create_org", org = "{name}", owner = "{owner}""#),
            format!(r#"do = "add_card", wallet = "{name}", card = "{GOOD}""#),
            format!(r#"do = "buy_credits", wallet = "{name}", amount = "100.00", by = "{owner}""#),
            format!(
                r#"do = "subscribe_seats", org = "{name}", plan = "teams", cadence = "monthly", seats = {seats}, by = "{owner}""#
            ),
        ],
    );
    life.push((renewal.plus(Seconds(-5 * DAY)), format!(r#"do = "add_card", wallet = "{name}", card = "{DECLINED}""#)));
    for day in (1..58).step_by(2) {
        let what = "model = \"anthropic/claude-haiku-4.5\", input = 11000, output = 1900, times = 90";
        let at = begin.plus(Seconds(day * DAY));
        life.push((at, format!(r#"do = "use", wallet = "{name}", by = "{owner}", {what}, project = "lanterns""#)));
    }
    life
}

fn told(at: Instant, all: &[String]) -> Life {
    all.iter().map(|what| (at, what.clone())).collect()
}

/// The last moment that comes round after so many months not later than at this one: some days earlier where a month
/// has no such day.
fn months_before(at: Instant, months: u32) -> Instant {
    let usual = i64::from(months) * 30;
    let mut days = (usual - 5)..=(usual + 8);
    let found = days.find_map(|days| {
        let begin = at.plus(Seconds(-days * DAY));
        (begin.plus_months(months) <= at).then_some(begin)
    });
    found.expect("so many months have at most eight days more than thirty each")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_ends_shortly_before_its_moment() {
        let mut at: Instant = "2027-01-01T09:00:00Z".parse().unwrap();
        for _ in 0..800 {
            // Two days at most, so that what should be due for half a day is still in its three days of grace.
            for (months, most) in [(2, 2), (8, 3)] {
                let late = at.micros() - months_before(at, months).plus_months(months).micros();
                assert!((0..=most * DAY * 1_000_000).contains(&late), "{at} {months}");
            }
            at = at.plus(Seconds(DAY));
        }
    }
}
