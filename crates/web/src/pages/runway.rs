//! How long the credits of a wallet last, told and drawn.

use billing::{
    dunning::State as Standing,
    runway::{HORIZON_DAYS, Pace, Runway, recent_days},
    seat::Access,
    top_up::State,
};
use ledger::Wallet;
use operations::dunning;
use units::{Amount, Cents, Day, Instant, Seconds};

use super::{
    chart::{self, Bar},
    place::Place,
    words::{Said, dollars, money, on_day},
};
use crate::{problem::Problem, site::Site, visit::Visit};

/// How long they last.
pub(super) struct RunwayShown {
    pub(super) said: Vec<Said>,
    /// Absent where so little is to come that a sentence says it all.
    pub(super) chart: Option<String>,
    /// What the colours of the chart stand for, when it has more than one.
    pub(super) legend: Vec<&'static str>,
}

/// No chart has more bars than can be walked through by key.
const MOST_BARS: i32 = 31;
/// A chart of fewer would show nothing.
const FEWEST_BARS: usize = 3;
/// So many expiries are told one by one.
const EXPIRIES: usize = 3;

/// Of a wallet with something to spend. What is read for it is as much whatever the wallet has lived through.
pub(super) async fn of(
    site: &Site,
    visit: &Visit,
    place: &Place,
    books: &Wallet,
) -> Result<Option<RunwayShown>, Problem> {
    let (reader, now) = (site.services.store.reader(), visit.context.now);
    if books.available(now).is_zero() {
        return Ok(None);
    }
    let days = recent_days(reader.find_first_day(place.wallet).await?, now.day());
    let pace = Pace::of(reader.sum_spent(place.wallet, days.clone()).await?, days.clone());
    let is_stopped = is_stopped(site, visit, place).await?;
    let pace = if is_stopped { Pace { spent: Amount::ZERO, ..pace } } else { pace };
    let tops_up = reader.find_top_up(place.wallet).await?;
    let tops_up = tops_up.is_some_and(|row| State::from_names(&row.state, row.pause.as_deref()) == Some(State::On));
    let runway = Runway::of(books.grants(), pace, now);
    let bars = bars(&runway, now);
    let legend = if runway.expiries.is_empty() { vec!["available"] } else { vec!["used or kept", "expires unused"] };
    let names: Vec<String> = legend.iter().map(|&name| name.to_owned()).collect();
    let last = bars.last().map_or("", |bar| bar.label.as_str());
    let label = format!("Available, now {}, until {last}", money(runway.at(now)));
    Ok(Some(RunwayShown {
        chart: (bars.len() >= FEWEST_BARS).then(|| chart::bars(&bars, &names, &label)),
        said: said(&runway, pace, (&days, now.day()), is_stopped, tops_up),
        legend: if legend.len() > 1 { legend } else { Vec::new() },
    }))
}

/// Whether requests are refused, whatever is available.
async fn is_stopped(site: &Site, visit: &Visit, place: &Place) -> Result<bool, Problem> {
    let (services, now) = (&site.services, visit.context.now);
    let catalog = services.catalog.current();
    let standing = dunning::status(services.store.reader(), &catalog, place.wallet, now).await?;
    let is_without_plan = place
        .organization
        .as_ref()
        .is_some_and(|row| matches!(row.seating.access(catalog.dunning.grace_days, now), Access::Required));
    let owes = matches!(standing, Standing::Suspended { .. } | Standing::Purged { .. });
    Ok(owes || is_without_plan || place.suspension.is_some())
}

fn said(
    runway: &Runway,
    pace: Pace,
    (days, today): (&std::ops::Range<Day>, Day),
    is_stopped: bool,
    tops_up: bool,
) -> Vec<Said> {
    let lately = match (pace.days, days.start < today) {
        (_, false) => "today so far".to_owned(),
        (1, true) => "yesterday".to_owned(),
        (days, true) => format!("the last {days} days"),
    };
    let mut said = Vec::new();
    said.push(match (is_stopped, pace.spent.is_zero(), runway.ends) {
        (true, ..) => "Requests are refused now, so that nothing is spent.".into(),
        (false, true, _) if days.start < today => {
            format!("Nothing was spent in {lately}, so that there is no pace to go by.").into()
        }
        (false, true, _) => "Nothing was spent yet, so that there is no pace to go by.".into(),
        (false, false, ends) => {
            let pace = format!("At the pace of {lately}, {} a day, these credits last ", about(pace.a_day()));
            match ends {
                Some(end) => Said::from(pace).then("until about ").then(on_day(end)).then("."),
                None => Said::from(pace).then(format!("longer than {HORIZON_DAYS} days.")),
            }
        }
    });
    for expiry in runway.expiries.iter().take(EXPIRIES) {
        let amount = about(expiry.amount);
        said.push(Said::from(format!("{amount} would expire unused on ")).then(on_day(expiry.at)).then("."));
    }
    if let more @ 1.. = runway.expiries.len().saturating_sub(EXPIRIES) {
        said.push(format!("{more} more would expire unused after that.").into());
    }
    if tops_up {
        said.push("Auto top-up is on and buys more before they run out; this is how it goes without.".into());
    }
    said
}

/// Whole cents of what is only foretold, rounded down; all places of what is less than one.
fn about(amount: Amount) -> String {
    match amount.to_cents_floor() {
        Cents::ZERO => money(amount),
        cents => dollars(cents),
    }
}

/// What is available now and as days begin, up to the first that has nothing.
fn bars(runway: &Runway, now: Instant) -> Vec<Bar> {
    let horizon = now.plus(Seconds::from_days(HORIZON_DAYS));
    let last = match runway.ends {
        Some(end) if end > end.day().start() => end.day().next(),
        Some(end) => end.day(),
        None => horizon.day(),
    };
    let ahead = last.number() - now.day().number();
    let step = ((ahead + MOST_BARS - 2) / (MOST_BARS - 1)).max(1);
    let days = (1..).map(|count| now.day().number() + count * step);
    let days = days.take_while(|number| *number < last.number() + step).map(Day::from_number);
    let bar = |label: String, moment: Instant| {
        let (available, unused) = (runway.at(moment), runway.expiring(moment));
        let parts = match runway.expiries.is_empty() {
            true => vec![available],
            false => vec![available.checked_sub(unused).unwrap_or(Amount::ZERO), unused],
        };
        Bar { label, parts }
    };
    let first = bar("now".to_owned(), now);
    std::iter::once(first).chain(days.map(|day| bar(day.to_string(), day.start()))).collect()
}

#[cfg(test)]
mod tests {
    use ledger::{Grant, Marks, Source};

    use super::*;

    fn grant(index: u32, dollars: i64, expires_at: Option<&str>) -> Grant {
        let amount = Amount::from_dollars(dollars);
        Grant {
            id: format!("grt_{index:032x}").parse().unwrap(),
            source: Source::Purchase,
            amount,
            left: amount,
            held: Amount::ZERO,
            marks: Marks::default(),
            paid: true,
            effective_at: Instant::EPOCH,
            expires_at: expires_at.map(|text| text.parse().unwrap()),
        }
    }

    fn told(grants: &[Grant], spent: i64, days: u32, is_stopped: bool) -> (Vec<String>, Vec<Bar>) {
        let now: Instant = "2028-02-20T18:00:00Z".parse().unwrap();
        let pace = Pace { spent: Amount::from_dollars(spent), days };
        let runway = Runway::of(grants, pace, now);
        let first = Day::from_number(now.day().number() - i32::try_from(days).unwrap());
        let said = said(&runway, pace, (&(first..now.day()), now.day()), is_stopped, false);
        let plain = said.iter().map(|said| said.to_string().split(['<', '>']).step_by(2).collect()).collect();
        (plain, bars(&runway, now))
    }

    #[test]
    fn it_ends_at_the_first_day_without_anything() {
        let (said, bars) = told(&[grant(1, 10, None)], 30, 30, false);
        assert_eq!(said, ["At the pace of the last 30 days, $1.00 a day, these credits last until about 2028-03-01."]);
        let labels: Vec<&str> = bars.iter().map(|bar| bar.label.as_str()).collect();
        assert_eq!((labels[0], labels[1], labels[10], labels.len()), ("now", "2028-02-21", "2028-03-01", 12));
        assert_eq!(bars[1].parts, ["9.75".parse().unwrap()]);
        assert_eq!((bars[10].parts[0], bars[11].parts[0]), ("0.75".parse().unwrap(), Amount::ZERO));
    }

    #[test]
    fn what_expires_is_told_and_drawn_apart() {
        let grants = [grant(1, 200, None), grant(2, 10, Some("2028-02-25T12:00:00Z"))];
        let (said, bars) = told(&grants, 30, 30, false);
        assert_eq!(said[0], "At the pace of the last 30 days, $1.00 a day, these credits last longer than 90 days.");
        assert_eq!(said[1], "$5.25 would expire unused on 2028-02-25.");
        assert_eq!(bars[0].parts.iter().map(Amount::to_string).collect::<Vec<_>>(), ["204.75", "5.25"]);
        assert!(bars.len() <= 32 && bars[2].parts[1].is_zero(), "each is of three days");
    }

    #[test]
    fn without_a_pace_nothing_is_foretold() {
        let (said, bars) = told(&[grant(1, 10, None)], 0, 30, false);
        assert_eq!(said, ["Nothing was spent in the last 30 days, so that there is no pace to go by."]);
        assert!(bars.iter().all(|bar| bar.parts == [Amount::from_dollars(10)]));
        let (said, _) = told(&[grant(1, 10, None)], 0, 30, true);
        assert_eq!(said, ["Requests are refused now, so that nothing is spent."]);
        let (said, bars) = told(&[grant(1, 10, None)], 400, 1, false);
        assert_eq!(said, ["At the pace of yesterday, $400.00 a day, these credits last until about 2028-02-20."]);
        assert!(bars.len() < FEWEST_BARS);
    }
}
