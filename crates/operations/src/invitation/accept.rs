//! Comes in through an invitation.

use serde_json::{Value, json};
use store::{InvitationRow, MemberRow};
use units::InvitationId;

use super::require_open;
use crate::audit::{Change, Scope, record};
use crate::{Caller, Context, Error, Services, access};

/// Makes the caller a member. Only who has shown that the invited address is theirs is let in: for everybody else
/// the invitation is not there, so a mail that was passed on opens nothing.
pub async fn accept(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    id: InvitationId,
) -> Result<InvitationRow, Error> {
    let user = access::person(caller, "accept an invitation")?;
    let (context, caller) = (ctx.clone(), *caller);
    services
        .store
        .write(async move |tx| {
            let not_found = || Error::NotFound { what: "invitation for you", name: id.to_string() };
            let mut invitation = tx.find_invitation(id).await?.ok_or_else(not_found)?;
            let email = tx.find_user(user).await?.and_then(|user| user.email);
            if email.as_ref() != Some(&invitation.email) {
                return Err(not_found());
            }
            require_open(&invitation)?;
            if !invitation.is_pending(context.now) {
                return Err(Error::InvitationClosed { how: "has expired" });
            }
            let organization = invitation.organization;
            if tx.find_member(organization, user).await?.is_some() {
                return Err(Error::Exists { what: "member", name: invitation.email });
            }
            // The invitation has held its seat until now; the member holds it from now on.
            invitation.accepted_at = Some(context.now);
            tx.update_invitation(&invitation).await?;
            tx.insert_member(&MemberRow {
                organization,
                user,
                role: invitation.role,
                daily_limit: None,
                joined_at: context.now,
                last_active_at: None,
            })
            .await?;
            let change = Change {
                scope: Scope::Organization(organization),
                action: "invitation.accept",
                subject: invitation.email.clone(),
                person: Some(user),
                before: Value::Null,
                after: json!({"id": invitation.id, "role": invitation.role}),
            };
            record(tx, &context, &caller, change).await?;
            Ok(invitation)
        })
        .await
}
