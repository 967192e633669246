//! What a caller may do with an organization or a wallet: the one place where it is decided.
//!
//! What a caller does not belong to is not there for them: the same refusal, word for word, as for an id that
//! nobody has. What they belong to and may not do is forbidden, and the refusal says who may.

use billing::role::{self, Action};
use billing::seat::Access;
use billing::{Catalog, Role};
use store::{DebtRow, Holder, MemberRow, OrganizationRow, Reader, StandingRow, SuspensionRow, Tx, UserRow, WalletRow};
use units::{Instant, OrganizationId, UserId, WalletId};

use crate::audit::Scope;
use crate::{Caller, Context, Error, dunning};

/// What a caller is in an organization.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The organization.
    pub organization: OrganizationRow,
    /// Their membership. The command line has none.
    pub member: Option<MemberRow>,
    /// What they may do at most. The command line is an owner everywhere.
    pub role: Role,
}

/// What a caller is to a wallet.
#[derive(Clone, Debug)]
pub struct WalletStanding {
    /// The wallet.
    pub wallet: WalletRow,
    /// In the holder's affairs: the person's own, or what they are in the organization.
    pub role: Role,
    /// The organization whose wallet it is.
    pub organization: Option<OrganizationRow>,
    /// Their membership there.
    pub member: Option<MemberRow>,
}

impl WalletStanding {
    /// In whose log a change of this wallet stands.
    pub fn scope(&self) -> Scope {
        match self.wallet.holder {
            Holder::User(user) => Scope::Person(user),
            Holder::Organization(organization) => Scope::Organization(organization),
        }
    }
}

/// What the caller is in the organization, when they may do this there.
pub async fn organization(
    tx: &mut Tx<'_>,
    caller: &Caller,
    id: OrganizationId,
    action: Action,
) -> Result<Standing, Error> {
    decide(caller, tx.find_standing(id, caller.user()).await?, id, action)
}

/// The same for reading.
pub async fn read_organization(
    reader: &Reader,
    caller: &Caller,
    id: OrganizationId,
    action: Action,
) -> Result<Standing, Error> {
    decide(caller, reader.find_standing(id, caller.user()).await?, id, action)
}

/// What the caller is to the wallet, when they may do this with it.
pub async fn wallet(tx: &mut Tx<'_>, caller: &Caller, id: WalletId, action: Action) -> Result<WalletStanding, Error> {
    let found = tx.find_wallet(id).await?;
    let standing = match found.as_ref().map(|wallet| wallet.holder) {
        Some(Holder::Organization(organization)) => tx.find_standing(organization, caller.user()).await?,
        _ => None,
    };
    decide_wallet(caller, found, standing, id, action)
}

/// The same for reading.
pub async fn read_wallet(
    reader: &Reader,
    caller: &Caller,
    id: WalletId,
    action: Action,
) -> Result<WalletStanding, Error> {
    let found = reader.find_wallet(id).await?;
    let standing = match found.as_ref().map(|wallet| wallet.holder) {
        Some(Holder::Organization(organization)) => reader.find_standing(organization, caller.user()).await?,
        _ => None,
    };
    decide_wallet(caller, found, standing, id, action)
}

/// Refuses whoever does not run this server.
pub async fn operator(tx: &mut Tx<'_>, caller: &Caller) -> Result<(), Error> {
    match caller {
        Caller::Operator => Ok(()),
        Caller::Person { user, .. } => decide_operator(tx.find_user(*user).await?),
        Caller::Key(_) => decide_operator(None),
    }
}

/// The same for reading.
pub async fn read_operator(reader: &Reader, caller: &Caller) -> Result<(), Error> {
    match caller {
        Caller::Operator => Ok(()),
        Caller::Person { user, .. } => decide_operator(reader.find_user(*user).await?),
        Caller::Key(_) => decide_operator(None),
    }
}

/// Refuses what a wallet does not get that an operator has suspended, whatever it owes.
///
/// # Errors
/// [`Error::SuspendedByOperator`].
pub fn require_unsuspended(suspension: Option<&SuspensionRow>) -> Result<(), Error> {
    match suspension {
        None => Ok(()),
        Some(SuspensionRow { since, reason }) => {
            Err(Error::SuspendedByOperator { since: *since, reason: reason.clone() })
        }
    }
}

/// Refuses what an organization that is not served does not get. One without a plan is served through its trial and the
/// days of banners behind it; one that owes, through its grace; one that an operator has suspended, not at all.
///
/// # Errors
/// [`Error::SuspendedByOperator`], [`Error::AccountSuspended`] and [`Error::SubscriptionRequired`].
pub fn require_plan(
    catalog: &Catalog,
    organization: &OrganizationRow,
    debts: &[DebtRow],
    now: Instant,
) -> Result<(), Error> {
    require_unsuspended(organization.suspension.as_ref())?;
    dunning::require_served(debts, &catalog.dunning, now)?;
    let seating = &organization.seating;
    match seating.access(catalog.dunning.grace_days, now) {
        Access::Trial { .. } | Access::Banner { .. } | Access::Subscribed => Ok(()),
        Access::Required => {
            Err(Error::SubscriptionRequired { ended_at: seating.ended_at.unwrap_or(seating.trial_ends_at) })
        }
    }
}

/// The same inside a transaction: for changes that are not paying. Whoever runs the server may make them all the same.
pub(crate) async fn require_served(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    caller: &Caller,
    organization: &OrganizationRow,
) -> Result<(), Error> {
    if matches!(caller, Caller::Operator) {
        return Ok(());
    }
    require_plan(catalog, organization, &tx.list_debts(organization.wallet).await?, ctx.now)
}

/// The same for a change of a wallet, whoever holds it. A person's own has no plan, and owes nothing that suspends it.
pub(crate) async fn require_served_wallet(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    caller: &Caller,
    standing: &WalletStanding,
) -> Result<(), Error> {
    match &standing.organization {
        Some(organization) => require_served(tx, ctx, catalog, caller, organization).await,
        None if matches!(caller, Caller::Operator) => Ok(()),
        None => require_unsuspended(standing.wallet.suspension.as_ref()),
    }
}

/// Refuses a wallet that owes too long or that an operator has suspended, whoever asks: nothing is bought there without
/// somebody who pays.
pub(crate) async fn require_good_standing(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    wallet: &WalletRow,
) -> Result<(), Error> {
    require_unsuspended(wallet.suspension.as_ref())?;
    dunning::require_served(&tx.list_debts(wallet.id).await?, &catalog.dunning, ctx.now)
}

/// The person who asks. Neither a key nor the command line is one.
pub fn person(caller: &Caller, what: &'static str) -> Result<UserId, Error> {
    match caller {
        Caller::Person { user, .. } => Ok(*user),
        _ => Err(Error::Forbidden { what, who: "a person who is signed in".to_owned() }),
    }
}

fn decide(caller: &Caller, found: Option<StandingRow>, id: OrganizationId, action: Action) -> Result<Standing, Error> {
    let not_found = || Error::NotFound { what: "organization", name: id.to_string() };
    let StandingRow { organization, member } = found.ok_or_else(not_found)?;
    let role = match (caller, &member) {
        (Caller::Operator, _) => Role::Owner,
        // A key of another wallet than its person's own is a key of that wallet alone.
        (Caller::Key(principal), _) if principal.organization.is_some_and(|own| own != id) => return Err(not_found()),
        (_, Some(member)) => member.role,
        // A key of the organization itself, without a person.
        (Caller::Key(principal), None) if principal.user.is_none() && principal.wallet == organization.wallet => {
            Role::Member
        }
        _ => return Err(not_found()),
    };
    may(caller, role, action)?;
    Ok(Standing { organization, member, role })
}

fn decide_wallet(
    caller: &Caller,
    found: Option<WalletRow>,
    standing: Option<StandingRow>,
    id: WalletId,
    action: Action,
) -> Result<WalletStanding, Error> {
    let not_found = || Error::NotFound { what: "wallet", name: id.to_string() };
    let wallet = found.ok_or_else(not_found)?;
    match wallet.holder {
        Holder::User(holder) => {
            let is_own = match caller {
                Caller::Operator => true,
                Caller::Person { user, .. } => *user == holder,
                Caller::Key(principal) => principal.wallet == id,
            };
            if !is_own {
                return Err(not_found());
            }
            may(caller, Role::Owner, action)?;
            Ok(WalletStanding { wallet, role: Role::Owner, organization: None, member: None })
        }
        Holder::Organization(organization) => {
            let standing = decide(caller, standing, organization, action).map_err(|error| match error {
                Error::NotFound { .. } => not_found(),
                other => other,
            })?;
            let Standing { organization, member, role } = standing;
            Ok(WalletStanding { wallet, role, organization: Some(organization), member })
        }
    }
}

fn may(caller: &Caller, role: Role, action: Action) -> Result<(), Error> {
    if matches!(caller, Caller::Key(_)) && !role::allows_key(action) {
        return Err(Error::Forbidden { what: action.words(), who: "a person who is signed in".to_owned() });
    }
    match role::allows(role, action) {
        true => Ok(()),
        false => Err(Error::Forbidden { what: action.words(), who: action.who() }),
    }
}

fn decide_operator(user: Option<UserRow>) -> Result<(), Error> {
    match user {
        Some(user) if user.is_operator => Ok(()),
        _ => Err(Error::Forbidden { what: "run this server", who: "an operator".to_owned() }),
    }
}
