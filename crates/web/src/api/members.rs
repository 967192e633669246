//! Who is in an organization, and who is asked to come.

use axum::{Json, extract::State};
use billing::Role;
use http::StatusCode;
use operations::{
    invitation::{self, Invite},
    member,
};
use serde::{Deserialize, Serialize};
use store::{InvitationRow, MemberRow, UserRow};
use units::{Amount, Instant, InvitationId, OrganizationId, UserId};
use utoipa::ToSchema;

use super::wallets::PageOf;
use crate::{
    access::{Bound, Caller},
    extract::{Asked, Body, Named},
    problem::Problem,
    site::Site,
    visit::Visit,
    wire::{self, Credits, Page, RoleName, schema},
};

/// A member.
#[derive(Serialize, ToSchema)]
pub(super) struct Member {
    /// Who.
    #[schema(value_type = schema::UserId)]
    user: UserId,
    /// What they are called.
    name: String,
    /// Their mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    email: Option<String>,
    /// What they are.
    #[schema(value_type = String, example = "member")]
    role: Role,
    /// How much they may spend in a UTC day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Credits, required = false)]
    daily_limit: Option<Amount>,
    /// Since when.
    #[schema(value_type = schema::Moment)]
    joined_at: Instant,
    /// When they used the organization last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Moment, required = false)]
    last_active_at: Option<Instant>,
}

/// What a member is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRole {
    role: RoleName,
}

/// What a member may spend.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DailyLimit {
    /// In a UTC day; `null` for no limit.
    limit: Option<Credits>,
}

/// Whom to invite.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Invited {
    /// Their mail address.
    #[schema(min_length = 3, max_length = 254, example = "ada@example.com")]
    email: String,
    /// As what.
    role: RoleName,
}

/// An invitation.
#[derive(Serialize, ToSchema)]
pub(super) struct Invitation {
    /// Its id.
    #[schema(value_type = schema::InvitationId)]
    id: InvitationId,
    /// Into which organization.
    #[schema(value_type = schema::OrganizationId)]
    organization: OrganizationId,
    /// Whose address.
    email: String,
    /// As what.
    #[schema(value_type = String, example = "member")]
    role: Role,
    /// Since when.
    #[schema(value_type = schema::Moment)]
    created_at: Instant,
    /// From when it cannot be accepted any more.
    #[schema(value_type = schema::Moment)]
    expires_at: Instant,
    /// When it was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Moment, required = false)]
    accepted_at: Option<Instant>,
}

/// List members
///
/// For whoever is in the organization.
#[utoipa::path(get, path = "/api/v1/organizations/{organization}/members", tag = "organizations",
    params(("organization" = schema::OrganizationId, Path, description = "The organization."), PageOf),
    responses((status = 200, description = "A page of members.", body = Page<Member>)))]
pub(super) async fn list(
    State(site): State<Site>,
    caller: Caller,
    Named(id): Named<String>,
    Asked(page): Asked<PageOf>,
) -> Result<Json<Page<Member>>, Problem> {
    let id = wire::id("organization", &id)?;
    let (limit, after) = (wire::page_size(page.limit)?, wire::cursor(page.cursor.as_deref())?);
    let rows = member::list(&site.services, &caller.who, id, after, limit + 1).await?;
    let members = rows.into_iter().map(Member::from).collect();
    Ok(Json(Page::cut(members, limit, |member| member.user.to_string())))
}

/// Change a role
///
/// Nobody gives or takes a role above their own, and the last owner stays one.
#[utoipa::path(put, path = "/api/v1/organizations/{organization}/members/{user}/role", tag = "organizations",
    request_body = NewRole,
    params(("organization" = schema::OrganizationId, Path, description = "The organization."),
        ("user" = schema::UserId, Path, description = "The member.")),
    responses((status = 204, description = "The member has the role.")))]
pub(super) async fn set_role(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named((id, user)): Named<(String, String)>,
    Body(NewRole { role }): Body<NewRole>,
) -> Result<StatusCode, Problem> {
    let (id, user) = (wire::id("organization", &id)?, wire::id("member", &user)?);
    member::set_role(&site.services, &visit.context, &caller.who, id, user, role.0).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Limit what a member spends in a day
///
/// Days are UTC days. What is held counts as spent.
#[utoipa::path(put, path = "/api/v1/organizations/{organization}/members/{user}/daily-limit", tag = "organizations",
    request_body = DailyLimit,
    params(("organization" = schema::OrganizationId, Path, description = "The organization."),
        ("user" = schema::UserId, Path, description = "The member.")),
    responses((status = 204, description = "The limit is set.")))]
pub(super) async fn set_daily_limit(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named((id, user)): Named<(String, String)>,
    Body(DailyLimit { limit }): Body<DailyLimit>,
) -> Result<StatusCode, Problem> {
    let (id, user) = (wire::id("organization", &id)?, wire::id("member", &user)?);
    let limit = limit.map(|limit| limit.0);
    member::set_daily_limit(&site.services, &visit.context, &caller.who, id, user, limit).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a member
///
/// Frees their seat and ends their keys for the organization at once.
#[utoipa::path(delete, path = "/api/v1/organizations/{organization}/members/{user}", tag = "organizations",
    params(("organization" = schema::OrganizationId, Path, description = "The organization."),
        ("user" = schema::UserId, Path, description = "The member.")),
    responses((status = 204, description = "They are no member any more.")))]
pub(super) async fn remove(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named((id, user)): Named<(String, String)>,
) -> Result<StatusCode, Problem> {
    let (id, user) = (wire::id("organization", &id)?, wire::id("member", &user)?);
    member::remove(&site.services, &visit.context, &caller.who, id, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List invitations
///
/// Of an organization, for whoever may invite.
#[utoipa::path(get, path = "/api/v1/organizations/{organization}/invitations", tag = "organizations",
    params(("organization" = schema::OrganizationId, Path, description = "The organization.")),
    responses((status = 200, description = "The invitations.", body = Page<Invitation>)))]
pub(super) async fn list_invitations(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<Json<Page<Invitation>>, Problem> {
    let id = wire::id("organization", &id)?;
    let rows = invitation::list(&site.services, &visit.context, &caller.who, id).await?;
    Ok(Json(Page { items: rows.into_iter().map(Invitation::from).collect(), next: None }))
}

/// Invite somebody
///
/// Mails an invitation. It takes a seat until it is accepted or revoked or has expired.
#[utoipa::path(post, path = "/api/v1/organizations/{organization}/invitations", tag = "organizations",
    request_body = Invited,
    params(("organization" = schema::OrganizationId, Path, description = "The organization.")),
    responses((status = 201, description = "The invitation is on its way.", body = Invitation)))]
pub(super) async fn invite(
    visit: Visit,
    caller: Caller,
    Bound(services): Bound,
    Named(id): Named<String>,
    Body(Invited { email, role }): Body<Invited>,
) -> Result<(StatusCode, Json<Invitation>), Problem> {
    let request = Invite { organization: wire::id("organization", &id)?, email, role: role.0 };
    let row = invitation::invite(&services, &visit.context, &caller.who, request).await?;
    Ok((StatusCode::CREATED, Json(row.into())))
}

/// Send an invitation again
///
/// With a new term.
#[utoipa::path(post, path = "/api/v1/organizations/{organization}/invitations/{invitation}/resend",
    tag = "organizations",
    params(("organization" = schema::OrganizationId, Path, description = "The organization."),
        ("invitation" = schema::InvitationId, Path, description = "The invitation.")),
    responses((status = 200, description = "It is on its way again.", body = Invitation)))]
pub(super) async fn resend(
    visit: Visit,
    caller: Caller,
    Bound(services): Bound,
    Named((id, invitation)): Named<(String, String)>,
) -> Result<Json<Invitation>, Problem> {
    let (id, invitation) = (wire::id("organization", &id)?, wire::id("invitation", &invitation)?);
    let row = invitation::resend(&services, &visit.context, &caller.who, id, invitation).await?;
    Ok(Json(row.into()))
}

/// Revoke an invitation
///
/// Frees its seat.
#[utoipa::path(delete, path = "/api/v1/organizations/{organization}/invitations/{invitation}", tag = "organizations",
    params(("organization" = schema::OrganizationId, Path, description = "The organization."),
        ("invitation" = schema::InvitationId, Path, description = "The invitation.")),
    responses((status = 204, description = "It leads nowhere any more.")))]
pub(super) async fn revoke(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named((id, invitation)): Named<(String, String)>,
) -> Result<StatusCode, Problem> {
    let (id, invitation) = (wire::id("organization", &id)?, wire::id("invitation", &invitation)?);
    invitation::revoke(&site.services, &visit.context, &caller.who, id, invitation).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List your invitations
///
/// Those to the address that the caller signed in with.
#[utoipa::path(get, path = "/api/v1/invitations", tag = "people",
    responses((status = 200, description = "The invitations.", body = Page<Invitation>)))]
pub(super) async fn list_mine(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
) -> Result<Json<Page<Invitation>>, Problem> {
    let rows = invitation::list_mine(&site.services, &visit.context, &caller.who).await?;
    Ok(Json(Page { items: rows.into_iter().map(Invitation::from).collect(), next: None }))
}

/// Accept an invitation
///
/// Only whose address was invited can.
#[utoipa::path(post, path = "/api/v1/invitations/{invitation}/accept", tag = "people",
    params(("invitation" = schema::InvitationId, Path, description = "The invitation.")),
    responses((status = 200, description = "The caller is a member.", body = Invitation)))]
pub(super) async fn accept(
    visit: Visit,
    caller: Caller,
    Bound(services): Bound,
    Named(id): Named<String>,
) -> Result<Json<Invitation>, Problem> {
    let id = wire::id("invitation for you", &id)?;
    let row = invitation::accept(&services, &visit.context, &caller.who, id).await?;
    Ok(Json(row.into()))
}

impl From<(MemberRow, UserRow)> for Member {
    fn from((member, user): (MemberRow, UserRow)) -> Self {
        Self {
            user: user.id,
            name: user.display_name.unwrap_or(user.name),
            email: user.email,
            role: member.role,
            daily_limit: member.daily_limit,
            joined_at: member.joined_at,
            last_active_at: member.last_active_at,
        }
    }
}

impl From<InvitationRow> for Invitation {
    fn from(row: InvitationRow) -> Self {
        let InvitationRow { id, organization, email, role, created_at, expires_at, accepted_at, .. } = row;
        Self { id, organization, email, role, created_at, expires_at, accepted_at }
    }
}
