//! The seats of an organization: how many there are and taken, what is paid for them, what comes at the renewal, and
//! what happened to them.

mod ask;
pub(super) use ask::{add, plan, remove, review};

mod change;
pub(super) use change::{call_off, change, order, paid};

mod history;
use history::Line;

use askama::Template;
use axum::{extract::State, response::Response};
use billing::{
    role::Action,
    seat::{Access, Subscription},
};
use operations::seat;
use units::{Instant, OrganizationId};

use super::{
    place::{Frame, Place},
    shown,
    words::{Moment, dollars, on_day, until},
};
use crate::{problem::Problem, site::Site, visit::Visit};

#[derive(Template)]
#[template(path = "seats.html")]
struct SeatsPage {
    frame: Frame,
    seats: u32,
    members: u32,
    invited: u32,
    leaving: u32,
    free: u32,
    access: &'static str,
    /// Until when a trial, or the days behind it, go on.
    until: Option<Moment>,
    subscription: Option<Paid>,
    /// What a change costs whose payment is on its way.
    ordered: Option<String>,
    history: Vec<Line>,
    may_change: bool,
    once: String,
    problem: Option<String>,
}

/// What is paid for seats.
struct Paid {
    plan: &'static str,
    cadence: &'static str,
    cadence_name: &'static str,
    /// The other one.
    other: &'static str,
    other_name: &'static str,
    price: String,
    renews: Moment,
    is_paid: bool,
    next_plan: Option<&'static str>,
    next_cadence: Option<&'static str>,
    is_cancelled: bool,
}

/// So much of the history is on the page.
const HISTORY: u32 = 20;

pub(super) async fn show(State(site): State<Site>, visit: Visit, place: Place) -> Response {
    page(&site, &visit, &place, None).await
}

async fn page(site: &Site, visit: &Visit, place: &Place, problem: Option<Problem>) -> Response {
    let status = problem.as_ref().map(Problem::status);
    shown(seats_page(site, visit, place, problem).await, status)
}

async fn seats_page(site: &Site, visit: &Visit, place: &Place, problem: Option<Problem>) -> Result<SeatsPage, Problem> {
    let (id, who, now) = (here(place)?, &place.caller.who, visit.context.now);
    let seats = seat::show(&site.services, &visit.context, who, id).await?;
    let history = seat::history(&site.services, who, id, None, HISTORY).await?;
    let (access, ends) = match seats.access {
        Access::Trial { until } => ("trial", Some(until)),
        Access::Banner { until } => ("banner", Some(until)),
        Access::Subscribed => ("subscribed", None),
        Access::Required => ("required", None),
    };
    Ok(SeatsPage {
        frame: place.frame("/seats"),
        seats: seats.counts.seats,
        members: seats.counts.members,
        invited: seats.counts.invited,
        leaving: seats.counts.leaving,
        free: seats.counts.free,
        access,
        until: ends.map(|end| match seats.access {
            Access::Trial { .. } => until(end, now),
            _ => on_day(end),
        }),
        subscription: seats.seating.subscription.as_ref().map(|paid| Paid::of(paid, now)),
        ordered: seats.seating.order.map(|order| dollars(order.amount)),
        history: history::lines(site, history).await?,
        may_change: place.may(Action::ManageBilling),
        once: visit.context.ids.uuid().simple().to_string(),
        problem: problem.map(|problem| problem.to_string()),
    })
}

/// The organization that the path names.
fn here(place: &Place) -> Result<OrganizationId, Problem> {
    place.organization.as_ref().map(|row| row.id).ok_or(Problem::Internal)
}

impl Paid {
    fn of(paid: &Subscription, now: Instant) -> Self {
        use billing::period::Cadence;
        let other = match paid.term.cadence {
            Cadence::Monthly => Cadence::Yearly,
            Cadence::Yearly => Cadence::Monthly,
        };
        Self {
            plan: words::plan(paid.plan),
            cadence: words::cadence(paid.term.cadence),
            cadence_name: paid.term.cadence.name(),
            other: words::cadence(other),
            other_name: other.name(),
            price: dollars(paid.price),
            renews: until(paid.term.end(), now),
            is_paid: paid.is_paid,
            next_plan: paid.next_plan.map(words::plan),
            next_cadence: paid.next_cadence.map(words::cadence),
            is_cancelled: paid.is_cancelled,
        }
    }
}

mod words {
    //! Plans and cadences as people call them.

    use billing::{period::Cadence, seat::Plan};

    pub(super) const fn plan(plan: Plan) -> &'static str {
        match plan {
            Plan::Teams => "Teams",
            Plan::Enterprise => "Enterprise",
        }
    }

    pub(super) const fn cadence(cadence: Cadence) -> &'static str {
        match cadence {
            Cadence::Monthly => "by the month",
            Cadence::Yearly => "by the year",
        }
    }
}
