//! What was used: by day, model, project and person, from the rollups that are written with each charge.

mod table;
use table::{Sum, Table, table};

mod export;
use export::as_csv;

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::{extract::State, response::Response};
use billing::role::Action;
use serde::Deserialize;
use store::UsageDailyRow;
use units::{Amount, Day, UserId};

use super::{
    chart, html,
    overview::Shown,
    place::{Frame, Place},
    sorry,
    words::grouped,
};
use crate::{extract::Asked, problem::Problem, site::Site, visit::Visit};

#[derive(Template)]
#[template(path = "usage.html")]
struct UsagePage {
    frame: Frame,
    periods: Vec<Period>,
    /// Whether one may look at the whole team, and whether one does.
    team: Option<Team>,
    is_empty: bool,
    spent: Shown,
    requests: String,
    average: Shown,
    input: String,
    cached: String,
    output: String,
    people: usize,
    chart: String,
    tables: Vec<Table>,
    csv: String,
    from: Day,
    until: Day,
}

struct Period {
    to: String,
    words: &'static str,
    is_chosen: bool,
}

struct Team {
    to: String,
    is_only_mine: bool,
}

#[derive(Default, Deserialize)]
pub(super) struct Question {
    days: Option<String>,
    only: Option<String>,
    format: Option<String>,
}

/// Days back from today, with today; 0 for everything.
const PERIODS: [(u32, &str); 4] = [(7, "Past week"), (30, "Past month"), (365, "Past year"), (0, "All time")];
const USUAL: u32 = 30;
/// The longest chart; of more days the latest are drawn.
const MOST_BARS: usize = 366;
pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Asked(question): Asked<Question>,
) -> Response {
    match answer(&site, &visit, &place, &question).await {
        Ok(response) => response,
        Err(problem) => sorry(&problem),
    }
}

async fn answer(site: &Site, visit: &Visit, place: &Place, question: &Question) -> Result<Response, Problem> {
    place.require(Action::SeeUsageTotals)?;
    let days = question.days.as_deref().and_then(|text| text.parse().ok()).unwrap_or(USUAL);
    let days = if PERIODS.iter().any(|(known, _)| *known == days) { days } else { USUAL };
    let until = visit.context.now.day().next();
    let from = match days {
        0 => Day::from_number(0),
        days => Day::from_number(until.number() - i32::try_from(days).unwrap_or(0)),
    };
    let sees_people = place.may(Action::SeeUsageOfPeople);
    let is_only_mine = question.only.as_deref() == Some("mine");
    let mut rows = site.services.store.reader().list_usage_daily(place.wallet, from, until).await?;
    if is_only_mine {
        rows.retain(|row| row.user.is_some() && row.user == place.caller.who.user());
    }
    let from = match days {
        0 => rows.first().map_or(until, |row| row.day),
        _ => from,
    };
    let base = format!("{}/usage", place.base());
    let only = if is_only_mine { "&only=mine" } else { "" };
    if question.format.as_deref() == Some("csv") {
        return Ok(as_csv(&rows, sees_people || is_only_mine));
    }
    let people = names(site, place, &rows, sees_people && !is_only_mine).await?;
    let sum = rows.iter().fold(Sum::default(), Sum::with);
    let mut tables = vec![
        table("By model", &rows, true, |row| named(&row.model, "without a model")),
        table("By provider", &rows, false, |row| named(&row.provider, "without a provider")),
        table("By project", &rows, false, |row| named(&row.project, "without a project")),
    ];
    if sees_people && !is_only_mine && place.organization.is_some() {
        let name = |row: &UsageDailyRow| row.user.and_then(|user| people.get(&user).cloned());
        tables.push(table("By person", &rows, false, |row| name(row).unwrap_or_else(|| "nobody by name".to_owned())));
    }
    tables.push(table("By day", &rows, false, |row| row.day.to_string()));
    let average = sum.spent.nanos().checked_div(i64::try_from(sum.requests).unwrap_or(i64::MAX)).unwrap_or(0);
    let page = UsagePage {
        frame: place.frame("/usage"),
        periods: PERIODS
            .map(|(known, words)| Period { to: format!("{base}?days={known}{only}"), words, is_chosen: known == days })
            .into(),
        team: place.organization.as_ref().map(|_| Team {
            to: format!("{base}?days={days}{}", if is_only_mine { "" } else { "&only=mine" }),
            is_only_mine,
        }),
        is_empty: sum.requests == 0,
        spent: Shown::of(sum.spent),
        requests: grouped(sum.requests),
        average: Shown::of(Amount::from_nanos(average)),
        input: grouped(sum.input),
        cached: grouped(sum.cached),
        output: grouped(sum.output),
        people: rows.iter().filter_map(|row| row.user).collect::<BTreeSet<_>>().len(),
        chart: chart::bars(&by_day(&rows, from, until), "Spent by day"),
        tables,
        csv: format!("{base}?days={days}{only}&format=csv"),
        from,
        until: Day::from_number(until.number() - 1),
    };
    Ok(html(&page))
}

/// What was spent on each day, also where it is nothing.
fn by_day(rows: &[UsageDailyRow], from: Day, until: Day) -> Vec<(Day, Amount)> {
    let mut spent: BTreeMap<Day, Amount> = BTreeMap::new();
    for row in rows {
        let sum = spent.entry(row.day).or_default();
        *sum = sum.checked_add(row.debited).unwrap_or(Amount::MAX);
    }
    let mut days = Vec::new();
    let mut day = from.max(Day::from_number(until.number() - i32::try_from(MOST_BARS).unwrap_or(0)));
    while day < until {
        days.push((day, spent.get(&day).copied().unwrap_or_default()));
        day = day.next();
    }
    days
}

/// The people who stand in the rows, by what they are called.
async fn names(
    site: &Site,
    place: &Place,
    rows: &[UsageDailyRow],
    is_wanted: bool,
) -> Result<BTreeMap<UserId, String>, Problem> {
    let mut names = BTreeMap::new();
    if !is_wanted || place.organization.is_none() {
        return Ok(names);
    }
    for user in rows.iter().filter_map(|row| row.user).collect::<BTreeSet<_>>() {
        if let Some(row) = site.services.store.reader().find_user(user).await? {
            names.insert(user, row.email.unwrap_or(row.name));
        }
    }
    Ok(names)
}

fn named(text: &str, otherwise: &str) -> String {
    if text.is_empty() { otherwise.to_owned() } else { text.to_owned() }
}
