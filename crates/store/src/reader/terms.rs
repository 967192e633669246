//! The rules under which a request uses an organization's credits.

use billing::Policy;
use units::{OrganizationId, UserId};

use crate::debt::list_debts;
use crate::people::{find_policy, find_standing};
use crate::{DebtRow, Fault, MemberRow, OrganizationRow, Reader, StandingRow};

/// An organization, what somebody is in it, its policy, and what it owes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermsRow {
    /// The organization.
    pub organization: OrganizationRow,
    /// The membership of who was asked about.
    pub member: Option<MemberRow>,
    /// What it lets its members use, when it has said so.
    pub policy: Option<Policy>,
    /// What it owes for its seats. Whether it is served follows from it.
    pub debts: Vec<DebtRow>,
}

impl Reader {
    /// The terms of an organization for a person, read together.
    pub async fn find_terms(&self, id: OrganizationId, user: Option<UserId>) -> Result<Option<TermsRow>, Fault> {
        self.read_beside("looking for an organization", move |session| {
            Box::pin(async move {
                let Some(standing) = find_standing(session, id, user).await? else { return Ok(None) };
                let StandingRow { organization, member } = standing;
                let policy = find_policy(session, id).await?.map(|row| row.policy);
                let debts = list_debts(session, organization.wallet).await?;
                Ok(Some(TermsRow { organization, member, policy, debts }))
            })
        })
        .await
    }
}
