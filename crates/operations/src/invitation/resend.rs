//! Mails an invitation again.

use billing::role::Action;
use serde_json::json;
use store::InvitationRow;
use units::{InvitationId, OrganizationId};

use super::{INVITATION_DAYS, load, require_free_seat, require_open, write_letter};
use crate::audit::{Change, Scope, record};
use crate::member::require_reach;
use crate::{Caller, Context, Error, Services, access};

/// Sends a new mail and starts the seven days again. An expired invitation comes back, if there is a seat for it.
pub async fn resend(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    organization: OrganizationId,
    id: InvitationId,
) -> Result<InvitationRow, Error> {
    let (context, caller, catalog) = (ctx.clone(), *caller, services.catalog.current());
    services
        .store
        .write(async move |tx| {
            let standing = access::organization(tx, &caller, organization, Action::Invite).await?;
            access::require_served(tx, &context, &catalog, &caller, &standing.organization).await?;
            let mut invitation = load(tx, organization, id).await?;
            require_reach(standing.role, invitation.role, "invite somebody as that")?;
            require_open(&invitation)?;
            if invitation.role.takes_seat() && !invitation.is_pending(context.now) {
                require_free_seat(tx, &context, &standing.organization).await?;
            }
            let before = json!({"expires_at": invitation.expires_at});
            invitation.expires_at = context.now.plus_days(INVITATION_DAYS);
            tx.update_invitation(&invitation).await?;
            write_letter(tx, &context, &caller, &standing.organization, &invitation).await?;
            let change = Change {
                scope: Scope::Organization(organization),
                action: "invitation.resend",
                subject: invitation.email.clone(),
                person: None,
                before,
                after: json!({"expires_at": invitation.expires_at}),
            };
            record(tx, &context, &caller, change).await?;
            Ok(invitation)
        })
        .await
}
