//! The requests that were charged, one by one.

use askama::Template;
use axum::{extract::State, response::Response};
use billing::role::Action;
use serde::Deserialize;
use store::ChargeRow;
use units::HoldId;

use crate::{
    extract::Asked,
    pages::{
        overview::Shown,
        place::{Frame, Place},
        shown,
        words::{Moment, grouped, moment},
    },
    problem::Problem,
    site::Site,
    wire,
};

#[derive(Template)]
#[template(path = "requests.html")]
struct RequestsPage {
    frame: Frame,
    requests: Vec<Line>,
    is_first: bool,
    next: Option<String>,
}

struct Line {
    id: HoldId,
    at: Moment,
    model: String,
    project: String,
    tokens: String,
    is_own_key: bool,
    cost: Shown,
}

#[derive(Deserialize)]
pub(in crate::pages) struct Question {
    cursor: Option<String>,
}

const REQUESTS: u32 = 50;

pub(in crate::pages) async fn list(
    State(site): State<Site>,
    place: Place,
    Asked(Question { cursor }): Asked<Question>,
) -> Response {
    let page = async {
        place.require(Action::SeeUsageOfPeople)?;
        let before: Option<HoldId> = wire::cursor(cursor.as_deref())?;
        let mut rows = site.services.store.reader().list_charges(place.wallet, before, REQUESTS + 1).await?;
        let has_more = rows.len() > REQUESTS as usize;
        rows.truncate(REQUESTS as usize);
        let last = rows.last().filter(|_| has_more).map(|row| row.charge.id);
        Ok::<_, Problem>(RequestsPage {
            frame: place.frame("/usage"),
            is_first: before.is_none(),
            next: last.map(|last| format!("{}/usage/requests?cursor={last}", place.base())),
            requests: rows.into_iter().map(Line::from).collect(),
        })
    };
    shown(page.await, None)
}

impl From<ChargeRow> for Line {
    fn from(ChargeRow { charge, usage }: ChargeRow) -> Self {
        let tokens = usage.as_ref().map_or(0, |record| record.usage.input.saturating_add(record.usage.output));
        Self {
            id: charge.id,
            at: moment(charge.at),
            tokens: grouped(tokens),
            is_own_key: usage.as_ref().is_some_and(|record| record.own_cost.is_some()),
            project: usage.as_ref().map(|record| record.project.clone()).unwrap_or_default(),
            model: usage.map_or_else(|| "without a model".to_owned(), |record| record.model),
            cost: Shown::of(charge.debited),
        }
    }
}
