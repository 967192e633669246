//! What was used: by day and model, provider, project and person, from the rollups that are written with each charge.

mod export;

mod request;
pub(super) use request::show as show_request;

mod requests;
pub(super) use requests::list as list_requests;

mod spans;
mod table;

use std::{cmp::Ordering, ops::Range};

use askama::Template;
use axum::{extract::State, response::Response};
use billing::role::Action;
use futures_util::try_join;
use serde::Deserialize;
use store::UsageSumRow;
use units::{Amount, Day, UserId, WalletId};

use self::{
    export::as_csv,
    spans::Spans,
    table::{By, Columns, Table, table},
};
use super::{
    chart, html,
    overview::Shown,
    place::{Frame, Place},
    sorry,
    sort::{Heading, Sort},
    words::grouped,
};
use crate::{extract::Asked, problem::Problem, site::Site, visit::Visit};

#[derive(Template)]
#[template(path = "usage.html")]
struct UsagePage {
    frame: Frame,
    periods: Vec<Choice>,
    /// Whether one may look at the whole team, and whether one does.
    team: Option<Choice>,
    splits: Vec<Choice>,
    is_empty: bool,
    spent: Shown,
    requests: String,
    average: Shown,
    input: String,
    cached: String,
    output: String,
    people: Option<String>,
    each: &'static str,
    chart: String,
    /// What the colours of the chart stand for.
    legend: Vec<String>,
    table: Table,
    headings: Vec<Heading>,
    csv: String,
    /// Where the single requests are, for whoever may see them.
    each_request: Option<String>,
    from: Day,
    until: Day,
}

struct Choice {
    to: String,
    words: &'static str,
    is_chosen: bool,
}

#[derive(Default, Deserialize)]
pub(super) struct Question {
    days: Option<String>,
    only: Option<String>,
    by: Option<String>,
    sort: Option<String>,
    format: Option<String>,
}

/// What one looks at.
#[derive(Clone, Copy)]
struct View {
    days: u32,
    is_only_mine: bool,
    by: By,
    sort: Sort<Columns>,
}

/// Of which usage a table is.
struct Of {
    wallet: WalletId,
    days: Range<Day>,
    user: Option<UserId>,
}

/// What a split has of its own.
struct Split {
    table: Option<Table>,
    people: Option<u64>,
}

/// Days back from today, with today; 0 for everything.
const PERIODS: [(u32, &str); 4] = [(7, "Past week"), (30, "Past month"), (365, "Past year"), (0, "All time")];
const USUAL: u32 = 30;
/// Models that have a colour of their own in the chart. The others share one.
const COLOURS: usize = 5;

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
    let sees_people = place.may(Action::SeeUsageOfPeople);
    let is_only_mine = question.only.as_deref() == Some("mine");
    let has_people = sees_people && !is_only_mine && place.organization.is_some();
    let splits = || By::ALL.into_iter().filter(|by| has_people || *by != By::Person);
    let by = splits().find(|by| question.by.as_deref() == Some(by.name())).unwrap_or_default();
    let sort = Sort::read(question.sort.as_deref(), by.usual());
    let view = View { days, is_only_mine, by, sort };
    let until = visit.context.now.day().next();
    let from = match days {
        0 => Day::from_number(0),
        days => Day::from_number(until.number() - i32::try_from(days).unwrap_or(0)),
    };
    let reader = site.services.store.reader();
    let user = if is_only_mine { place.caller.who.user() } else { None };
    let of = Of { wallet: place.wallet, days: from..until, user };
    if question.format.as_deref() == Some("csv") {
        let mut rows = reader.list_usage_daily(place.wallet, from, until).await?;
        rows.retain(|row| !is_only_mine || row.user.is_some() && row.user == user);
        return Ok(as_csv(&rows, sees_people || is_only_mine));
    }
    // Each is a walk over the same rows, and they need not wait for each other.
    let by_model = async {
        match is_only_mine && user.is_none() {
            // A key of an organization is nobody's, and nothing is only its own.
            true => Ok(Vec::new()),
            false => Ok(reader.sum_usage_by_model(place.wallet, from..until, user).await?),
        }
    };
    let people = async {
        match place.organization {
            // The split counts them as well.
            Some(_) if by == By::Person => Ok(None),
            Some(_) if !is_only_mine => Ok(Some(reader.count_users(place.wallet, from..until).await?)),
            _ => Ok(None),
        }
    };
    let (used, people, split) = try_join!(by_model, people, split(site, view, of))?;
    let people = people.or(split.people);
    let from = match days {
        0 => used.first().map_or(until, |(day, ..)| *day),
        _ => from,
    };
    let total = used.iter().fold(UsageSumRow::default(), |sum, (.., total)| sum.plus(*total));
    let average = total.debited.nanos().checked_div(i64::try_from(total.requests).unwrap_or(i64::MAX)).unwrap_or(0);
    let (each, legend, chart) = drawn(&used, from, until);
    let table = split.table.unwrap_or_else(|| from_models(view, used));
    let mut headings = sort.headings(|sort| View { sort, ..view }.address(place));
    headings[0].words = table.title;
    // Of people only those who are shown are looked up, so that all of them have no order by name.
    if by == By::Person && table.left_out > 0 {
        headings[0].to = None;
    }
    let page = UsagePage {
        frame: place.frame("/usage"),
        periods: PERIODS
            .map(|(known, words)| Choice {
                to: View { days: known, ..view }.address(place),
                words,
                is_chosen: known == days,
            })
            .into(),
        team: place.organization.as_ref().map(|_| Choice {
            to: View { is_only_mine: !is_only_mine, ..view }.address(place),
            words: "Only mine",
            is_chosen: is_only_mine,
        }),
        splits: splits()
            .map(|known| Choice {
                to: View { by: known, sort: if sort == by.usual() { known.usual() } else { sort }, ..view }
                    .address(place),
                words: known.title(),
                is_chosen: known == by,
            })
            .collect(),
        is_empty: total.requests == 0,
        spent: Shown::of(total.debited),
        requests: grouped(total.requests),
        average: Shown::of(Amount::from_nanos(average)),
        input: grouped(total.input),
        cached: grouped(total.cache_read),
        output: grouped(total.output),
        people: people.map(grouped),
        each,
        chart,
        legend,
        table,
        headings,
        csv: format!("{}&format=csv", view.address(place)),
        each_request: sees_people.then(|| format!("{}/usage/requests", place.base())),
        from,
        until: Day::from_number(until.number() - 1),
    };
    Ok(html(&page))
}

impl View {
    fn address(self, place: &Place) -> String {
        let only = if self.is_only_mine { "&only=mine" } else { "" };
        let by = if self.by == By::default() { String::new() } else { format!("&by={}", self.by.name()) };
        let sort = if self.sort == self.by.usual() { String::new() } else { format!("&sort={}", self.sort.text()) };
        format!("{}/usage?days={}{only}{by}{sort}", place.base(), self.days)
    }
}

/// The chart, with how long each bar's time is and what its colours stand for: the models that cost the most, and all
/// others together.
fn drawn(used: &[(Day, String, UsageSumRow)], from: Day, until: Day) -> (&'static str, Vec<String>, String) {
    let leading = table(By::Model, By::Model.usual(), used.iter().map(|(_, model, total)| (model.clone(), *total)));
    let mut legend: Vec<String> = leading.rows.iter().map(|line| line.name.clone()).collect();
    if legend.len() > COLOURS + 1 {
        legend.truncate(COLOURS);
        legend.push("other models".to_owned());
    }
    let part = |model: &String| {
        let name = if model.is_empty() { By::Model.nameless() } else { model };
        legend.iter().position(|known| known == name).unwrap_or(COLOURS)
    };
    let spans = Spans::of(from, until);
    let bars = spans.bars(legend.len(), used.iter().map(|(day, model, total)| (*day, part(model), total.debited)));
    let chart = chart::bars(&bars, &legend, &chart::summed(&bars, "Spent"));
    (spans.each.words(), legend, chart)
}

/// The table that the usage of each day and model adds up to.
fn from_models(View { by, sort, .. }: View, used: Vec<(Day, String, UsageSumRow)>) -> Table {
    match by {
        By::Day => table(by, sort, used.into_iter().map(|(day, _, total)| (day.to_string(), total))),
        _ => table(by, sort, used.into_iter().map(|(_, model, total)| (model, total))),
    }
}

/// The sums of their own that a split needs.
async fn split(site: &Site, View { by, sort, .. }: View, Of { wallet, days, user }: Of) -> Result<Split, Problem> {
    let reader = site.services.store.reader();
    let mut people = None;
    let table = match by {
        By::Model | By::Day => None,
        By::Provider => Some(table(by, sort, reader.sum_usage_by_provider(wallet, days, user).await?)),
        By::Project => Some(table(by, sort, reader.sum_usage_by_project(wallet, days, user).await?)),
        By::Person => {
            let sums = reader.sum_usage_by_user(wallet, days, user).await?;
            people = u64::try_from(sums.iter().filter(|(user, _)| user.is_some()).count()).ok();
            Some(of_people(site, sort, sums).await?)
        }
    };
    Ok(Split { table, people })
}

/// The table of people, by what they are called.
async fn of_people(
    site: &Site,
    sort: Sort<Columns>,
    sums: Vec<(Option<UserId>, UsageSumRow)>,
) -> Result<Table, Problem> {
    let id = |user: Option<UserId>| user.map(|user| user.to_string()).unwrap_or_default();
    let mut table = table(By::Person, sort, sums.into_iter().map(|(user, total)| (id(user), total)));
    for line in &mut table.rows {
        if let Ok(user) = line.name.parse()
            && let Some(row) = site.services.store.reader().find_user(user).await?
        {
            line.name = row.email.unwrap_or(row.name);
        }
    }
    if sort.by == Columns::Name && table.left_out == 0 {
        sort.order(&mut table.rows, |_, one, other| one.name.cmp(&other.name), |_, _| Ordering::Equal);
    }
    Ok(table)
}
