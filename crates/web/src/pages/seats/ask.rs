//! Asking for a change of seats: how many, or which plan; and what it would cost, before it is confirmed.

use askama::Template;
use axum::{extract::State, response::Response};
use billing::{
    period::Cadence,
    role::Action,
    seat::{Plan, Wish},
};
use operations::{payment, seat};
use serde::Deserialize;
use units::Cents;

use super::{here, page, words};
use crate::{
    extract::Asked,
    pages::{
        cards::SavedCard,
        html,
        place::{Frame, Place},
        sorry, typed,
        words::dollars,
        wrong::{Field, Wrong},
    },
    problem::Problem,
    site::Site,
    visit::Visit,
};

#[derive(Template)]
#[template(path = "seats_add.html")]
struct AddPage {
    frame: Frame,
    seats: u32,
    leaving: u32,
    typed: String,
    wrong: Wrong,
}

#[derive(Template)]
#[template(path = "seats_remove.html")]
struct RemovePage {
    frame: Frame,
    seats: u32,
    /// How many more could go.
    empty: u32,
    typed: String,
    wrong: Wrong,
    once: String,
}

#[derive(Template)]
#[template(path = "seats_plan.html")]
struct PlanPage {
    frame: Frame,
    /// Whether there is a subscription already.
    is_subscribed: bool,
    used: u32,
    offers: Vec<Offer>,
    typed: Typed,
    wrong: Wrong,
}

/// A plan to choose.
struct Offer {
    name: &'static str,
    words: &'static str,
    monthly: String,
    yearly: String,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "seats_review.html")]
struct ReviewPage {
    frame: Frame,
    title: String,
    lines: Vec<(String, String)>,
    /// Days that are paid for, and days of the term.
    days: Option<(u32, u32)>,
    total: String,
    quoted: String,
    is_free: bool,
    /// Absent when a card has to be typed first.
    card: Option<SavedCard>,
    typed: Typed,
    once: String,
    return_to: String,
    /// That it costs something else by now.
    problem: Option<String>,
}

/// A wish, as it is typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Typed {
    pub(super) wish: String,
    pub(super) seats: String,
    pub(super) plan: String,
    pub(super) cadence: String,
    pub(super) quoted: String,
    pub(super) card: String,
    pub(super) once: String,
    /// A card that was just typed at the processor.
    setup: Option<String>,
}

const FIELDS: &[Field] = &[
    ("seats", "Seats", &["seats", "amount_out_of_range", "seats_in_use"]),
    ("plan", "Plan", &["plan"]),
    ("cadence", "Paid", &["cadence"]),
];

pub(in crate::pages) async fn add(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Asked(typed): Asked<Typed>,
) -> Response {
    add_page(&site, &visit, &place, typed.seats, None).await
}

async fn add_page(site: &Site, visit: &Visit, place: &Place, typed: String, problem: Option<Problem>) -> Response {
    let status = problem.as_ref().map(Problem::status);
    let page = async {
        place.require(Action::ManageBilling)?;
        let seats = seat::show(&site.services, &visit.context, &place.caller.who, here(place)?).await?;
        let wrong = Wrong::maybe(problem.as_ref(), FIELDS);
        let (seats, leaving) = (seats.counts.seats, seats.counts.leaving);
        Ok::<_, Problem>(AddPage { frame: place.frame("/seats"), seats, leaving, typed, wrong })
    };
    crate::pages::shown(page.await, status)
}

pub(in crate::pages) async fn remove(State(site): State<Site>, visit: Visit, place: Place) -> Response {
    remove_page(&site, &visit, &place, "1".to_owned(), None).await
}

pub(super) async fn remove_page(
    site: &Site,
    visit: &Visit,
    place: &Place,
    typed: String,
    problem: Option<Problem>,
) -> Response {
    let status = problem.as_ref().map(Problem::status);
    let page = async {
        place.require(Action::ManageBilling)?;
        let seats = seat::show(&site.services, &visit.context, &place.caller.who, here(place)?).await?;
        Ok::<_, Problem>(RemovePage {
            frame: place.frame("/seats"),
            seats: seats.counts.seats,
            // The last one stays: who wants none cancels.
            empty: seats.counts.free.min((seats.counts.seats - seats.counts.leaving).saturating_sub(1)),
            typed,
            wrong: Wrong::maybe(problem.as_ref(), FIELDS),
            once: visit.context.ids.uuid().simple().to_string(),
        })
    };
    crate::pages::shown(page.await, status)
}

pub(in crate::pages) async fn plan(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Asked(typed): Asked<Typed>,
) -> Response {
    plan_page(&site, &visit, &place, typed, None).await
}

async fn plan_page(site: &Site, visit: &Visit, place: &Place, typed: Typed, problem: Option<Problem>) -> Response {
    let status = problem.as_ref().map(Problem::status);
    let page = async {
        place.require(Action::ManageBilling)?;
        let seats = seat::show(&site.services, &visit.context, &place.caller.who, here(place)?).await?;
        let catalog = site.services.catalog.current();
        let prices = &catalog.seats;
        let current = seats.seating.subscription.as_ref().map(|paid| paid.plan);
        let chosen = read_plan(&typed.plan).ok().or(current).unwrap_or(Plan::Teams);
        let offers = Plan::ALL.map(|plan| Offer {
            name: plan.name(),
            words: words::plan(plan),
            monthly: dollars(plan.price(Cadence::Monthly, prices)),
            yearly: dollars(plan.price(Cadence::Yearly, prices)),
            is_chosen: plan == chosen,
        });
        let used = seats.counts.members + seats.counts.invited;
        let typed = match typed.seats.is_empty() {
            true => Typed { seats: used.max(1).to_string(), ..typed },
            false => typed,
        };
        Ok::<_, Problem>(PlanPage {
            frame: place.frame("/seats"),
            is_subscribed: current.is_some(),
            used,
            offers: offers.into(),
            typed,
            wrong: Wrong::maybe(problem.as_ref(), FIELDS),
        })
    };
    crate::pages::shown(page.await, status)
}

/// What it would cost now.
pub(in crate::pages) async fn review(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Asked(mut typed): Asked<Typed>,
) -> Response {
    if let Some(setup) = typed.setup.take() {
        let request = payment::AddCard { caller: place.caller.who, wallet: place.wallet, setup };
        if let Err(error) = payment::add_card(&site.services, &visit.context, request).await {
            return ask_again(&site, &visit, &place, typed, error.into()).await;
        }
    }
    review_page(&site, &visit, &place, typed, None).await
}

pub(super) async fn review_page(
    site: &Site,
    visit: &Visit,
    place: &Place,
    typed: Typed,
    problem: Option<Problem>,
) -> Response {
    let status = problem.as_ref().map(Problem::status);
    let said = problem.map(|problem| problem.to_string());
    match reviewed(site, visit, place, &typed, said).await {
        Ok(page) => match status {
            Some(status) => axum::response::IntoResponse::into_response((status, html(&page))),
            None => html(&page),
        },
        Err(problem) if problem.status().is_client_error() => ask_again(site, visit, place, typed, problem).await,
        Err(problem) => sorry(&problem),
    }
}

async fn reviewed(
    site: &Site,
    visit: &Visit,
    place: &Place,
    typed: &Typed,
    problem: Option<String>,
) -> Result<ReviewPage, Problem> {
    place.require(Action::ManageBilling)?;
    let wish = typed.read()?;
    let quoted = seat::quote(&site.services, &visit.context, &place.caller.who, here(place)?, wish).await?;
    let lines = quoted.draft.map(|draft| draft.lines).unwrap_or_default();
    let lines = lines.into_iter().map(|line| (line.text, dollars(line.amount)));
    let days = quoted.quote.line.as_ref().map(|line| (line.days_left, line.period.days()));
    let card = payment::list_cards(&site.services, place.wallet).await?.last().map(SavedCard::of);
    let asked = [("wish", &typed.wish), ("seats", &typed.seats), ("plan", &typed.plan), ("cadence", &typed.cadence)];
    let asked = serde_urlencoded::to_string(asked).unwrap_or_default();
    Ok(ReviewPage {
        frame: place.frame("/seats"),
        title: match wish {
            Wish::Subscribe { plan, seats, .. } => format!("{} for {seats}", words::plan(plan)),
            Wish::Add { seats: 1 } => "Add 1 seat".to_owned(),
            Wish::Add { seats } => format!("Add {seats} seats"),
            Wish::Plan { plan } => format!("Change to {}", words::plan(plan)),
        },
        lines: lines.collect(),
        days: days.filter(|(left, all)| left < all),
        total: dollars(quoted.total),
        quoted: quoted.total.to_string(),
        is_free: quoted.total == Cents::ZERO,
        card,
        typed: typed.clone(),
        once: visit.context.ids.uuid().simple().to_string(),
        return_to: format!("{}/seats/review?{asked}", place.base()),
        problem,
    })
}

/// Says what is wrong where the wish was typed.
async fn ask_again(site: &Site, visit: &Visit, place: &Place, typed: Typed, problem: Problem) -> Response {
    match typed.wish.as_str() {
        "add" => add_page(site, visit, place, typed.seats, Some(problem)).await,
        "subscribe" | "plan" => plan_page(site, visit, place, typed, Some(problem)).await,
        _ => page(site, visit, place, Some(problem)).await,
    }
}

impl Typed {
    /// What may cost something.
    pub(super) fn read(&self) -> Result<Wish, Problem> {
        match self.wish.as_str() {
            "subscribe" => Ok(Wish::Subscribe {
                plan: read_plan(&self.plan)?,
                cadence: read_cadence(&self.cadence)?,
                seats: self.count()?,
            }),
            "plan" => Ok(Wish::Plan { plan: read_plan(&self.plan)? }),
            _ => Ok(Wish::Add { seats: self.count()? }),
        }
    }

    pub(super) fn count(&self) -> Result<u32, Problem> {
        let count = self.seats.trim().parse().ok().filter(|count| (1..=1_000_000).contains(count));
        count.ok_or_else(|| typed::wrong("seats", "a number, such as 5"))
    }
}

fn read_plan(text: &str) -> Result<Plan, Problem> {
    Plan::ALL.into_iter().find(|plan| plan.name() == text).ok_or_else(|| typed::wrong("plan", "one of the list"))
}

pub(super) fn read_cadence(text: &str) -> Result<Cadence, Problem> {
    let found = Cadence::ALL.into_iter().find(|cadence| cadence.name() == text);
    found.ok_or_else(|| typed::wrong("cadence", "by the month or by the year"))
}
