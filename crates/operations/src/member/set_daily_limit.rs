//! Says how much a member may spend in a UTC day.

use billing::role::Action;
use serde_json::json;
use units::{Amount, OrganizationId, UserId};

use super::{load, require_reach};
use crate::audit::{Change, Scope, record};
use crate::{Caller, Context, Error, Services, access};

/// Sets a member's daily limit, or takes it away. It counts at once.
pub async fn set_daily_limit(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    organization: OrganizationId,
    user: UserId,
    limit: Option<Amount>,
) -> Result<(), Error> {
    if limit.is_some_and(|limit| limit.is_negative()) {
        return Err(Error::Invalid { field: "daily_limit", reason: "an amount from 0, or none at all".to_owned() });
    }
    let (context, caller, catalog) = (ctx.clone(), *caller, services.catalog.current());
    services
        .store
        .write(async move |tx| {
            let standing = access::organization(tx, &caller, organization, Action::ManageMembers).await?;
            access::require_served(tx, &context, &catalog, &caller, &standing.organization).await?;
            let member = load(tx, organization, user).await?;
            require_reach(standing.role, member.role, "limit this member")?;
            if member.daily_limit == limit {
                return Ok(());
            }
            tx.set_member_daily_limit(organization, user, limit).await?;
            let change = Change {
                scope: Scope::Organization(organization),
                action: "member.set_daily_limit",
                subject: user.to_string(),
                person: Some(user),
                before: json!({"daily_limit": member.daily_limit}),
                after: json!({"daily_limit": limit}),
            };
            record(tx, &context, &caller, change).await
        })
        .await
}
