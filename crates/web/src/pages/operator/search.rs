//! Finds a wallet by whatever an operator has in hand.

use askama::Template;
use axum::{extract::State, response::Response};
use operations::operator;
use serde::Deserialize;
use store::{Holder, HolderRow};

use super::{BASE, frame};
use crate::{
    extract::Asked,
    pages::{
        html,
        place::{Frame, Place},
        sorry,
    },
    problem::Problem,
    site::Site,
};

#[derive(Template)]
#[template(path = "operator_search.html")]
struct SearchPage {
    frame: Frame,
    text: String,
    found: Vec<Found>,
    /// More are found than are shown.
    has_more: bool,
}

struct Found {
    to: String,
    name: String,
    kind: &'static str,
}

#[derive(Deserialize)]
pub(in crate::pages) struct Question {
    #[serde(default)]
    text: String,
}

pub(in crate::pages) async fn search(
    State(site): State<Site>,
    place: Place,
    Asked(Question { text }): Asked<Question>,
) -> Response {
    match operator::search(&site.services, &place.caller.who, &text).await {
        Ok(found) => html(&SearchPage {
            frame: frame(&place, ""),
            text,
            has_more: found.len() == operator::MOST_FOUND as usize,
            found: found.into_iter().map(Found::from).collect(),
        }),
        Err(error) => sorry(&Problem::from(error)),
    }
}

impl From<HolderRow> for Found {
    fn from(HolderRow { holder, wallet, name }: HolderRow) -> Self {
        let kind = match holder {
            Holder::User(_) => "person",
            Holder::Organization(_) => "organization",
        };
        Self { to: format!("{BASE}/wallets/{wallet}"), name, kind }
    }
}
