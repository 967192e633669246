//! Organizations.

use axum::{Json, extract::State};
use billing::Role;
use http::StatusCode;
use operations::organization::{self, CreateOrganization};
use serde::{Deserialize, Serialize};
use units::{Instant, OrganizationId, UserId, WalletId};
use utoipa::ToSchema;

use crate::{
    access::{Bound, Caller},
    extract::{Body, Named},
    problem::Problem,
    site::Site,
    visit::Visit,
    wire::{self, schema},
};

/// What an organization is called.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OrganizationName {
    /// What its people call it.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
}

/// Who is to own an organization.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewOwner {
    /// A member.
    #[schema(value_type = schema::UserId)]
    to: UserId,
}

/// An organization that was founded.
#[derive(Serialize, ToSchema)]
pub(super) struct Founded {
    /// Its id.
    #[schema(value_type = schema::OrganizationId)]
    id: OrganizationId,
    /// What its members share.
    #[schema(value_type = schema::WalletId)]
    wallet: WalletId,
}

/// An organization as its members see it.
#[derive(Serialize, ToSchema)]
pub(super) struct Organization {
    /// Its id.
    #[schema(value_type = schema::OrganizationId)]
    id: OrganizationId,
    /// What its people call it.
    name: String,
    /// What they share.
    #[schema(value_type = schema::WalletId)]
    wallet: WalletId,
    /// What the caller is in it.
    #[schema(value_type = String, example = "member")]
    role: Role,
    /// How many members and pending invitations may take a seat.
    seats: u32,
    /// How many do.
    seats_used: u32,
    /// When its trial ends. Absent when it has a plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Moment, required = false)]
    trial_ends_at: Option<Instant>,
    /// Since when.
    #[schema(value_type = schema::Moment)]
    created_at: Instant,
}

/// Found an organization
///
/// The caller owns it; it begins with a trial.
#[utoipa::path(post, path = "/api/v1/organizations", tag = "organizations", request_body = OrganizationName,
    responses((status = 201, description = "It is founded.", body = Founded)))]
pub(super) async fn create(
    visit: Visit,
    caller: Caller,
    Bound(services): Bound,
    Body(OrganizationName { name }): Body<OrganizationName>,
) -> Result<(StatusCode, Json<Founded>), Problem> {
    let request = CreateOrganization { name, owner: None };
    let created = organization::create(&services, &visit.context, &caller.who, request).await?;
    Ok((StatusCode::CREATED, Json(Founded { id: created.organization, wallet: created.wallet })))
}

/// Show an organization
///
/// For whoever is in it.
#[utoipa::path(get, path = "/api/v1/organizations/{organization}", tag = "organizations",
    params(("organization" = schema::OrganizationId, Path, description = "The organization.")),
    responses((status = 200, description = "The organization.", body = Organization)))]
pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<Json<Organization>, Problem> {
    let id = wire::id("organization", &id)?;
    let shown = organization::show(&site.services, &visit.context, &caller.who, id).await?;
    let row = shown.standing.organization;
    Ok(Json(Organization {
        id: row.id,
        name: row.name,
        wallet: row.wallet,
        role: shown.standing.role,
        seats: row.seating.seats,
        seats_used: shown.seats_used,
        trial_ends_at: row.seating.subscription.is_none().then_some(row.seating.trial_ends_at),
        created_at: row.created_at,
    }))
}

/// Rename an organization
///
/// For owners and admins.
#[utoipa::path(patch, path = "/api/v1/organizations/{organization}", tag = "organizations",
    request_body = OrganizationName,
    params(("organization" = schema::OrganizationId, Path, description = "The organization.")),
    responses((status = 204, description = "It has the new name.")))]
pub(super) async fn rename(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(id): Named<String>,
    Body(OrganizationName { name }): Body<OrganizationName>,
) -> Result<StatusCode, Problem> {
    let id = wire::id("organization", &id)?;
    organization::rename(&site.services, &visit.context, &caller.who, id, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Leave an organization
///
/// Frees the caller's seat and ends their keys there. The last owner cannot leave.
#[utoipa::path(post, path = "/api/v1/organizations/{organization}/leave", tag = "organizations",
    params(("organization" = schema::OrganizationId, Path, description = "The organization.")),
    responses((status = 204, description = "The caller is no member any more.")))]
pub(super) async fn leave(
    visit: Visit,
    caller: Caller,
    Bound(services): Bound,
    Named(id): Named<String>,
) -> Result<StatusCode, Problem> {
    let id = wire::id("organization", &id)?;
    organization::leave(&services, &visit.context, &caller.who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hand the ownership over
///
/// The member becomes owner, the caller an admin.
#[utoipa::path(post, path = "/api/v1/organizations/{organization}/transfer", tag = "organizations",
    request_body = NewOwner,
    params(("organization" = schema::OrganizationId, Path, description = "The organization.")),
    responses((status = 204, description = "The member owns it.")))]
pub(super) async fn transfer(
    visit: Visit,
    caller: Caller,
    Bound(services): Bound,
    Named(id): Named<String>,
    Body(NewOwner { to }): Body<NewOwner>,
) -> Result<StatusCode, Problem> {
    let id = wire::id("organization", &id)?;
    organization::transfer(&services, &visit.context, &caller.who, id, to).await?;
    Ok(StatusCode::NO_CONTENT)
}
