//! The people of an organization: who is there, as what, and who is invited.

use std::cmp::Ordering;

use askama::Template;
use axum::{extract::State, response::Response};
use billing::{Role, role::Action};
use http::StatusCode;
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
    wrong::{Field, Wrong},
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
    wrong: Wrong,
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
    /// The ids of the fields of what can be changed.
    role_input: String,
    limit_input: String,
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

#[derive(Default, Deserialize)]
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

const FIELDS: &[Field] = &[("email", "Mail address", &["email", "member", "invitation of"]), ("role", "As", &["role"])];

/// So many members are on one page.
const MEMBERS: u32 = 40;

pub(super) async fn show(State(site): State<Site>, visit: Visit, place: Place, Asked(after): Asked<After>) -> Response {
    page(&site, &visit, &place, after, Default::default(), Default::default()).await
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
        Err(problem) => {
            let (wrong, status) = (Wrong::of(&problem, FIELDS), Some(problem.status()));
            page(&site, &visit, &place, After::default(), (wrong, status), (new, Change::default())).await
        }
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
    end(&site, &visit, &place, done.await, Change::default()).await
}

pub(super) async fn set_role(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(change): Form<Change>,
) -> Response {
    let done = async {
        let (user, role) = (wire::id("member", &change.user)?, read_role(&change.role)?);
        let organization = here(&place)?;
        Ok(member::set_role(&site.services, &visit.context, &place.caller.who, organization, user, role).await?)
    };
    let done = done.await;
    end(&site, &visit, &place, done, change).await
}

pub(super) async fn set_limit(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(change): Form<Change>,
) -> Response {
    let done = async {
        let (organization, user) = (here(&place)?, wire::id("member", &change.user)?);
        let limit = typed::credits("limit", &change.limit, "; or nothing for no limit")?;
        let (services, who) = (&site.services, &place.caller.who);
        Ok(member::set_daily_limit(services, &visit.context, who, organization, user, limit).await?)
    };
    let done = done.await;
    end(&site, &visit, &place, done, change).await
}

pub(super) async fn remove(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(change): Form<Change>,
) -> Response {
    let done = async {
        let (organization, user) = (here(&place)?, wire::id("member", &change.user)?);
        Ok(member::remove(&site.services, &visit.context, &place.caller.who, organization, user).await?)
    };
    let done = done.await;
    end(&site, &visit, &place, done, change).await
}

/// After a change of a member; what is wrong with it is said where it was typed.
async fn end(site: &Site, visit: &Visit, place: &Place, done: Result<(), Problem>, change: Change) -> Response {
    let Err(problem) = done else { return back(place) };
    let (role, limit) = (input_of("role", &change.user), input_of("limit", &change.user));
    let fields: &[Field] = &[(&role, "Role", &["role"]), (&limit, "At most in a day", &["limit", "daily_limit"])];
    let (wrong, status) = (Wrong::of(&problem, fields), Some(problem.status()));
    page(site, visit, place, After::default(), (wrong, status), (NewInvitation::default(), change)).await
}

/// The id of a field for one of the members.
fn input_of(name: &str, user: &str) -> String {
    format!("{name}-{user}")
}

fn back(place: &Place) -> Response {
    go(&format!("{}/members", place.base()))
}

/// The organization that the path names.
fn here(place: &Place) -> Result<OrganizationId, Problem> {
    place.organization.as_ref().map(|row| row.id).ok_or(Problem::Internal)
}

fn read_role(text: &str) -> Result<Role, Problem> {
    text.parse().map_err(|_| typed::wrong("role", "one of the list"))
}

async fn page(
    site: &Site,
    visit: &Visit,
    place: &Place,
    asked: After,
    (wrong, status): (Wrong, Option<StatusCode>),
    typed: (NewInvitation, Change),
) -> Response {
    shown(members_page(site, visit, place, &asked, typed, wrong).await, status)
}

async fn members_page(
    site: &Site,
    visit: &Visit,
    place: &Place,
    asked: &After,
    (typed, change): (NewInvitation, Change),
    wrong: Wrong,
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
        members: rows.into_iter().map(|(row, user)| Member::of(place, &row, user, &change)).collect(),
        next,
        invited: invited.iter().map(|row| Invited::of(row, place, now)).collect(),
        may_invite,
        roles: roles(place.role, chosen),
        typed,
        wrong,
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
    /// A member, with what was typed to change them and refused.
    fn of(place: &Place, row: &MemberRow, user: UserRow, change: &Change) -> Self {
        let id = row.user.to_string();
        let typed = |text: &str| Some(text.to_owned()).filter(|text| change.user == id && !text.is_empty());
        let role = typed(&change.role).and_then(|role| role.parse().ok()).unwrap_or(row.role);
        let limit = row.daily_limit.map(|limit| limit.to_string()).unwrap_or_default();
        let may_change = place.may(Action::ManageMembers) && place.role.may_grant(row.role);
        Self {
            role_input: input_of("role", &id),
            limit_input: input_of("limit", &id),
            limit_typed: typed(&change.limit).unwrap_or(limit),
            id,
            name: called(&user).to_owned(),
            role: words(row.role),
            is_me: place.caller.who.user() == Some(row.user),
            active: row.last_active_at.map_or("not active yet".into(), |at| Said::from("active ").then(moment(at))),
            limit: row.daily_limit.map(|limit| format!("{} a day", money(limit))).unwrap_or_default(),
            roles: if may_change { roles(place.role, role) } else { Vec::new() },
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
