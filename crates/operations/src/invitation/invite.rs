//! Invites an address.

use billing::Role;
use billing::role::Action;
use serde_json::{Value, json};
use store::InvitationRow;
use units::{InvitationId, OrganizationId};

use super::{require_free_seat, write_letter};
use crate::audit::{Change, Scope, record};
use crate::member::require_reach;
use crate::{Caller, Context, Error, Services, access, words};

/// How many days an invitation can be accepted.
pub const INVITATION_DAYS: u32 = 7;

/// Whom to invite.
#[derive(Clone, Debug)]
pub struct Invite {
    /// Into which organization.
    pub organization: OrganizationId,
    /// Their mail address.
    pub email: String,
    /// As what.
    pub role: Role,
}

/// Mails an invitation. It takes a seat until it is accepted, revoked or expired, when its role does.
pub async fn invite(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    request: Invite,
) -> Result<InvitationRow, Error> {
    let Invite { organization, role, .. } = request;
    let email = words::email(&request.email)?;
    let invitation = InvitationRow {
        id: InvitationId::from_uuid(ctx.ids.uuid()),
        organization,
        email,
        role,
        invited_by: caller.user(),
        created_at: ctx.now,
        expires_at: ctx.now.plus_days(INVITATION_DAYS),
        accepted_at: None,
        revoked_at: None,
    };
    let (context, caller, catalog) = (ctx.clone(), *caller, services.catalog.current());
    services
        .store
        .write(async move |tx| {
            let standing = access::organization(tx, &caller, organization, Action::Invite).await?;
            access::require_served(tx, &context, &catalog, &caller, &standing.organization).await?;
            require_reach(standing.role, role, "invite somebody as that")?;
            if let Some(user) = tx.find_user_by_email(&invitation.email).await?
                && tx.find_member(organization, user.id).await?.is_some()
            {
                return Err(Error::Exists { what: "member", name: invitation.email.clone() });
            }
            let earlier = tx.list_invitations_to(organization, &invitation.email).await?;
            if earlier.iter().any(|earlier| earlier.is_pending(context.now)) {
                return Err(Error::Exists { what: "invitation of", name: invitation.email.clone() });
            }
            if role.takes_seat() {
                require_free_seat(tx, &context, &standing.organization).await?;
            }
            tx.insert_invitation(&invitation).await?;
            write_letter(tx, &context, &caller, &standing.organization, &invitation).await?;
            let change = Change {
                scope: Scope::Organization(organization),
                action: "invitation.create",
                subject: invitation.email.clone(),
                person: None,
                before: Value::Null,
                after: json!({"id": invitation.id, "role": role, "expires_at": invitation.expires_at}),
            };
            record(tx, &context, &caller, change).await?;
            Ok(invitation.clone())
        })
        .await
}
