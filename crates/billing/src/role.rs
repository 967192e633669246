//! What people may do in an organization: one table for everything.
//!
//! A person in their own wallet may do what an owner may. A key acts for its person and may do less.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May do everything. There is always at least one.
    Owner,
    /// Everything but managing owners.
    Admin,
    /// Money, seats, invoices and inviting; takes no seat and uses no credits.
    BillingManager,
    /// Uses credits and sees usage.
    Member,
}

/// Something that somebody may or may not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Spend the wallet's credits: call models, place and settle holds.
    UseCredits,
    /// See the name, the balance, the members, the policies and one's own usage.
    SeeOrganization,
    /// See what the team used in total.
    SeeUsageTotals,
    /// See what each person and key used.
    SeeUsageOfPeople,
    /// See grants, payments, invoices and seats.
    SeeBilling,
    /// Buy credits and seats, set up auto top-up, payment methods and alerts, pay, change the plan.
    ManageBilling,
    /// Invite people, resend and revoke invitations; for which roles says [`Role::may_grant`].
    Invite,
    /// Change roles and daily limits and remove people; whose says [`Role::may_grant`].
    ManageMembers,
    /// Hand the ownership to another member.
    TransferOwnership,
    /// Change the organization's name and settings.
    ManageOrganization,
    /// Change which models and providers may be used.
    ManagePolicies,
    /// Keep provider keys of the organization.
    ManageByok,
    /// Make, change and revoke one's own API keys.
    ManageOwnKeys,
    /// See, change and revoke everybody's API keys.
    ManageAllKeys,
    /// Read and export the audit log.
    SeeAudit,
}

/// A text that names no role.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no role; roles are owner, admin, billing_manager and member")]
pub struct ParseRoleError(String);

use Action::*;
use Role::*;

/// The table.
pub fn allows(role: Role, action: Action) -> bool {
    let who: &[Role] = match action {
        SeeOrganization | SeeUsageTotals => &[Owner, Admin, BillingManager, Member],
        UseCredits | ManageOwnKeys => &[Owner, Admin, Member],
        SeeUsageOfPeople | SeeBilling | ManageBilling | ManageByok | Invite => &[Owner, Admin, BillingManager],
        ManageMembers | ManageOrganization | ManagePolicies | ManageAllKeys | SeeAudit => &[Owner, Admin],
        TransferOwnership => &[Owner],
    };
    who.contains(&role)
}

/// What an API key may do, where its person may do it too. A leaked key spends and looks; it changes nobody's rights.
pub fn allows_key(action: Action) -> bool {
    matches!(action, UseCredits | SeeOrganization | SeeUsageTotals | SeeUsageOfPeople | SeeBilling)
}

impl Role {
    /// Every role, the mightiest first.
    pub const ALL: [Self; 4] = [Owner, Admin, BillingManager, Member];

    /// As it is stored and sent.
    pub const fn name(self) -> &'static str {
        match self {
            Owner => "owner",
            Admin => "admin",
            BillingManager => "billing_manager",
            Member => "member",
        }
    }

    /// Whether who has it takes a seat, as a pending invitation for it does.
    pub const fn takes_seat(self) -> bool {
        !matches!(self, BillingManager)
    }

    /// Whether who is this may make somebody that, or change or remove somebody who is that. Nobody gives more
    /// than they have.
    pub fn may_grant(self, other: Role) -> bool {
        let whom: &[Role] = match self {
            Owner => &Self::ALL,
            Admin => &[Admin, BillingManager, Member],
            BillingManager => &[BillingManager, Member],
            Member => &[],
        };
        whom.contains(&other)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = ParseRoleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || ParseRoleError(text.chars().take(40).collect());
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or_else(wrong)
    }
}

impl Action {
    /// Every action, in the order of the table.
    pub const ALL: [Self; 15] = [
        UseCredits,
        SeeOrganization,
        SeeUsageTotals,
        SeeUsageOfPeople,
        SeeBilling,
        ManageBilling,
        Invite,
        ManageMembers,
        TransferOwnership,
        ManageOrganization,
        ManagePolicies,
        ManageByok,
        ManageOwnKeys,
        ManageAllKeys,
        SeeAudit,
    ];

    /// In words that go on from "you may not".
    pub const fn words(self) -> &'static str {
        match self {
            UseCredits => "use its credits",
            SeeOrganization => "see it",
            SeeUsageTotals => "see its usage",
            SeeUsageOfPeople => "see what others used",
            SeeBilling => "see its billing",
            ManageBilling => "manage its billing",
            Invite => "invite people",
            ManageMembers => "manage its members",
            TransferOwnership => "hand over its ownership",
            ManageOrganization => "change its settings",
            ManagePolicies => "change its policies",
            ManageByok => "manage its provider keys",
            ManageOwnKeys => "have API keys in it",
            ManageAllKeys => "manage the keys of others",
            SeeAudit => "read its audit log",
        }
    }

    /// The roles that may, in words.
    pub fn who(self) -> String {
        let names: Vec<&str> = Role::ALL.into_iter().filter(|role| allows(*role, self)).map(Role::name).collect();
        names.join(" or ").replace('_', " ")
    }
}

#[cfg(test)]
mod tests;
