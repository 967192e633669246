//! Reads a log, the newest line first.

use billing::role::Action;
use store::{AuditFilter, AuditRow};
use units::{AuditId, OrganizationId, UserId};
use uuid::Uuid;

use crate::{Caller, Error, Services, access};

/// Whose log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// An organization's: owners and admins read it.
    Organization(OrganizationId),
    /// A person's own.
    Person(UserId),
    /// The server's: operators read it.
    Server,
}

impl Scope {
    pub(crate) fn uuid(self) -> Uuid {
        match self {
            Self::Organization(organization) => organization.uuid(),
            Self::Person(user) => user.uuid(),
            Self::Server => Uuid::nil(),
        }
    }
}

/// The most lines of one page.
pub const MOST_LINES: u32 = 500;

/// A page of a log, from before a line.
pub async fn list(
    services: &Services,
    caller: &Caller,
    scope: Scope,
    filter: AuditFilter,
    before: Option<AuditId>,
    limit: u32,
) -> Result<Vec<AuditRow>, Error> {
    let reader = services.store.reader();
    match (scope, caller) {
        (Scope::Organization(organization), _) => {
            access::read_organization(reader, caller, organization, Action::SeeAudit).await?;
        }
        (Scope::Person(user), Caller::Person { user: own, .. }) if user == *own => {}
        (Scope::Person(_) | Scope::Server, _) => access::read_operator(reader, caller).await?,
    }
    Ok(reader.list_audit(scope.uuid(), filter, before, limit.min(MOST_LINES)).await?)
}
