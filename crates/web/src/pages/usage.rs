//! What was used: by day, model, project and person, from the rollups that are written with each charge.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use billing::role::Action;
use http::{HeaderValue, header};
use operations::csv;
use serde::Deserialize;
use store::UsageDailyRow;
use units::{Amount, ApiKeyId, Day, UserId};

use super::{
    chart, html,
    overview::Shown,
    place::{Frame, Place},
    sorry,
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

struct Table {
    title: &'static str,
    rows: Vec<Line>,
    is_open: bool,
}

struct Line {
    name: String,
    sum: Sum,
    spent: Shown,
    /// Of the most in its table, in a hundred steps.
    percent: u8,
}

/// What a number of charges add up to.
#[derive(Clone, Copy, Default)]
struct Sum {
    spent: Amount,
    requests: u64,
    input: u64,
    cached: u64,
    output: u64,
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
/// Rows of a table that the page shows.
const MOST_ROWS: usize = 50;

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

fn table(title: &'static str, rows: &[UsageDailyRow], is_open: bool, name: impl Fn(&UsageDailyRow) -> String) -> Table {
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry(name(row)).or_default();
        *sum = sum.with(row);
    }
    let mut sums: Vec<(String, Sum)> = sums.into_iter().collect();
    match title {
        "By day" => sums.reverse(),
        _ => sums.sort_by(|(one, a), (other, b)| b.spent.cmp(&a.spent).then(one.cmp(other))),
    }
    let most = sums.iter().map(|(_, sum)| sum.spent.nanos()).max().unwrap_or(0).max(1);
    let line = |(name, sum): (String, Sum)| {
        let share = i128::from(sum.spent.nanos()) * 100 / i128::from(most);
        Line { name, spent: Shown::of(sum.spent), percent: u8::try_from(share.clamp(0, 100)).unwrap_or(100), sum }
    };
    Table { title, rows: sums.into_iter().take(MOST_ROWS).map(line).collect(), is_open }
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

/// The rows as they are kept; who used what only for who may see it.
fn as_csv(rows: &[UsageDailyRow], with_people: bool) -> Response {
    let mut text = csv::line(&[
        "day",
        "model",
        "provider",
        "project",
        "user",
        "api_key",
        "requests",
        "input",
        "cache_read",
        "cache_write",
        "output",
        "reasoning",
        "cost",
        "debited",
    ]);
    let id = |id: Option<String>| id.filter(|_| with_people).unwrap_or_default();
    for row in rows {
        let numbers = [row.requests, row.input, row.cache_read, row.cache_write, row.output, row.reasoning];
        let numbers = numbers.map(|number| number.to_string());
        let (day, cost, debited) = (row.day.to_string(), row.cost.to_string(), row.debited.to_string());
        let (user, key) = (id(row.user.map(|id| id.to_string())), id(row.api_key.map(|id: ApiKeyId| id.to_string())));
        let mut cells = vec![day.as_str(), &row.model, &row.provider, &row.project, &user, &key];
        cells.extend(numbers.iter().map(String::as_str));
        cells.extend([cost.as_str(), &debited]);
        text.push_str(&csv::line(&cells));
    }
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"usage.csv\"")),
    ];
    (headers, text).into_response()
}

fn named(text: &str, otherwise: &str) -> String {
    if text.is_empty() { otherwise.to_owned() } else { text.to_owned() }
}

/// 1234567 as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl Sum {
    fn with(self, row: &UsageDailyRow) -> Self {
        Self {
            spent: self.spent.checked_add(row.debited).unwrap_or(Amount::MAX),
            requests: self.requests.saturating_add(row.requests),
            input: self.input.saturating_add(row.input),
            cached: self.cached.saturating_add(row.cache_read),
            output: self.output.saturating_add(row.output),
        }
    }
}

impl Line {
    fn requests(&self) -> String {
        grouped(self.sum.requests)
    }

    fn tokens(&self) -> String {
        grouped(self.sum.input.saturating_add(self.sum.output))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let shown = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567"]);
    }
}
