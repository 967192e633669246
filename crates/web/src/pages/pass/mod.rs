//! The pass: how it stands, how far this month's bonus is, what it granted; subscribing, changing and ending it.

mod figures;
use figures::{Now, cadence_words};

mod subscribe;
pub(super) use subscribe::{review, subscribe};

use askama::Template;
use axum::{extract::State, response::Response};
use billing::{pass::Status, period::Cadence, role::Action};
use ledger::Source;
use operations::{
    dunning,
    pass::{self, Seen},
};
use serde::Deserialize;
use store::PassGrantRow;
use units::{Cents, Instant};

use super::{
    form::Form,
    go,
    overview::Shown,
    place::{Frame, PASS as HERE, Place},
    returned::{CameBack, learn},
    shown, typed,
    words::{Moment, Said, dollars, moment, until},
    wrong::{Field, Wrong},
};
use crate::{extract::Asked, problem::Problem, site::Site, visit::Visit};

#[derive(Template)]
#[template(path = "pass.html")]
struct PassPage {
    frame: Frame,
    brand: String,
    now: Option<Now>,
    is_in_force: bool,
    choices: Vec<Choice>,
    grants: Vec<Grant>,
    may_change: bool,
    has_processor: bool,
    wrong: Wrong,
}

/// A tier and cadence to choose.
struct Choice {
    /// Its value in a form: `19.00 monthly`.
    value: String,
    tier: String,
    cadence: &'static str,
    price: String,
    /// The first month's bonus, and how many percent that is.
    bonus: String,
    percent: String,
    is_chosen: bool,
}

struct Grant {
    at: Moment,
    what: &'static str,
    amount: Shown,
    until: Said,
}

/// What was chosen, as it was sent.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    choice: String,
    card: String,
    once: String,
    /// A card that was just typed at the processor.
    setup: Option<String>,
}

const FIELDS: &[Field] = &[("choice", "What a month brings", &["tier", "tier_unknown"])];

/// The pass. Somebody who comes back from their bank has its answer learned first.
pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Asked(came_back): Asked<CameBack>,
) -> Response {
    let came = came_back.payment_intent.is_some();
    match learn(&site, &visit, &place, came_back).await {
        Ok(()) if came => go(HERE),
        Ok(()) => page(&site, &visit, &place, None).await,
        Err(problem) => page(&site, &visit, &place, Some((problem, Chosen::default()))).await,
    }
}

/// Another tier or cadence, from the end of the period on.
pub(super) async fn change(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(chosen): Form<Chosen>,
) -> Response {
    let changed = async {
        let (tier, cadence) = chosen.read()?;
        Ok(pass::change(&site.services, &visit.context, &place.caller.who, place.wallet, tier, cadence).await?)
    };
    let changed = changed.await;
    end(&site, &visit, &place, changed, chosen).await
}

pub(super) async fn cancel(State(site): State<Site>, visit: Visit, place: Place) -> Response {
    let done = pass::cancel(&site.services, &visit.context, &place.caller.who, place.wallet).await;
    end(&site, &visit, &place, done.map_err(Problem::from), Chosen::default()).await
}

/// Takes back what was scheduled.
pub(super) async fn resume(State(site): State<Site>, visit: Visit, place: Place) -> Response {
    let done = pass::resume(&site.services, &visit.context, &place.caller.who, place.wallet).await;
    end(&site, &visit, &place, done.map_err(Problem::from), Chosen::default()).await
}

async fn end(site: &Site, visit: &Visit, place: &Place, done: Result<Seen, Problem>, chosen: Chosen) -> Response {
    match done {
        Ok(_) => go(HERE),
        Err(problem) => page(site, visit, place, Some((problem, chosen))).await,
    }
}

async fn page(site: &Site, visit: &Visit, place: &Place, wrong: Option<(Problem, Chosen)>) -> Response {
    let status = wrong.as_ref().map(|(problem, _)| problem.status());
    shown(pass_page(site, visit, place, wrong).await, status)
}

async fn pass_page(
    site: &Site,
    visit: &Visit,
    place: &Place,
    wrong: Option<(Problem, Chosen)>,
) -> Result<PassPage, Problem> {
    let (services, now) = (&site.services, visit.context.now);
    let seen = pass::see(services, &place.caller.who, place.wallet).await?;
    let catalog = services.catalog.current();
    let standing = dunning::status(services.store.reader(), &catalog, place.wallet, now).await?;
    let (problem, chosen) = wrong.map_or((None, None), |(problem, chosen)| (Some(problem), Some(chosen)));
    let current = seen.figures.as_ref().filter(|figures| figures.status != Status::Ended);
    let first = seen.choices.first().map(|choice| (choice.tier, choice.cadence));
    let usual = current.map(|figures| (figures.tier, figures.cadence)).or(first);
    let chosen = chosen.and_then(|chosen| chosen.read().ok()).or(usual);
    Ok(PassPage {
        frame: place.frame(HERE),
        brand: catalog.brand.pass(),
        is_in_force: current.is_some(),
        now: seen.figures.as_ref().map(|figures| Now::of(figures, &seen.choices, standing, now)),
        choices: seen.choices.iter().map(|choice| Choice::of(choice, chosen)).collect(),
        grants: seen.grants.iter().map(|row| Grant::of(row, now)).collect(),
        may_change: place.may(Action::ManageBilling),
        has_processor: services.outside.processor.is_some(),
        wrong: Wrong::maybe(problem.as_ref(), FIELDS),
    })
}

impl Choice {
    fn of(choice: &pass::Choice, chosen: Option<(Cents, Cadence)>) -> Self {
        Self {
            value: format!("{} {}", choice.tier, choice.cadence.name()),
            tier: dollars(choice.tier),
            cadence: cadence_words(choice.cadence),
            price: dollars(choice.price),
            bonus: dollars(choice.bonus),
            percent: choice.percent.to_string(),
            is_chosen: chosen == Some((choice.tier, choice.cadence)),
        }
    }
}

impl Grant {
    fn of(row: &PassGrantRow, now: Instant) -> Self {
        Self {
            at: moment(row.granted_at),
            what: if row.source == Source::PassBonus { "Bonus" } else { "Credits of the month" },
            amount: Shown::of(row.amount),
            until: row.expires_at.map_or("never".into(), |end| until(end, now).into()),
        }
    }
}

impl Chosen {
    fn read(&self) -> Result<(Cents, Cadence), Problem> {
        let wrong = || typed::wrong("tier", "choose one of the list");
        let (tier, cadence) = self.choice.split_once(' ').ok_or_else(wrong)?;
        let cadence = Cadence::ALL.into_iter().find(|known| known.name() == cadence).ok_or_else(wrong)?;
        Ok((typed::dollars("tier", tier)?, cadence))
    }
}
