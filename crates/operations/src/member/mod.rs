//! Who is in an organization.

mod set_role;
pub use set_role::set_role;

mod remove;
pub use remove::remove;
pub(crate) use remove::take_out;

mod set_daily_limit;
pub use set_daily_limit::set_daily_limit;

mod list;
pub use list::list;

use billing::Role;
use connectors::mail::Letter;
use store::{MemberRow, Tx};
use units::{OrganizationId, UserId};

use crate::jobs::mail;
use crate::{Context, Error};

/// The member, who must be there.
pub(crate) async fn load(tx: &mut Tx<'_>, organization: OrganizationId, user: UserId) -> Result<MemberRow, Error> {
    let not_found = || Error::NotFound { what: "member", name: user.to_string() };
    tx.find_member(organization, user).await?.ok_or_else(not_found)
}

/// Writes to somebody, when they have an address.
pub(crate) async fn write_to(tx: &mut Tx<'_>, ctx: &Context, user: UserId, letter: Letter) -> Result<(), Error> {
    if let Some(email) = tx.find_user(user).await?.and_then(|user| user.email) {
        tx.insert_job(&mail(ctx, &email, letter)).await?;
    }
    Ok(())
}

/// Refuses whoever would give or take a role above their own.
pub(crate) fn require_reach(own: Role, other: Role, what: &'static str) -> Result<(), Error> {
    if own.may_grant(other) {
        return Ok(());
    }
    let names: Vec<&str> = Role::ALL.into_iter().filter(|role| role.may_grant(other)).map(Role::name).collect();
    Err(Error::Forbidden { what, who: names.join(" or ").replace('_', " ") })
}

/// An organization keeps at least one owner. It stands in the transaction that would take one away, which runs
/// as if it were alone: two owners who demote each other leave one.
pub(crate) async fn require_other_owner(tx: &mut Tx<'_>, leaving: &MemberRow) -> Result<(), Error> {
    let is_last = leaving.role == Role::Owner && tx.count_members(leaving.organization, Role::Owner).await? <= 1;
    match is_last {
        true => Err(Error::LastOwner),
        false => Ok(()),
    }
}
