//! Open doors into an organization, each for one address.

mod invite;
pub use invite::{INVITATION_DAYS, Invite, invite};

mod resend;
pub use resend::resend;

mod revoke;
pub use revoke::revoke;

mod accept;
pub use accept::accept;

mod list;
pub use list::{list, list_mine};

use connectors::mail::Letter;
use store::{InvitationRow, OrganizationRow, Tx};
use units::{InvitationId, OrganizationId};

use crate::jobs::mail;
use crate::{Caller, Context, Error, words};

/// Refuses when every seat is taken by members and pending invitations, or goes at the renewal.
pub(crate) async fn require_free_seat(
    tx: &mut Tx<'_>,
    ctx: &Context,
    organization: &OrganizationRow,
) -> Result<(), Error> {
    let used = tx.count_seats_used(organization.id, ctx.now).await?;
    Ok(organization.seating.require_free(used)?)
}

/// The letter, written with the invitation. It leads to it, and opens nothing for who cannot sign in with the
/// address.
async fn write_letter(
    tx: &mut Tx<'_>,
    ctx: &Context,
    caller: &Caller,
    organization: &OrganizationRow,
    invitation: &InvitationRow,
) -> Result<(), Error> {
    let letter = Letter::Invitation {
        organization: organization.name.clone(),
        invited_by: words::person(tx, caller, &organization.name).await?,
        role: words::role(invitation.role),
        link: format!("/invitations/{}", invitation.id),
        days: INVITATION_DAYS,
    };
    Ok(tx.insert_job(&mail(ctx, &invitation.email, letter)).await?)
}

/// The invitation of this organization.
async fn load(tx: &mut Tx<'_>, organization: OrganizationId, id: InvitationId) -> Result<InvitationRow, Error> {
    let not_found = || Error::NotFound { what: "invitation", name: id.to_string() };
    let found = tx.find_invitation(id).await?;
    found.filter(|invitation| invitation.organization == organization).ok_or_else(not_found)
}

/// Refuses what cannot be accepted any more, and says why.
fn require_open(invitation: &InvitationRow) -> Result<(), Error> {
    match (invitation.accepted_at, invitation.revoked_at) {
        (Some(_), _) => Err(Error::InvitationClosed { how: "was accepted already" }),
        (_, Some(_)) => Err(Error::InvitationClosed { how: "was revoked" }),
        _ => Ok(()),
    }
}
