//! Who is signed in, and what they have.

use axum::{Extension, Json, extract::State};
use http::HeaderMap;
use serde::Serialize;
use serde_json::value::RawValue;
use store::UserRow;
use units::{OrganizationId, UserId};

use crate::{
    authenticate::{authenticate, authenticate_for},
    doors::Doors,
    error::{Error, kilo::number},
    visit::Visit,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    user: User,
    organizations: Vec<Organization>,
    /// Null says that nothing is chosen. Left out, newer clients call the sign-in ambiguous.
    selected_organization_id: Option<OrganizationId>,
    has_personal_account: bool,
}

#[derive(Serialize)]
pub(crate) struct User {
    id: UserId,
    email: String,
    name: String,
    image: Option<String>,
}

#[derive(Serialize)]
struct Organization {
    id: OrganizationId,
    name: String,
    role: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Balance {
    /// Dollars, as a JSON number.
    balance: Box<RawValue>,
    is_depleted: bool,
}

/// `GET /api/profile`
pub(crate) async fn show(
    State(doors): State<Doors>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
) -> Result<Json<Profile>, Error> {
    let payer = authenticate_for(&doors, &visit.context, &headers, None).await?;
    let user = person(&doors, payer.user).await?;
    let reader = doors.gateway.services.store.reader();
    let mut organizations = reader.list_organizations_of(user.id).await.map_err(operations::Error::from)?;
    if let Some(own) = payer.organization {
        organizations.retain(|(organization, _)| organization.id == own);
    }
    let organizations = organizations.into_iter().map(|(organization, member)| Organization {
        id: organization.id,
        name: organization.name,
        role: member.role.name(),
    });
    Ok(Json(Profile {
        organizations: organizations.collect(),
        user: user.into(),
        selected_organization_id: payer.organization,
        has_personal_account: payer.organization.is_none(),
    }))
}

/// `GET /api/user`: clients look at the status alone.
pub(crate) async fn user(
    State(doors): State<Doors>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
) -> Result<Json<User>, Error> {
    let payer = authenticate_for(&doors, &visit.context, &headers, None).await?;
    Ok(Json(person(&doors, payer.user).await?.into()))
}

/// `GET /api/profile/balance`
pub(crate) async fn balance(
    State(doors): State<Doors>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
) -> Result<Json<Balance>, Error> {
    let payer = authenticate(&doors, &visit.context, &headers).await?;
    let reader = doors.gateway.services.store.reader();
    let wallet = reader.load_wallet(payer.wallet).await.map_err(operations::Error::from)?.ok_or(Error::Internal)?;
    let now = visit.context.now;
    let is_depleted = !wallet.available(now).is_positive();
    Ok(Json(Balance { balance: number(wallet.balance(now)), is_depleted }))
}

/// A key of a whole organization has nobody to show.
async fn person(doors: &Doors, user: Option<UserId>) -> Result<UserRow, Error> {
    let nobody = || Error::Forbidden("this key belongs to no person, so it has no profile".to_owned());
    let found = doors.gateway.services.store.reader().find_user(user.ok_or_else(nobody)?).await;
    found.map_err(operations::Error::from)?.ok_or(Error::Internal)
}

impl From<UserRow> for User {
    fn from(user: UserRow) -> Self {
        let UserRow { id, name, email, display_name, .. } = user;
        Self { id, email: email.unwrap_or_else(|| name.clone()), name: display_name.unwrap_or(name), image: None }
    }
}
