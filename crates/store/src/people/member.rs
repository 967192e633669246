//! Who is in an organization, as what.

use billing::Role;
use units::{Amount, Instant, OrganizationId, UserId};

use super::UserRow;
use super::user::{USER_OF_U, take_user};
use crate::session::Session;
use crate::value::{FromValue, Row, Value};
use crate::{Fault, Reader, Tx};

/// A person in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberRow {
    /// In which one.
    pub organization: OrganizationId,
    /// Who.
    pub user: UserId,
    /// As what.
    pub role: Role,
    /// The most that they may spend in a UTC day.
    pub daily_limit: Option<Amount>,
    /// Since when.
    pub joined_at: Instant,
    /// When they used the organization last, to about a minute.
    pub last_active_at: Option<Instant>,
}

/// That a member used the organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MemberUse(pub OrganizationId, pub UserId, pub Instant);

pub(super) const MEMBER_OF_M: &str =
    "m.organization, m.user_id, m.role, m.daily_limit_nanos, m.joined_at, m.last_active_at";

impl Tx<'_> {
    /// Adds a member.
    ///
    /// # Errors
    /// [`Fault::Taken`] when the person is one already.
    pub async fn insert_member(&mut self, member: &MemberRow) -> Result<(), Fault> {
        let sql = "INSERT INTO members (organization, user_id, role, daily_limit_nanos, joined_at, last_active_at) \
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
        let values: [Value; 6] = [
            member.organization.into(),
            member.user.into(),
            member.role.name().into(),
            member.daily_limit.into(),
            member.joined_at.into(),
            member.last_active_at.into(),
        ];
        self.insert(sql, &values, "this member").await
    }

    /// Writes a member's role. Answers whether there is such a member.
    pub async fn set_member_role(
        &mut self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
    ) -> Result<bool, Fault> {
        let sql = "UPDATE members SET role = $3 WHERE organization = $1 AND user_id = $2";
        self.change(sql, &[organization.into(), user.into(), role.name().into()]).await
    }

    /// Writes the most that a member may spend in a UTC day. Answers whether there is such a member.
    pub async fn set_member_daily_limit(
        &mut self,
        organization: OrganizationId,
        user: UserId,
        limit: Option<Amount>,
    ) -> Result<bool, Fault> {
        let sql = "UPDATE members SET daily_limit_nanos = $3 WHERE organization = $1 AND user_id = $2";
        self.change(sql, &[organization.into(), user.into(), limit.into()]).await
    }

    /// Takes a member out. Answers whether there was such a member.
    pub async fn delete_member(&mut self, organization: OrganizationId, user: UserId) -> Result<bool, Fault> {
        let sql = "DELETE FROM members WHERE organization = $1 AND user_id = $2";
        self.change(sql, &[organization.into(), user.into()]).await
    }

    /// What a person is in an organization.
    pub async fn find_member(
        &mut self,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<Option<MemberRow>, Fault> {
        find_member_in(&mut self.session, organization, user).await
    }

    /// How many members have a role.
    pub async fn count_members(&mut self, organization: OrganizationId, role: Role) -> Result<u64, Fault> {
        let sql = "SELECT count(*) FROM members WHERE organization = $1 AND role = $2";
        match self.session.find(sql, &[organization.into(), role.name().into()]).await? {
            Some(mut row) => row.take(),
            None => Ok(0),
        }
    }

    /// Everybody of this role.
    pub async fn list_members_of_role(
        &mut self,
        organization: OrganizationId,
        role: Role,
    ) -> Result<Vec<UserId>, Fault> {
        let sql = "SELECT user_id FROM members WHERE organization = $1 AND role = $2 ORDER BY user_id";
        let rows = self.session.query(sql, &[organization.into(), role.name().into()]).await?;
        rows.into_iter().map(|mut row| row.take()).collect()
    }

    /// Notes that members were active. An earlier moment than the noted one changes nothing.
    pub async fn touch_members(&mut self, uses: &[MemberUse]) -> Result<(), Fault> {
        let sql = "UPDATE members SET last_active_at = $3 WHERE organization = $1 AND user_id = $2 \
                   AND (last_active_at IS NULL OR last_active_at < $3)";
        for MemberUse(organization, user, at) in uses {
            self.change(sql, &[(*organization).into(), (*user).into(), (*at).into()]).await?;
        }
        Ok(())
    }
}

impl Reader {
    /// Everybody in an organization, in the order in which they have accounts, from behind `after`.
    pub async fn list_members(
        &self,
        organization: OrganizationId,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<(MemberRow, UserRow)>, Fault> {
        self.read_beside("listing members", move |session| Box::pin(list_members(session, organization, after, limit)))
            .await
    }
}

pub(super) async fn find_member_in(
    session: &mut Session<'_>,
    organization: OrganizationId,
    user: UserId,
) -> Result<Option<MemberRow>, Fault> {
    let sql = format!("SELECT {MEMBER_OF_M} FROM members m WHERE m.organization = $1 AND m.user_id = $2");
    let found = session.find(&sql, &[organization.into(), user.into()]).await?;
    found.map(|mut row| take_member(&mut row)).transpose()
}

async fn list_members(
    session: &mut Session<'_>,
    organization: OrganizationId,
    after: Option<UserId>,
    limit: u32,
) -> Result<Vec<(MemberRow, UserRow)>, Fault> {
    let after = after.map(|id| id.uuid()).unwrap_or_default();
    let sql = format!(
        "SELECT {MEMBER_OF_M}, {USER_OF_U} FROM members m JOIN users u ON u.id = m.user_id \
         WHERE m.organization = $1 AND m.user_id > $2 ORDER BY m.user_id LIMIT $3"
    );
    let rows = session.query(&sql, &[organization.into(), after.into(), limit.into()]).await?;
    rows.into_iter().map(|mut row| Ok((take_member(&mut row)?, take_user(&mut row)?))).collect()
}

/// The columns of [`MEMBER_OF_M`].
pub(super) fn take_member(row: &mut Row) -> Result<MemberRow, Fault> {
    Ok(MemberRow {
        organization: row.take()?,
        user: row.take()?,
        role: row.take()?,
        daily_limit: row.take()?,
        joined_at: row.take()?,
        last_active_at: row.take()?,
    })
}

impl FromValue for Role {
    fn from_value(value: Value) -> Option<Self> {
        String::from_value(value)?.parse().ok()
    }
}
