//! An audit log, of an organization or of the server: who did what, when, and what it was before.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;
use operations::audit::{self, AuditFilter, Scope};
use serde::Deserialize;
use store::AuditRow;
use units::{AuditId, Day, UserId};

use super::{
    place::{Frame, Place},
    shown, sorry, typed,
    words::{Moment, moment},
    wrong::Wrong,
};
use crate::{access::Caller, extract::Asked, problem::Problem, site::Site, wire};

#[derive(Template)]
#[template(path = "audit.html")]
pub(super) struct AuditPage {
    frame: Frame,
    path: String,
    lines: Vec<Line>,
    next: Option<String>,
    asked: Filter,
    csv: Option<String>,
    pub(super) wrong: Wrong,
}

struct Line {
    at: Moment,
    actor: String,
    action: String,
    subject: String,
    before: String,
    after: String,
}

/// Which lines, as it is typed.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    action: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    cursor: Option<String>,
}

const LINES: u32 = 50;
/// The kind of actor that has a name.
const PERSON: &str = "person";

pub(super) async fn show(State(site): State<Site>, place: Place, Asked(filter): Asked<Filter>) -> Response {
    let shows = async {
        let id = place.organization.as_ref().ok_or(Problem::Internal)?.id;
        let csv = Some(format!("/api/v1/organizations/{id}/audit.csv"));
        let log = (Scope::Organization(id), format!("{}/audit", place.base()), csv);
        page(&site, &place.caller, place.frame("/audit"), log, filter).await
    };
    answer(shows.await)
}

/// The page, with the status of what is wrong with what was asked for.
pub(super) fn answer(page: Result<(AuditPage, Option<StatusCode>), Problem>) -> Response {
    match page {
        Ok((page, status)) => shown(Ok(page), status),
        Err(problem) => sorry(&problem),
    }
}

/// The page of one log: whose, at which path, and where it is as CSV.
pub(super) async fn page(
    site: &Site,
    caller: &Caller,
    frame: Frame,
    (scope, path, csv): (Scope, String, Option<String>),
    asked: Filter,
) -> Result<(AuditPage, Option<StatusCode>), Problem> {
    let before: Option<AuditId> = wire::cursor(asked.cursor.as_deref())?;
    let (filter, problem) = match asked.read() {
        Ok(filter) => (filter, None),
        Err(problem) => (AuditFilter::default(), Some(problem)),
    };
    let mut rows = audit::list(&site.services, &caller.who, scope, filter, before, LINES + 1).await?;
    let has_more = rows.len() > LINES as usize;
    rows.truncate(LINES as usize);
    let query = |cursor: Option<AuditId>| {
        let cursor = cursor.map(|id| id.to_string());
        let all = [
            ("action", Some(asked.action.clone())),
            ("from", Some(asked.from.clone())),
            ("until", Some(asked.until.clone())),
            ("cursor", cursor),
        ];
        let given: Vec<_> = all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        serde_urlencoded::to_string(given).unwrap_or_default()
    };
    let names = names(site, &rows).await?;
    let page = AuditPage {
        frame,
        next: rows.last().filter(|_| has_more).map(|last| format!("{path}?{}", query(Some(last.id)))),
        path,
        lines: rows.into_iter().map(|row| Line::of(row, &names)).collect(),
        csv,
        asked,
        wrong: Wrong::maybe(problem.as_ref(), typed::DAYS),
    };
    Ok((page, problem.map(|problem| problem.status())))
}

/// The people who did something, by what they are called.
async fn names(site: &Site, rows: &[AuditRow]) -> Result<BTreeMap<UserId, String>, Problem> {
    let people = rows.iter().filter(|row| row.actor_kind.name() == PERSON).filter_map(|row| row.actor);
    let mut names = BTreeMap::new();
    for user in people.map(UserId::from_uuid).collect::<BTreeSet<_>>() {
        if let Some(row) = site.services.store.reader().find_user(user).await? {
            names.insert(user, row.email.unwrap_or(row.name));
        }
    }
    Ok(names)
}

impl Filter {
    fn read(&self) -> Result<AuditFilter, Problem> {
        Ok(AuditFilter {
            action: Some(self.action.trim()).filter(|action| !action.is_empty()).map(str::to_owned),
            person: None,
            from: typed::day("from", &self.from)?.map(Day::start),
            until: typed::day("until", &self.until)?.map(|day| day.next().start()),
        })
    }
}

impl Line {
    fn of(row: AuditRow, names: &BTreeMap<UserId, String>) -> Self {
        let person = row.actor.map(UserId::from_uuid).and_then(|user| names.get(&user).cloned());
        Self {
            at: moment(row.at),
            actor: person.unwrap_or_else(|| row.actor_kind.name().to_owned()),
            action: row.action.replace('_', " ").replace('.', ": "),
            subject: row.subject,
            before: row.before.unwrap_or_default(),
            after: row.after.unwrap_or_default(),
        }
    }
}
