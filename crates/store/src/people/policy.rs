//! What an organization lets its members use.

use units::{Instant, OrganizationId};

use super::text;
use crate::session::Session;
use crate::{Fault, Reader, Tx};

/// An organization's policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyRow {
    /// What is allowed.
    pub policy: billing::Policy,
    /// Counts its changes, from 1.
    pub version: u32,
    /// Since when it is so.
    pub changed_at: Instant,
}

impl Tx<'_> {
    /// Writes an organization's policy over the one before.
    pub async fn save_policy(&mut self, organization: OrganizationId, policy: &PolicyRow) -> Result<(), Fault> {
        let rules = serde_json::to_string(&policy.policy).map_err(|error| Fault::corrupt(error.to_string()))?;
        let sql = "INSERT INTO policies (organization, rules, version, changed_at) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (organization) DO UPDATE \
                   SET rules = excluded.rules, version = excluded.version, changed_at = excluded.changed_at";
        let values = [organization.into(), text(&rules), policy.version.into(), policy.changed_at.into()];
        self.change(sql, &values).await.map(drop)
    }

    /// An organization's policy, when it has set one.
    pub async fn find_policy(&mut self, organization: OrganizationId) -> Result<Option<PolicyRow>, Fault> {
        find_policy(&mut self.session, organization).await
    }
}

impl Reader {
    /// An organization's policy, when it has set one.
    pub async fn find_policy(&self, organization: OrganizationId) -> Result<Option<PolicyRow>, Fault> {
        self.read_beside("looking for a policy", move |session| Box::pin(find_policy(session, organization))).await
    }
}

pub(crate) async fn find_policy(
    session: &mut Session<'_>,
    organization: OrganizationId,
) -> Result<Option<PolicyRow>, Fault> {
    let sql = "SELECT rules, version, changed_at FROM policies WHERE organization = $1";
    let Some(mut row) = session.find(sql, &[organization.into()]).await? else { return Ok(None) };
    let rules: String = row.take()?;
    let policy = serde_json::from_str(&rules).map_err(|error| Fault::corrupt(format!("a policy: {error}")))?;
    Ok(Some(PolicyRow { policy, version: row.take()?, changed_at: row.take()? }))
}
