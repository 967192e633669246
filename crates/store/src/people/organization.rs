//! People who share a wallet.

use billing::seat::Seating;
use units::{Instant, OrganizationId, UserId, WalletId};

use super::member::{MEMBER_OF_M, find_member_in, take_member};
use super::suspension::{SUSPENSION_OF_X, SuspensionRow, take_suspension};
use super::{Holder, MemberRow, WalletRow, text};
use crate::invoice::{json, parse};
use crate::session::Session;
use crate::value::{Row, Value};
use crate::{Fault, Reader, Tx};

/// People who share a wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationRow {
    /// Its id.
    pub id: OrganizationId,
    /// What its people call it.
    pub name: String,
    /// What they share.
    pub wallet: WalletId,
    /// How many members and pending invitations may take a seat, and what is paid for it.
    pub seating: Seating,
    /// Since when.
    pub created_at: Instant,
    /// Whether an operator has stopped its service.
    pub suspension: Option<SuspensionRow>,
}

/// An organization and what somebody is in it, if they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingRow {
    /// The organization.
    pub organization: OrganizationRow,
    /// The membership of who was asked about.
    pub member: Option<MemberRow>,
}

/// The columns of an organization without its suspension, and where both come from.
const ORGANIZATION: &str = "o.id, o.name, o.wallet, o.seating, o.created_at";
const ORGANIZATIONS: &str = "organizations o LEFT JOIN suspensions x ON x.wallet = o.wallet";

impl Tx<'_> {
    /// Adds an organization with an empty wallet and nobody in it.
    ///
    /// # Errors
    /// [`Fault::Taken`] when one of the ids exists.
    pub async fn insert_organization_with_wallet(&mut self, organization: &OrganizationRow) -> Result<(), Fault> {
        let sql = "INSERT INTO organizations (id, name, wallet, seating, created_at) \
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        let values: [Value; 5] = [
            organization.id.into(),
            text(&organization.name),
            organization.wallet.into(),
            json(&organization.seating)?,
            organization.created_at.into(),
        ];
        self.insert(sql, &values, "this organization").await?;
        let (id, holder) = (organization.wallet, Holder::Organization(organization.id));
        self.insert_wallet(&WalletRow { id, holder, created_at: organization.created_at, suspension: None }).await
    }

    /// Writes an organization's name. Answers whether there is such an organization.
    pub async fn set_organization_name(&mut self, id: OrganizationId, name: &str) -> Result<bool, Fault> {
        self.change("UPDATE organizations SET name = $2 WHERE id = $1", &[id.into(), text(name)]).await
    }

    /// The organization, and what the person is in it.
    pub async fn find_standing(
        &mut self,
        id: OrganizationId,
        user: Option<UserId>,
    ) -> Result<Option<StandingRow>, Fault> {
        find_standing(&mut self.session, id, user).await
    }

    /// How many seats are taken: by members, and by pending invitations.
    pub async fn count_seats_used(&mut self, id: OrganizationId, now: Instant) -> Result<u32, Fault> {
        count_seats_used(&mut self.session, id, now).await
    }
}

impl Reader {
    /// The organization, and what the person is in it.
    pub async fn find_standing(&self, id: OrganizationId, user: Option<UserId>) -> Result<Option<StandingRow>, Fault> {
        self.read_beside("looking for an organization", move |session| Box::pin(find_standing(session, id, user))).await
    }

    /// How many seats are taken: by members, and by pending invitations.
    pub async fn count_seats_used(&self, id: OrganizationId, now: Instant) -> Result<u32, Fault> {
        self.read_beside("counting seats", move |session| Box::pin(count_seats_used(session, id, now))).await
    }

    /// How many seats members take, and how many pending invitations do.
    pub async fn count_seats_by_kind(&self, id: OrganizationId, now: Instant) -> Result<(u32, u32), Fault> {
        self.read_beside("counting seats", move |session| Box::pin(count_seats_by_kind(session, id, now))).await
    }

    /// The organizations that a person is in, with what they are there.
    pub async fn list_organizations_of(&self, user: UserId) -> Result<Vec<(OrganizationRow, MemberRow)>, Fault> {
        self.read_beside("listing organizations", move |session| Box::pin(list_of(session, user))).await
    }

    /// All organizations in the order of their ids, which is the order in which they were made.
    pub async fn list_organizations(
        &self,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<OrganizationRow>, Fault> {
        self.read_beside("listing organizations", move |session| Box::pin(list_all(session, after, limit))).await
    }
}

pub(crate) async fn find_standing(
    session: &mut Session<'_>,
    id: OrganizationId,
    user: Option<UserId>,
) -> Result<Option<StandingRow>, Fault> {
    let sql = format!("SELECT {ORGANIZATION}, {SUSPENSION_OF_X} FROM {ORGANIZATIONS} WHERE o.id = $1");
    let Some(mut row) = session.find(&sql, &[id.into()]).await? else { return Ok(None) };
    let organization = take_organization(&mut row)?;
    let member = match user {
        Some(user) => find_member_in(session, id, user).await?,
        None => None,
    };
    Ok(Some(StandingRow { organization, member }))
}

async fn count_seats_used(session: &mut Session<'_>, id: OrganizationId, now: Instant) -> Result<u32, Fault> {
    let (members, invited) = count_seats_by_kind(session, id, now).await?;
    Ok(members + invited)
}

async fn count_seats_by_kind(session: &mut Session<'_>, id: OrganizationId, now: Instant) -> Result<(u32, u32), Fault> {
    let sql = "SELECT (SELECT count(*) FROM members WHERE organization = $1 AND role <> 'billing_manager'), \
               (SELECT count(*) FROM invitations WHERE organization = $1 AND role <> 'billing_manager' \
                  AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2)";
    match session.find(sql, &[id.into(), now.into()]).await? {
        Some(mut row) => Ok((row.take()?, row.take()?)),
        None => Ok((0, 0)),
    }
}

async fn list_of(session: &mut Session<'_>, user: UserId) -> Result<Vec<(OrganizationRow, MemberRow)>, Fault> {
    let sql = format!(
        "SELECT {ORGANIZATION}, {SUSPENSION_OF_X}, {MEMBER_OF_M} FROM members m \
         JOIN organizations o ON o.id = m.organization LEFT JOIN suspensions x ON x.wallet = o.wallet WHERE m.user_id = $1 ORDER BY o.id"
    );
    let rows = session.query(&sql, &[user.into()]).await?;
    rows.into_iter().map(|mut row| Ok((take_organization(&mut row)?, take_member(&mut row)?))).collect()
}

async fn list_all(
    session: &mut Session<'_>,
    after: Option<OrganizationId>,
    limit: u32,
) -> Result<Vec<OrganizationRow>, Fault> {
    let after = after.map(|id| id.uuid()).unwrap_or_default();
    let sql =
        format!("SELECT {ORGANIZATION}, {SUSPENSION_OF_X} FROM {ORGANIZATIONS} WHERE o.id > $1 ORDER BY o.id LIMIT $2");
    let rows = session.query(&sql, &[after.into(), limit.into()]).await?;
    rows.into_iter().map(|mut row| take_organization(&mut row)).collect()
}

fn take_organization(row: &mut Row) -> Result<OrganizationRow, Fault> {
    Ok(OrganizationRow {
        id: row.take()?,
        name: row.take()?,
        wallet: row.take()?,
        seating: parse(&row.take::<String>()?, "the seats of an organization")?,
        created_at: row.take()?,
        suspension: take_suspension(row)?,
    })
}
