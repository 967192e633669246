//! Changes a policy. The gateway reads it with each request, so it acts at once.

use billing::Policy;
use billing::role::Action;
use serde_json::{Value, json};
use store::PolicyRow;
use units::OrganizationId;

use crate::audit::{Change, Scope, record};
use crate::{Caller, Context, Error, Services, access};

/// Puts a policy in the place of the one before, and answers with it. Setting the same again changes nothing.
pub async fn set(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    organization: OrganizationId,
    policy: Policy,
) -> Result<PolicyRow, Error> {
    policy.validate().map_err(|error| Error::Invalid { field: error.field, reason: error.reason })?;
    let (context, caller, catalog) = (ctx.clone(), *caller, services.catalog.current());
    services
        .store
        .write(async move |tx| {
            let standing = access::organization(tx, &caller, organization, Action::ManagePolicies).await?;
            access::require_served(tx, &context, &catalog, &caller, &standing.organization).await?;
            let before = tx.find_policy(organization).await?;
            if let Some(same) = before.as_ref().filter(|before| before.policy == policy) {
                return Ok(same.clone());
            }
            let version = before.as_ref().map_or(1, |before| before.version + 1);
            let row = PolicyRow { policy: policy.clone(), version, changed_at: context.now };
            tx.save_policy(organization, &row).await?;
            let change = Change {
                scope: Scope::Organization(organization),
                action: "policy.set",
                subject: organization.to_string(),
                person: None,
                before: before.map_or(Value::Null, |before| json!(before.policy)),
                after: json!(policy),
            };
            record(tx, &context, &caller, change).await?;
            Ok(row)
        })
        .await
}
