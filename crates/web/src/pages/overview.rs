//! What somebody has: the balance, what it is made of and until when, and what was spent lately.

use std::cmp::Ordering;

use askama::Template;
use axum::{extract::State, response::Response};
use billing::role::Action;
use operations::{organization, session};
use serde::Deserialize;
use store::{ChargeRow, SessionRow};
use units::{Amount, HoldId, Instant, SessionId};

use super::{
    form::Form,
    go, html,
    place::{Frame, Place},
    runway::{self, RunwayShown},
    sorry,
    sort::{Column, Heading, Sort, Way},
    words::{Moment, Said, client, moment, money, until},
};
use crate::{access::Caller, extract::Asked, problem::Problem, site::Site, visit::Visit, wire};

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    frame: Frame,
    title: String,
    balance: Shown,
    held: Option<Shown>,
    open_holds: usize,
    may_see_billing: bool,
    may_buy: bool,
    grants: Vec<Grant>,
    headings: Vec<Heading>,
    /// Whether the grants stand in the order in which they are used.
    is_in_use_order: bool,
    charges: Vec<Charge>,
    runway: Option<RunwayShown>,
    /// One's own sessions, on one's own page.
    sessions: Vec<Session>,
    members: Option<Members>,
}

/// An amount as it is shown, and exactly.
pub(super) struct Shown {
    pub(super) short: String,
    pub(super) exact: String,
}

struct Grant {
    left: Shown,
    amount: String,
    source: String,
    is_paid: bool,
    until: Said,
    is_ending: bool,
    /// How much of it is left, in steps of a hundred.
    percent: u8,
}

struct Charge {
    id: HoldId,
    at: Moment,
    model: String,
    cost: Shown,
}

struct Session {
    id: String,
    /// As it calls itself, and as people call it.
    client: String,
    name: String,
    kind: &'static str,
    seen: Moment,
    is_current: bool,
}

struct Members {
    used: u32,
    seats: u32,
}

#[derive(Deserialize)]
pub(super) struct SessionName {
    session: String,
}

/// What the grants can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GrantColumn {
    Source,
    Left,
    Amount,
    Ends,
}

impl Column for GrantColumn {
    const ALL: &'static [Self] = &[Self::Source, Self::Left, Self::Amount, Self::Ends];

    fn look(self) -> (&'static str, &'static str, &'static str, Way) {
        match self {
            Self::Source => ("source", "Credits", "", Way::Up),
            Self::Left => ("left", "Left", "number", Way::Down),
            Self::Amount => ("amount", "Of", "number wide", Way::Down),
            Self::Ends => ("ends", "Ends", "", Way::Up),
        }
    }
}

/// In which order the grants are asked for.
#[derive(Deserialize)]
pub(super) struct Question {
    sort: Option<String>,
}

/// How many of the last charges the page shows.
const CHARGES: u32 = 8;
/// Credits that end within so many days are named before they do.
const ENDING_DAYS: u32 = 7;

pub(super) async fn home() -> Response {
    go("/profile")
}

pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Asked(question): Asked<Question>,
) -> Response {
    match page(&site, &visit, &place, question).await {
        Ok(page) => html(&page),
        Err(problem) => sorry(&problem),
    }
}

pub(super) async fn end_session(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Form(SessionName { session }): Form<SessionName>,
) -> Response {
    let ended = async {
        let id: SessionId = wire::id("session", &session)?;
        Ok::<_, Problem>(session::revoke(&site.services, &visit.context, &caller.who, id).await?)
    };
    match ended.await {
        Ok(()) => go("/profile"),
        Err(problem) => sorry(&problem),
    }
}

async fn page(site: &Site, visit: &Visit, place: &Place, question: Question) -> Result<OverviewPage, Problem> {
    let usual = Sort::by(GrantColumn::Ends);
    let sort = Sort::read(question.sort.as_deref(), usual);
    let (reader, now) = (site.services.store.reader(), visit.context.now);
    let books = reader.load_wallet(place.wallet).await?;
    let books = books.ok_or_else(|| Problem::NotFound { what: "wallet", name: place.wallet.to_string() })?;
    let may_see_billing = place.may(Action::SeeBilling);
    let (mut grants, mut charges) = (Vec::new(), Vec::new());
    if may_see_billing {
        let mut spendable: Vec<_> = books.grants().iter().filter(|grant| grant.is_spendable(now)).collect();
        // By their ends, with these ties, they stand in the order of use.
        sort.order(&mut spendable, compare, |one, other| one.order_of_use().cmp(&other.order_of_use()));
        grants = spendable.into_iter().map(|grant| Grant::of(grant, now)).collect();
        charges = reader.list_charges(place.wallet, None, CHARGES).await?.into_iter().map(Charge::from).collect();
    }
    let runway = if may_see_billing { runway::of(site, visit, place, &books).await? } else { None };
    let members = match &place.organization {
        Some(row) => {
            let shown = organization::show(&site.services, &visit.context, &place.caller.who, row.id).await?;
            Some(Members { used: shown.seats_used, seats: row.seating.seats })
        }
        None => None,
    };
    let held = books.held();
    Ok(OverviewPage {
        frame: place.frame(""),
        title: place.organization.as_ref().map_or_else(|| "Profile".to_owned(), |row| row.name.clone()),
        balance: Shown::of(books.balance(now)),
        held: held.is_positive().then(|| Shown::of(held)),
        open_holds: books.holds().count(),
        may_see_billing,
        may_buy: place.may(Action::ManageBilling),
        grants,
        headings: sort.headings(|sort| format!("{}?sort={}", place.home(), sort.text())),
        is_in_use_order: sort == usual,
        charges,
        runway,
        sessions: sessions(site, visit, place).await?,
        members,
    })
}

async fn sessions(site: &Site, visit: &Visit, place: &Place) -> Result<Vec<Session>, Problem> {
    if place.organization.is_some() {
        return Ok(Vec::new());
    }
    let current = match place.caller.who {
        operations::Caller::Person { session, .. } => Some(session),
        _ => None,
    };
    let rows = session::list(&site.services, &visit.context, &place.caller.who).await?;
    Ok(rows.into_iter().map(|row| Session::of(row, current)).collect())
}

impl Shown {
    pub(super) fn of(amount: Amount) -> Self {
        Self { short: money(amount), exact: format!("${amount}") }
    }

    /// The same of what may be taken: its minus stands in front of the sign of the dollar.
    pub(super) fn signed(amount: Amount) -> Self {
        match amount.negated() {
            Ok(taken) if taken.is_positive() => {
                let Self { short, exact } = Self::of(taken);
                Self { short: format!("-{short}"), exact: format!("-{exact}") }
            }
            _ => Self::of(amount),
        }
    }
}

fn compare(column: GrantColumn, one: &&ledger::Grant, other: &&ledger::Grant) -> Ordering {
    match column {
        GrantColumn::Source => one.source.name().cmp(other.source.name()),
        GrantColumn::Left => one.left.cmp(&other.left),
        GrantColumn::Amount => one.amount.cmp(&other.amount),
        // What never ends comes last.
        GrantColumn::Ends => one.order_of_use().0.cmp(&other.order_of_use().0),
    }
}

impl Grant {
    fn of(grant: &ledger::Grant, now: Instant) -> Self {
        let soon = now.plus_days(ENDING_DAYS);
        let share = i128::from(grant.left.nanos()) * 100 / i128::from(grant.amount.nanos().max(1));
        Self {
            left: Shown::of(grant.left),
            amount: money(grant.amount),
            source: grant.source.name().replace('_', " "),
            is_paid: grant.paid,
            until: grant.expires_at.map_or("never".into(), |end| until(end, now).into()),
            is_ending: grant.expires_at.is_some_and(|end| end <= soon),
            percent: u8::try_from(share.clamp(0, 100)).unwrap_or(100),
        }
    }
}

impl From<ChargeRow> for Charge {
    fn from(ChargeRow { charge, usage }: ChargeRow) -> Self {
        Self {
            id: charge.id,
            at: moment(charge.at),
            model: usage.map_or_else(|| "without a model".to_owned(), |usage| usage.model),
            cost: Shown::of(charge.debited),
        }
    }
}

impl Session {
    fn of(row: SessionRow, current: Option<SessionId>) -> Self {
        Self {
            id: row.id.to_string(),
            name: client(&row.client),
            client: row.client,
            kind: row.kind.name(),
            seen: moment(row.last_seen_at),
            is_current: current == Some(row.id),
        }
    }
}
