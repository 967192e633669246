//! The server's own audit log: what operators did.

use axum::{extract::State, response::Response};
use operations::audit::Scope;

use super::{BASE, LOG, frame};
use crate::{
    extract::Asked,
    pages::{
        audit::{Filter, answer, page},
        place::Place,
    },
    site::Site,
};

pub(in crate::pages) async fn log(State(site): State<Site>, place: Place, Asked(filter): Asked<Filter>) -> Response {
    let log = (Scope::Server, format!("{BASE}{LOG}"), None);
    answer(page(&site, &place.caller, frame(&place, LOG), log, filter).await)
}
