//! Coming into an organization.

use askama::Template;
use axum::{extract::State, response::Response};
use operations::invitation;
use units::InvitationId;

use super::{
    form::Form,
    go, html, sorry,
    words::{Moment, moment},
};
use crate::{access::Caller, credential, extract::Named, problem::Problem, site::Site, visit::Visit, wire};

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationPage {
    who: String,
    csrf: String,
    organization: String,
    role: String,
    until: Moment,
}

#[derive(serde::Deserialize)]
pub(super) struct Nothing {}

pub(super) async fn ask(State(site): State<Site>, visit: Visit, caller: Caller, Named(id): Named<String>) -> Response {
    match find(&site, &visit, &caller, &id).await {
        Ok(page) => html(&page),
        Err(problem) => sorry(&problem),
    }
}

/// The invitation, when it is for whoever asks.
async fn find(site: &Site, visit: &Visit, caller: &Caller, text: &str) -> Result<InvitationPage, Problem> {
    let id: InvitationId = wire::id("invitation for you", text)?;
    let mine = invitation::list_mine(&site.services, &visit.context, &caller.who).await?;
    let absent = || Problem::NotFound { what: "invitation for you", name: id.to_string() };
    let found = mine.into_iter().find(|invitation| invitation.id == id).ok_or_else(absent)?;
    let standing = site.services.store.reader().find_standing(found.organization, None).await?;
    Ok(InvitationPage {
        who: caller.name(),
        csrf: credential::csrf(&caller.secret),
        organization: standing.ok_or_else(absent)?.organization.name,
        role: found.role.name().replace('_', " "),
        until: moment(found.expires_at),
    })
}

pub(super) async fn accept(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(id): Named<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Response {
    let id = match wire::id("invitation for you", &id) {
        Ok(id) => id,
        Err(problem) => return sorry(&problem),
    };
    match invitation::accept(&site.services, &visit.context, &caller.who, id).await {
        Ok(_) => go("/profile"),
        Err(error) => sorry(&error.into()),
    }
}
