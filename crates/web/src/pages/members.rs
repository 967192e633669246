//! The people of an organization: who is there, as what, and who is invited.

use askama::Template;
use axum::{extract::State, response::Response};
use billing::{Role, role::Action};
use operations::{
    invitation::{self, Invite},
    member, organization,
};
use serde::Deserialize;
use store::{InvitationRow, MemberRow, UserRow};
use units::{Instant, OrganizationId, UserId};

use super::{
    form::Form,
    go,
    place::{Frame, Place},
    shown, typed,
    words::{moment, money, until},
};
use crate::{extract::Asked, problem::Problem, site::Site, visit::Visit, wire};

#[derive(Template)]
#[template(path = "members.html")]
struct MembersPage {
    frame: Frame,
    used: u32,
    seats: u32,
    members: Vec<Member>,
    next: Option<String>,
    invited: Vec<Invited>,
    may_invite: bool,
    roles: Vec<RoleName>,
    typed: NewInvitation,
    problem: Option<String>,
}

struct Member {
    id: String,
    name: String,
    role: String,
    is_me: bool,
    active: String,
    limit: String,
    /// As it stands in the field.
    limit_typed: String,
    /// Roles that whoever looks may give; none when they may not change this member.
    roles: Vec<RoleName>,
}

struct RoleName {
    value: &'static str,
    words: String,
    is_current: bool,
}

struct Invited {
    id: String,
    email: String,
    role: String,
    ends: String,
    may_change: bool,
}

/// Somebody to invite, as it is typed.
#[derive(Default, Deserialize)]
pub(super) struct NewInvitation {
    email: String,
    role: String,
}

#[derive(Deserialize)]
pub(super) struct Change {
    user: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    limit: String,
}

#[derive(Deserialize)]
pub(super) struct InvitationName {
    invitation: String,
    answer: String,
}

#[derive(Deserialize)]
pub(super) struct After {
    cursor: Option<String>,
}

/// So many members are on one page.
const MEMBERS: u32 = 40;

pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Asked(After { cursor }): Asked<After>,
) -> Response {
    page(&site, &visit, &place, cursor.as_deref(), None).await
}

pub(super) async fn invite(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(new): Form<NewInvitation>,
) -> Response {
    let invited = async {
        let (organization, role) = (here(&place)?, read_role(&new.role)?);
        let request = Invite { organization, email: new.email.clone(), role };
        Ok::<_, Problem>(invitation::invite(&site.services, &visit.context, &place.caller.who, request).await?)
    };
    match invited.await {
        Ok(_) => back(&place),
        Err(problem) => page(&site, &visit, &place, None, Some((problem, new))).await,
    }
}

/// Mails an invitation again, or takes it back.
pub(super) async fn answer_invitation(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(InvitationName { invitation, answer }): Form<InvitationName>,
) -> Response {
    let done = async {
        let (organization, id) = (here(&place)?, wire::id("invitation", &invitation)?);
        let (services, context, who) = (&site.services, &visit.context, &place.caller.who);
        match answer.as_str() {
            "resend" => invitation::resend(services, context, who, organization, id).await.map(drop)?,
            _ => invitation::revoke(services, context, who, organization, id).await?,
        }
        Ok::<_, Problem>(())
    };
    end(&site, &visit, &place, done.await).await
}

pub(super) async fn set_role(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(Change { user, role, .. }): Form<Change>,
) -> Response {
    let done = async {
        let (organization, user, role) = (here(&place)?, wire::id("member", &user)?, read_role(&role)?);
        Ok(member::set_role(&site.services, &visit.context, &place.caller.who, organization, user, role).await?)
    };
    end(&site, &visit, &place, done.await).await
}

pub(super) async fn set_limit(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(Change { user, limit, .. }): Form<Change>,
) -> Response {
    let done = async {
        let (organization, user) = (here(&place)?, wire::id("member", &user)?);
        let limit = typed::credits("limit", &limit, "; or nothing for no limit")?;
        let (services, who) = (&site.services, &place.caller.who);
        Ok(member::set_daily_limit(services, &visit.context, who, organization, user, limit).await?)
    };
    end(&site, &visit, &place, done.await).await
}

pub(super) async fn remove(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(Change { user, .. }): Form<Change>,
) -> Response {
    let done = async {
        let (organization, user) = (here(&place)?, wire::id("member", &user)?);
        Ok(member::remove(&site.services, &visit.context, &place.caller.who, organization, user).await?)
    };
    end(&site, &visit, &place, done.await).await
}

async fn end(site: &Site, visit: &Visit, place: &Place, done: Result<(), Problem>) -> Response {
    match done {
        Ok(()) => back(place),
        Err(problem) => page(site, visit, place, None, Some((problem, NewInvitation::default()))).await,
    }
}

fn back(place: &Place) -> Response {
    go(&format!("{}/members", place.base()))
}

/// The organization that the path names.
fn here(place: &Place) -> Result<OrganizationId, Problem> {
    place.organization.as_ref().map(|row| row.id).ok_or(Problem::Internal)
}

fn read_role(text: &str) -> Result<Role, Problem> {
    text.parse().map_err(|_| Problem::Field { field: "role".to_owned(), reason: "one of the list".to_owned() })
}

async fn page(
    site: &Site,
    visit: &Visit,
    place: &Place,
    cursor: Option<&str>,
    wrong: Option<(Problem, NewInvitation)>,
) -> Response {
    let (problem, typed) = match wrong {
        Some((problem, typed)) => (Some(problem), typed),
        None => (None, NewInvitation::default()),
    };
    let status = problem.as_ref().map(Problem::status);
    let problem = problem.map(|problem| problem.to_string());
    shown(members_page(site, visit, place, cursor, typed, problem).await, status)
}

async fn members_page(
    site: &Site,
    visit: &Visit,
    place: &Place,
    cursor: Option<&str>,
    typed: NewInvitation,
    problem: Option<String>,
) -> Result<MembersPage, Problem> {
    let (id, who, now) = (here(place)?, &place.caller.who, visit.context.now);
    let after: Option<UserId> = wire::cursor(cursor)?;
    let team = organization::show(&site.services, &visit.context, who, id).await?;
    let mut rows = member::list(&site.services, who, id, after, MEMBERS + 1).await?;
    let has_more = rows.len() > MEMBERS as usize;
    rows.truncate(MEMBERS as usize);
    let next = rows.last().filter(|_| has_more).map(|(row, _)| format!("{}/members?cursor={}", place.base(), row.user));
    let invited = invitation::list(&site.services, &visit.context, who, id).await?;
    let may_invite = place.may(Action::Invite);
    let chosen: Role = typed.role.parse().unwrap_or(Role::Member);
    Ok(MembersPage {
        frame: place.frame("/members"),
        used: team.seats_used,
        seats: team.standing.organization.seating.seats,
        members: rows.into_iter().map(|(row, user)| Member::of(place, &row, user)).collect(),
        next,
        invited: invited.iter().map(|row| Invited::of(row, place, now)).collect(),
        may_invite,
        roles: roles(place.role, chosen),
        typed,
        problem,
    })
}

/// Roles that whoever is this may give.
fn roles(giver: Role, current: Role) -> Vec<RoleName> {
    let given = Role::ALL.into_iter().filter(|role| giver.may_grant(*role));
    given.map(|role| RoleName { value: role.name(), words: words(role), is_current: role == current }).collect()
}

fn words(role: Role) -> String {
    role.name().replace('_', " ")
}

impl Member {
    fn of(place: &Place, row: &MemberRow, user: UserRow) -> Self {
        let may_change = place.may(Action::ManageMembers) && place.role.may_grant(row.role);
        Self {
            id: row.user.to_string(),
            name: user.display_name.or(user.email).unwrap_or(user.name),
            role: words(row.role),
            is_me: place.caller.who.user() == Some(row.user),
            active: row
                .last_active_at
                .map_or_else(|| "not active yet".to_owned(), |at| format!("active {}", moment(at))),
            limit: row.daily_limit.map(|limit| format!("{} a day", money(limit))).unwrap_or_default(),
            limit_typed: row.daily_limit.map(|limit| limit.to_string()).unwrap_or_default(),
            roles: if may_change { roles(place.role, row.role) } else { Vec::new() },
        }
    }
}

impl Invited {
    fn of(row: &InvitationRow, place: &Place, now: Instant) -> Self {
        Self {
            id: row.id.to_string(),
            email: row.email.clone(),
            role: words(row.role),
            ends: until(row.expires_at, now),
            may_change: place.may(Action::Invite) && place.role.may_grant(row.role),
        }
    }
}
