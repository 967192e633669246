//! API keys: which there are, a new one that is shown once, and the end of one.

use std::cmp::Ordering;

use askama::Template;
use axum::{extract::State, response::Response};
use billing::{SpendingLimit, limit::LimitPeriod, role::Action};
use operations::api_key::{self, CreateApiKey};
use serde::Deserialize;
use store::ApiKeyRow;
use units::Instant;

use super::{
    form::Form,
    go,
    place::{Frame, Place},
    shown,
    sort::{Column, Heading, Sort, Way},
    typed,
    words::{Said, moment, money, until},
    wrong::{Field, Wrong},
};
use crate::{extract::Asked, problem::Problem, site::Site, visit::Visit, wire};

#[derive(Template)]
#[template(path = "keys.html")]
struct KeysPage {
    frame: Frame,
    keys: Vec<Key>,
    headings: Vec<Heading>,
    made: Option<String>,
    typed: NewKey,
    wrong: Wrong,
    base_url: String,
}

struct Key {
    id: String,
    name: String,
    ends_in: String,
    used: Said,
    limit: String,
    ends: Option<Said>,
    whose: String,
}

/// What the keys can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyColumn {
    Made,
    Name,
    Used,
    Ends,
}

impl Column for KeyColumn {
    const ALL: &'static [Self] = &[Self::Made, Self::Name, Self::Used, Self::Ends];

    fn look(self) -> (&'static str, &'static str, &'static str, Way) {
        match self {
            Self::Made => ("made", "Made", "", Way::Down),
            Self::Name => ("name", "Name", "", Way::Up),
            Self::Used => ("used", "Last used", "", Way::Down),
            Self::Ends => ("ends", "Ends", "", Way::Up),
        }
    }
}

/// A key to make, as it is typed.
#[derive(Default, Deserialize)]
pub(super) struct NewKey {
    name: String,
    #[serde(default)]
    limit: String,
    #[serde(default)]
    period: String,
    #[serde(default)]
    days: String,
}

#[derive(Deserialize)]
pub(super) struct KeyId {
    key: String,
}

const FIELDS: &[Field] = &[
    ("name", "Name", &["name"]),
    ("limit", "At most", &["limit"]),
    ("period", "In each", &["period"]),
    ("days", "Ends after days", &["days", "expires_at"]),
];

/// In which order the keys are asked for.
#[derive(Default, Deserialize)]
pub(super) struct Question {
    sort: Option<String>,
}

pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Asked(question): Asked<Question>,
) -> Response {
    answer(&site, &visit, &place, question, Ok(None)).await
}

/// Makes a key and shows it: this page, once.
pub(super) async fn create(State(site): State<Site>, visit: Visit, place: Place, Form(new): Form<NewKey>) -> Response {
    let made = async {
        let request = CreateApiKey {
            wallet: place.wallet,
            user: None,
            name: new.name.clone(),
            expires_at: new.end(visit.context.now)?,
            limit: new.limit()?,
        };
        Ok::<_, Problem>(api_key::create(&site.services, &visit.context, &place.caller.who, request).await?)
    };
    let made = made.await.map(|made| Some(made.secret)).map_err(|problem| (problem, new));
    answer(&site, &visit, &place, Question::default(), made).await
}

pub(super) async fn revoke(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(KeyId { key }): Form<KeyId>,
) -> Response {
    let revoked = async {
        let id = wire::id("API key", &key)?;
        Ok::<_, Problem>(api_key::revoke(&site.services, &visit.context, &place.caller.who, id).await?)
    };
    match revoked.await {
        Ok(()) => go(&format!("{}/api-keys", place.base())),
        Err(problem) => answer(&site, &visit, &place, Question::default(), Err((problem, NewKey::default()))).await,
    }
}

async fn answer(
    site: &Site,
    visit: &Visit,
    place: &Place,
    question: Question,
    made: Result<Option<String>, (Problem, NewKey)>,
) -> Response {
    let (made, problem, typed) = match made {
        Ok(made) => (made, None, NewKey::default()),
        Err((problem, typed)) => (None, Some(problem), typed),
    };
    let status = problem.as_ref().map(Problem::status);
    let page = async {
        place.require(Action::ManageOwnKeys)?;
        let mut rows = api_key::list(&site.services, &place.caller.who, place.wallet).await?;
        rows.retain(|row| row.revoked_at.is_none());
        let sort = Sort::read(question.sort.as_deref(), Sort::by(KeyColumn::Made));
        sort.order(&mut rows, compare, |one, other| other.id.cmp(&one.id));
        let mut keys = Vec::new();
        for row in rows {
            keys.push(key(site, place, row, visit.context.now).await?);
        }
        Ok::<_, Problem>(KeysPage {
            frame: place.frame("/api-keys"),
            keys,
            headings: sort.headings(|sort| format!("{}/api-keys?sort={}", place.base(), sort.text())),
            made,
            typed,
            wrong: Wrong::maybe(problem.as_ref(), FIELDS),
            base_url: format!("{}/v1", site.settings.public_url),
        })
    };
    shown(page.await, status)
}

fn compare(column: KeyColumn, one: &ApiKeyRow, other: &ApiKeyRow) -> Ordering {
    // What never ends comes last.
    let ends = |row: &ApiKeyRow| row.expires_at.unwrap_or(Instant::from_micros(i64::MAX));
    match column {
        KeyColumn::Made => one.created_at.cmp(&other.created_at),
        KeyColumn::Name => one.name.cmp(&other.name),
        KeyColumn::Used => one.last_used_at.cmp(&other.last_used_at),
        KeyColumn::Ends => ends(one).cmp(&ends(other)),
    }
}

async fn key(site: &Site, place: &Place, row: ApiKeyRow, now: Instant) -> Result<Key, Problem> {
    let other = row.user.filter(|user| Some(*user) != place.caller.who.user());
    let whose = match other {
        Some(user) => site.services.store.reader().find_user(user).await?,
        None => None,
    };
    Ok(Key {
        id: row.id.to_string(),
        name: row.name,
        ends_in: row.last4,
        used: row.last_used_at.map_or("not used yet".into(), |at| Said::from("used ").then(moment(at))),
        limit: row.limit.map(|limit| format!("{} {}", money(limit.amount), per(limit.period))).unwrap_or_default(),
        ends: row.expires_at.map(|end| match end <= now {
            true => "has expired".into(),
            false => Said::from("ends ").then(until(end, now)),
        }),
        whose: whose.map(|user| user.email.unwrap_or(user.name)).unwrap_or_default(),
    })
}

const fn per(period: LimitPeriod) -> &'static str {
    match period {
        LimitPeriod::Day => "a day",
        LimitPeriod::Month => "a month",
        LimitPeriod::Total => "in all",
    }
}

impl NewKey {
    fn limit(&self) -> Result<Option<SpendingLimit>, Problem> {
        let Some(amount) = typed::credits("limit", &self.limit, "; or nothing for no limit")? else { return Ok(None) };
        let period = match self.period.as_str() {
            "day" => LimitPeriod::Day,
            "month" => LimitPeriod::Month,
            "total" => LimitPeriod::Total,
            _ => return Err(typed::wrong("period", "a day, a month or in all")),
        };
        Ok(Some(SpendingLimit { amount, period }))
    }

    fn end(&self, now: Instant) -> Result<Option<Instant>, Problem> {
        Ok(typed::days(&self.days)?.map(|days| now.plus_days(days)))
    }
}
