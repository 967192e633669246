//! A person founds an organization and owns it.

use billing::Role;
use billing::seat::Seating;
use serde_json::{Value, json};
use store::{MemberRow, OrganizationRow};
use units::{OrganizationId, UserId, WalletId};

use crate::audit::{Change, Scope, record};
use crate::{Caller, Context, Error, Services, access, words};

/// What to found.
#[derive(Clone, Debug)]
pub struct CreateOrganization {
    /// What its people call it.
    pub name: String,
    /// Who owns it, when the command line asks. A person owns what they found.
    pub owner: Option<UserId>,
}

/// A new organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreatedOrganization {
    /// The organization.
    pub organization: OrganizationId,
    /// What its members share.
    pub wallet: WalletId,
}

/// Founds the organization, on a trial, with its owner in it.
pub async fn create(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    request: CreateOrganization,
) -> Result<CreatedOrganization, Error> {
    let name = words::name("name", &request.name)?;
    let owner = match (caller, request.owner) {
        (Caller::Operator, Some(owner)) => owner,
        _ => access::person(caller, "found an organization")?,
    };
    let catalog = services.catalog.current();
    let trial = &catalog.trial;
    let organization = OrganizationRow {
        id: OrganizationId::from_uuid(ctx.ids.uuid()),
        name,
        wallet: WalletId::from_uuid(ctx.ids.uuid()),
        seating: Seating::on_trial(trial.seats, ctx.now.plus_days(trial.days)),
        created_at: ctx.now,
        suspension: None,
    };
    let created = CreatedOrganization { organization: organization.id, wallet: organization.wallet };
    let (context, caller) = (ctx.clone(), *caller);
    services
        .store
        .write(async move |tx| {
            let not_found = || Error::NotFound { what: "user", name: owner.to_string() };
            tx.find_user(owner).await?.ok_or_else(not_found)?;
            tx.insert_organization_with_wallet(&organization).await?;
            tx.insert_member(&MemberRow {
                organization: organization.id,
                user: owner,
                role: Role::Owner,
                daily_limit: None,
                joined_at: context.now,
                last_active_at: None,
            })
            .await?;
            let change = Change {
                scope: Scope::Organization(organization.id),
                action: "organization.create",
                subject: organization.id.to_string(),
                person: Some(owner),
                before: Value::Null,
                after: json!({"name": organization.name, "seats": organization.seating.seats, "owner": owner}),
            };
            record(tx, &context, &caller, change).await
        })
        .await?;
    Ok(created)
}
