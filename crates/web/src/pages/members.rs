//! The people of an organization: who is there, as what, and who is invited.

use std::cmp::Ordering;

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
    shown,
    sort::{Column, Heading, Sort, Way},
    typed,
    words::{Moment, Said, moment, money, until},
};
use crate::{extract::Asked, problem::Problem, site::Site, visit::Visit, wire};

#[derive(Template)]
#[template(path = "members.html")]
struct MembersPage {
    frame: Frame,
    used: u32,
    seats: u32,
    members: Vec<Member>,
    /// Where all of them are on the page, in which orders they can stand.
    headings: Vec<Heading>,
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
    active: Said,
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
    ends: Moment,
    may_change: bool,
}

/// What the members can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MemberColumn {
    Joined,
    Name,
    Role,
    Active,
}

impl Column for MemberColumn {
    const ALL: &'static [Self] = &[Self::Joined, Self::Name, Self::Role, Self::Active];

    fn look(self) -> (&'static str, &'static str, &'static str, Way) {
        match self {
            Self::Joined => ("joined", "Joined", "", Way::Up),
            Self::Name => ("name", "Name", "", Way::Up),
            Self::Role => ("role", "Role", "", Way::Up),
            Self::Active => ("active", "Last active", "", Way::Down),
        }
    }
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

#[derive(Default, Deserialize)]
pub(super) struct After {
    cursor: Option<String>,
    sort: Option<String>,
}

/// So many members are on one page.
const MEMBERS: u32 = 40;

pub(super) async fn show(State(site): State<Site>, visit: Visit, place: Place, Asked(after): Asked<After>) -> Response {
    page(&site, &visit, &place, after, None).await
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
        Err(problem) => page(&site, &visit, &place, After::default(), Some((problem, new))).await,
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
        Err(problem) => page(site, visit, place, After::default(), Some((problem, NewInvitation::default()))).await,
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
    asked: After,
    wrong: Option<(Problem, NewInvitation)>,
) -> Response {
    let (problem, typed) = match wrong {
        Some((problem, typed)) => (Some(problem), typed),
        None => (None, NewInvitation::default()),
    };
    let status = problem.as_ref().map(Problem::status);
    let problem = problem.map(|problem| problem.to_string());
    shown(members_page(site, visit, place, &asked, typed, problem).await, status)
}

async fn members_page(
    site: &Site,
    visit: &Visit,
    place: &Place,
    asked: &After,
    typed: NewInvitation,
    problem: Option<String>,
) -> Result<MembersPage, Problem> {
    let (id, who, now) = (here(place)?, &place.caller.who, visit.context.now);
    let after: Option<UserId> = wire::cursor(asked.cursor.as_deref())?;
    let team = organization::show(&site.services, &visit.context, who, id).await?;
    let mut rows = member::list(&site.services, who, id, after, MEMBERS + 1).await?;
    let has_more = rows.len() > MEMBERS as usize;
    rows.truncate(MEMBERS as usize);
    let sort = Sort::read(asked.sort.as_deref(), Sort::by(MemberColumn::Joined));
    let is_whole = !has_more && asked.cursor.is_none();
    let headings = sort.headings(|sort| format!("{}/members?sort={}", place.base(), sort.text()));
    let next = rows.last().filter(|_| has_more).map(|(row, _)| format!("{}/members?cursor={}", place.base(), row.user));
    if is_whole {
        sort.order(&mut rows, compare, |(one, _), (other, _)| one.user.cmp(&other.user));
    }
    let invited = invitation::list(&site.services, &visit.context, who, id).await?;
    let may_invite = place.may(Action::Invite);
    let chosen: Role = typed.role.parse().unwrap_or(Role::Member);
    Ok(MembersPage {
        frame: place.frame("/members"),
        used: team.seats_used,
        seats: team.standing.organization.seating.seats,
        headings: if is_whole && rows.len() > 1 { headings } else { Vec::new() },
        members: rows.into_iter().map(|(row, user)| Member::of(place, &row, user)).collect(),
        next,
        invited: invited.iter().map(|row| Invited::of(row, place, now)).collect(),
        may_invite,
        roles: roles(place.role, chosen),
        typed,
        problem,
    })
}

fn compare(column: MemberColumn, (one, a): &(MemberRow, UserRow), (other, b): &(MemberRow, UserRow)) -> Ordering {
    // Who may do the most comes first.
    let rank = |role: Role| Role::ALL.iter().position(|known| *known == role);
    match column {
        MemberColumn::Joined => one.joined_at.cmp(&other.joined_at),
        MemberColumn::Name => called(a).cmp(called(b)),
        MemberColumn::Role => rank(one.role).cmp(&rank(other.role)),
        MemberColumn::Active => one.last_active_at.cmp(&other.last_active_at),
    }
}

/// What a member is called.
fn called(user: &UserRow) -> &str {
    user.display_name.as_deref().or(user.email.as_deref()).unwrap_or(&user.name)
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
            name: called(&user).to_owned(),
            role: words(row.role),
            is_me: place.caller.who.user() == Some(row.user),
            active: row.last_active_at.map_or("not active yet".into(), |at| Said::from("active ").then(moment(at))),
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
