//! What happens to organizations in a story.

use billing::Role;
use operations::invitation::{self, Invite};
use operations::organization::{self, CreateOrganization};
use operations::{Caller, Error, member};
use units::{Amount, OrganizationId, UserId};

use crate::World;
use crate::fields::Fields;
use crate::source::StoryError;
use crate::step::Names;
use crate::world::address;

/// A step about an organization and somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct TeamAction {
    /// The organization's label.
    pub org: String,
    /// The person's label.
    pub user: String,
    /// Who does it; the operator when absent.
    pub by: Option<String>,
    /// What is done.
    pub verb: TeamVerb,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TeamVerb {
    /// The person founds the organization.
    Create,
    /// The person is invited.
    Invite(Role),
    /// The person signs in, if they never did, and accepts; or `by` tries to.
    Accept,
    /// The person's invitation is taken back.
    Revoke,
    /// The person is taken out; by themselves, they leave.
    Remove,
    /// The person becomes something else.
    SetRole(Role),
    /// The person may spend so much in a UTC day; any amount when absent.
    Limit(Option<Amount>),
}

/// The words after `do`.
pub(crate) const VERBS: [&str; 7] =
    ["create_org", "invite", "accept", "revoke", "remove_member", "set_role", "member_limit"];

/// The step, when its word is one of those.
pub(crate) fn read(verb: &str, fields: &mut Fields<'_>, names: &mut Names) -> Result<Option<TeamAction>, StoryError> {
    if !VERBS.contains(&verb) {
        return Ok(None);
    }
    let org = fields.text("org")?;
    if verb == "create_org" {
        let user = fields.text("owner")?;
        names.require_person(fields, &user)?;
        if !names.organizations.insert(org.clone()) || !names.wallets.insert(org.clone()) {
            return Err(fields.error(format!("there is `{org}` already")));
        }
        return Ok(Some(TeamAction { org, user, by: None, verb: TeamVerb::Create }));
    }
    if !names.organizations.contains(&org) {
        return Err(fields.error(format!("`{org}` is not known here; an earlier step must create it")));
    }
    let user = fields.text("user")?;
    let by = fields.find_text("by")?;
    by.iter().try_for_each(|by| names.require_person(fields, by))?;
    let verb = match verb {
        "invite" => {
            names.invited.insert(user.clone());
            TeamVerb::Invite(fields.find_number("role")?.unwrap_or(Role::Member))
        }
        "accept" => {
            if !names.invited.contains(&user) && !names.people.contains(&user) {
                return Err(fields.error(format!("`{user}` was not invited by an earlier step")));
            }
            names.people.insert(user.clone());
            names.wallets.insert(user.clone());
            TeamVerb::Accept
        }
        "revoke" => TeamVerb::Revoke,
        "remove_member" => TeamVerb::Remove,
        "set_role" => TeamVerb::SetRole(fields.number("role")?),
        _ => TeamVerb::Limit(fields.find_number("daily")?),
    };
    if !names.invited.contains(&user) {
        names.require_person(fields, &user)?;
    }
    Ok(Some(TeamAction { org, user, by, verb }))
}

pub(crate) async fn perform(world: &mut World, action: &TeamAction) -> Result<(), Error> {
    match action.verb {
        TeamVerb::Create => create(world, action).await,
        TeamVerb::Accept => accept(world, action).await,
        verb => change(world, action, verb).await,
    }
}

async fn create(world: &mut World, action: &TeamAction) -> Result<(), Error> {
    let owner = world.caller(&action.user);
    let request = CreateOrganization { name: action.org.clone(), owner: None };
    let created = organization::create(world.services(), &world.context(), &owner, request).await?;
    world.wallets.insert(action.org.clone(), created.wallet);
    world.organizations.insert(action.org.clone(), created.organization);
    Ok(())
}

/// Without a pending invitation there is nothing to accept, and the refusal is that of an absent one.
async fn accept(world: &mut World, action: &TeamAction) -> Result<(), Error> {
    if !world.people.contains_key(&action.user) {
        world.sign_up(&action.user, None).await?;
    }
    let caller = world.caller(action.by.as_ref().unwrap_or(&action.user));
    let id = *world.invitations.get(&(action.org.clone(), action.user.clone())).ok_or_else(|| not_found(action))?;
    invitation::accept(world.services(), &world.context(), &caller, id).await.map(drop)
}

async fn change(world: &mut World, action: &TeamAction, verb: TeamVerb) -> Result<(), Error> {
    let (services, ctx, org) = (world.services(), world.context(), world.organizations[&action.org]);
    let caller = action.by.as_ref().map_or(Caller::Operator, |by| world.caller(by));
    let user = world.people.get(&action.user).copied();
    let person = || user.ok_or_else(|| not_found(action));
    let key = (action.org.clone(), action.user.clone());
    match verb {
        TeamVerb::Invite(role) => {
            let request = Invite { organization: org, email: address(&action.user), role };
            let invited = invitation::invite(services, &ctx, &caller, request).await?;
            world.invitations.insert(key, invited.id);
        }
        TeamVerb::Revoke => {
            let id = *world.invitations.get(&key).ok_or_else(|| not_found(action))?;
            invitation::revoke(services, &ctx, &caller, org, id).await?;
        }
        TeamVerb::Remove => remove(world, &caller, org, person()?).await?,
        TeamVerb::SetRole(role) => member::set_role(services, &ctx, &caller, org, person()?, role).await?,
        TeamVerb::Limit(daily) => member::set_daily_limit(services, &ctx, &caller, org, person()?, daily).await?,
        TeamVerb::Create | TeamVerb::Accept => unreachable!("they are performed apart"),
    }
    Ok(())
}

async fn remove(world: &World, caller: &Caller, org: OrganizationId, user: UserId) -> Result<(), Error> {
    let (services, ctx) = (world.services(), world.context());
    match caller.user() == Some(user) {
        true => organization::leave(services, &ctx, caller, org).await,
        false => member::remove(services, &ctx, caller, org, user).await,
    }
}

fn not_found(action: &TeamAction) -> Error {
    Error::NotFound { what: "invitation or member", name: action.user.clone() }
}
