//! An open door into an organization for one address.

use billing::Role;
use units::{Instant, InvitationId, OrganizationId, UserId};

use super::text;
use crate::session::Session;
use crate::value::{Row, Value};
use crate::{Fault, Reader, Tx};

/// An invitation. Only who signed in with its address can accept it, so it has no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationRow {
    /// Its id.
    pub id: InvitationId,
    /// Into which organization.
    pub organization: OrganizationId,
    /// For whom, in small letters.
    pub email: String,
    /// As what.
    pub role: Role,
    /// Who invited, when it was a person.
    pub invited_by: Option<UserId>,
    /// Since when.
    pub created_at: Instant,
    /// From when it is refused.
    pub expires_at: Instant,
    /// When it was accepted.
    pub accepted_at: Option<Instant>,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
}

impl InvitationRow {
    /// Whether it can be accepted.
    pub fn is_pending(&self, now: Instant) -> bool {
        self.accepted_at.is_none() && self.revoked_at.is_none() && now < self.expires_at
    }
}

const INVITATION: &str = "id, organization, email, role, invited_by, created_at, expires_at, accepted_at, revoked_at";

impl Tx<'_> {
    /// Adds an invitation.
    ///
    /// # Errors
    /// [`Fault::Taken`] when the id or the secret exists.
    pub async fn insert_invitation(&mut self, invitation: &InvitationRow) -> Result<(), Fault> {
        let sql = format!(
            "INSERT INTO invitations ({INVITATION}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             ON CONFLICT DO NOTHING"
        );
        let values: [Value; 9] = [
            invitation.id.into(),
            invitation.organization.into(),
            text(&invitation.email),
            invitation.role.name().into(),
            invitation.invited_by.into(),
            invitation.created_at.into(),
            invitation.expires_at.into(),
            invitation.accepted_at.into(),
            invitation.revoked_at.into(),
        ];
        self.insert(&sql, &values, "this invitation").await
    }

    /// Writes an invitation's moments.
    pub async fn update_invitation(&mut self, invitation: &InvitationRow) -> Result<(), Fault> {
        let sql = "UPDATE invitations SET expires_at = $3, accepted_at = $4, revoked_at = $5 \
                   WHERE organization = $1 AND id = $2";
        let values: [Value; 5] = [
            invitation.organization.into(),
            invitation.id.into(),
            invitation.expires_at.into(),
            invitation.accepted_at.into(),
            invitation.revoked_at.into(),
        ];
        self.change(sql, &values).await.map(drop)
    }

    /// The invitation of this id.
    pub async fn find_invitation(&mut self, id: InvitationId) -> Result<Option<InvitationRow>, Fault> {
        let sql = format!("SELECT {INVITATION} FROM invitations WHERE id = $1");
        self.session.find(&sql, &[id.into()]).await?.map(invitation).transpose()
    }

    /// Every invitation of an address into an organization.
    pub async fn list_invitations_to(
        &mut self,
        organization: OrganizationId,
        email: &str,
    ) -> Result<Vec<InvitationRow>, Fault> {
        let sql = format!("SELECT {INVITATION} FROM invitations WHERE email = $1 AND organization = $2 ORDER BY id");
        let rows = self.session.query(&sql, &[text(email), organization.into()]).await?;
        rows.into_iter().map(invitation).collect()
    }
}

impl Reader {
    /// Invitations of an organization that can be accepted, oldest first.
    pub async fn list_pending_invitations(
        &self,
        organization: OrganizationId,
        now: Instant,
    ) -> Result<Vec<InvitationRow>, Fault> {
        self.read_beside("listing invitations", move |session| Box::pin(list_pending(session, organization, now))).await
    }

    /// Invitations of an address that can be accepted, oldest first.
    pub async fn list_invitations_for(&self, email: &str, now: Instant) -> Result<Vec<InvitationRow>, Fault> {
        let email = email.to_owned();
        self.read_beside("listing invitations", move |session| {
            Box::pin(async move { list_for(session, &email, now).await })
        })
        .await
    }
}

const PENDING: &str = "accepted_at IS NULL AND revoked_at IS NULL";

async fn list_pending(
    session: &mut Session<'_>,
    organization: OrganizationId,
    now: Instant,
) -> Result<Vec<InvitationRow>, Fault> {
    let sql = format!(
        "SELECT {INVITATION} FROM invitations WHERE organization = $1 AND {PENDING} AND expires_at > $2 ORDER BY id"
    );
    session.query(&sql, &[organization.into(), now.into()]).await?.into_iter().map(invitation).collect()
}

async fn list_for(session: &mut Session<'_>, email: &str, now: Instant) -> Result<Vec<InvitationRow>, Fault> {
    let sql =
        format!("SELECT {INVITATION} FROM invitations WHERE email = $1 AND {PENDING} AND expires_at > $2 ORDER BY id");
    session.query(&sql, &[text(email), now.into()]).await?.into_iter().map(invitation).collect()
}

fn invitation(mut row: Row) -> Result<InvitationRow, Fault> {
    Ok(InvitationRow {
        id: row.take()?,
        organization: row.take()?,
        email: row.take()?,
        role: row.take()?,
        invited_by: row.take()?,
        created_at: row.take()?,
        expires_at: row.take()?,
        accepted_at: row.take()?,
        revoked_at: row.take()?,
    })
}
