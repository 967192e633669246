//! Takes an invitation back.

use billing::role::Action;
use serde_json::{Value, json};
use units::{InvitationId, OrganizationId};

use super::{load, require_open};
use crate::audit::{Change, Scope, record};
use crate::member::require_reach;
use crate::{Caller, Context, Error, Services, access};

/// Revokes an invitation; its seat is free at once. Revoking it again is harmless.
pub async fn revoke(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    organization: OrganizationId,
    id: InvitationId,
) -> Result<(), Error> {
    let (context, caller) = (ctx.clone(), *caller);
    services
        .store
        .write(async move |tx| {
            let standing = access::organization(tx, &caller, organization, Action::Invite).await?;
            let mut invitation = load(tx, organization, id).await?;
            require_reach(standing.role, invitation.role, "revoke this invitation")?;
            if invitation.revoked_at.is_some() {
                return Ok(());
            }
            require_open(&invitation)?;
            invitation.revoked_at = Some(context.now);
            tx.update_invitation(&invitation).await?;
            let change = Change {
                scope: Scope::Organization(organization),
                action: "invitation.revoke",
                subject: invitation.email.clone(),
                person: None,
                before: json!({"id": id, "role": invitation.role}),
                after: Value::Null,
            };
            record(tx, &context, &caller, change).await
        })
        .await
}
