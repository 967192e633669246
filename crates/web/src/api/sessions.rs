//! Where a person is signed in, and who they are.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use billing::Role;
use http::{StatusCode, header};
use operations::{organization, session};
use serde::Serialize;
use store::{MemberRow, OrganizationRow, SessionRow};
use units::{Instant, OrganizationId, SessionId, UserId, WalletId};
use utoipa::ToSchema;

use crate::{
    access::Caller,
    credential,
    extract::Named,
    problem::Problem,
    site::Site,
    visit::Visit,
    wire::{self, Page, schema},
};

/// A browser or device that is signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct Session {
    /// Its id.
    #[schema(value_type = String)]
    id: SessionId,
    /// `browser` or `device`.
    kind: &'static str,
    /// What it calls itself.
    client: String,
    /// Since when.
    #[schema(value_type = schema::Moment)]
    created_at: Instant,
    /// When it was used last, to about a minute.
    #[schema(value_type = schema::Moment)]
    last_seen_at: Instant,
    /// When it ends at the latest.
    #[schema(value_type = schema::Moment)]
    expires_at: Instant,
    /// Whether it is the one that asks.
    is_current: bool,
}

/// Who asks.
#[derive(Serialize, ToSchema)]
pub(super) struct Me {
    /// The person, when one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    user: Option<Person>,
    /// The wallet that `me` means.
    #[schema(value_type = schema::WalletId)]
    wallet: WalletId,
    /// The organizations that they are in.
    organizations: Vec<Membership>,
    /// For browsers: the value of `X-Tare-CSRF` on every change.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    csrf: Option<String>,
}

/// A person.
#[derive(Serialize, ToSchema)]
pub(super) struct Person {
    /// Their id.
    #[schema(value_type = String)]
    id: UserId,
    /// What they signed up with.
    name: String,
    /// Their mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    email: Option<String>,
    /// Whether they run this server.
    is_operator: bool,
}

/// An organization, and what somebody is in it.
#[derive(Serialize, ToSchema)]
pub(super) struct Membership {
    /// Its id.
    #[schema(value_type = String)]
    id: OrganizationId,
    /// What its people call it.
    name: String,
    /// What they share.
    #[schema(value_type = schema::WalletId)]
    wallet: WalletId,
    /// What the caller is in it.
    #[schema(value_type = String, example = "member")]
    role: Role,
}

/// Show yourself
///
/// Who asks, their wallet, and their organizations with their role.
#[utoipa::path(get, path = "/api/v1/me", tag = "people",
    responses((status = 200, description = "Who asks.", body = Me)))]
pub(super) async fn me(State(site): State<Site>, caller: Caller) -> Result<Json<Me>, Problem> {
    let organizations = organization::list(&site.services, &caller.who).await?;
    let csrf = caller.by_cookie.then(|| credential::csrf(&caller.secret));
    let user = caller.user.map(|user| Person {
        id: user.id,
        name: user.name,
        email: user.email,
        is_operator: user.is_operator,
    });
    let organizations = organizations.into_iter().map(Membership::from).collect();
    Ok(Json(Me { user, wallet: caller.own, organizations, csrf }))
}

/// List organizations
///
/// The organizations that the caller is in, with their role.
#[utoipa::path(get, path = "/api/v1/organizations", tag = "organizations",
    responses((status = 200, description = "The organizations.", body = Page<Membership>)))]
pub(super) async fn organizations(State(site): State<Site>, caller: Caller) -> Result<Json<Page<Membership>>, Problem> {
    let organizations = organization::list(&site.services, &caller.who).await?;
    Ok(Json(Page { items: organizations.into_iter().map(Membership::from).collect(), next: None }))
}

/// List sessions
///
/// Where the caller is signed in, the newest first.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "people",
    responses((status = 200, description = "The sessions.", body = Page<Session>)))]
pub(super) async fn list(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
) -> Result<Json<Page<Session>>, Problem> {
    let rows = session::list(&site.services, &visit.context, &caller.who).await?;
    let current = current(&caller);
    let items = rows.into_iter().map(|row| Session::of(row, current)).collect();
    Ok(Json(Page { items, next: None }))
}

/// End a session
///
/// Signs out a browser or device, at once. `current` is the one that asks.
#[utoipa::path(delete, path = "/api/v1/sessions/{session}", tag = "people",
    params(("session" = String, Path, description = "The session, or `current`.")),
    responses((status = 204, description = "It has ended.")))]
pub(super) async fn end(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(name): Named<String>,
) -> Result<Response, Problem> {
    let id = match (name.as_str(), current(&caller)) {
        ("current", Some(current)) => current,
        (name, _) => wire::id("session", name)?,
    };
    session::revoke(&site.services, &visit.context, &caller.who, id).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    if current(&caller) == Some(id) {
        response.headers_mut().insert(header::SET_COOKIE, credential::set_cookie(&site, None));
    }
    Ok(response)
}

/// End all other sessions
///
/// Signs out every browser and device but the one that asks.
#[utoipa::path(delete, path = "/api/v1/sessions", tag = "people",
    responses((status = 204, description = "They have ended.")))]
pub(super) async fn end_others(State(site): State<Site>, visit: Visit, caller: Caller) -> Result<StatusCode, Problem> {
    session::revoke_others(&site.services, &visit.context, &caller.who).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn current(caller: &Caller) -> Option<SessionId> {
    match caller.who {
        operations::Caller::Person { session, .. } => Some(session),
        _ => None,
    }
}

impl Session {
    fn of(row: SessionRow, current: Option<SessionId>) -> Self {
        Self {
            id: row.id,
            kind: row.kind.name(),
            client: row.client,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            expires_at: row.expires_at,
            is_current: current == Some(row.id),
        }
    }
}

impl From<(OrganizationRow, MemberRow)> for Membership {
    fn from((organization, member): (OrganizationRow, MemberRow)) -> Self {
        let OrganizationRow { id, name, wallet, .. } = organization;
        Self { id, name, wallet, role: member.role }
    }
}
