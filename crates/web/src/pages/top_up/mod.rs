//! Auto top-up: how it stands, turning it off, and resuming it.

mod agree;
pub(super) use agree::{agree, turn_on};

use askama::Template;
use axum::{extract::State, response::Response};
use billing::{
    role::Action,
    top_up::{Limit, Settings, State as Standing},
};
use operations::top_up::{self, TopUp};
use serde::Deserialize;
use units::Cents;

use super::{
    cards::SavedCard,
    credits::Preset,
    go,
    overview::Shown,
    place::{Frame, Place},
    shown,
    words::{Said, dollars, moment, money},
    wrong::{Field, Wrong},
};
use crate::{problem::Problem, site::Site, visit::Visit};

#[derive(Template)]
#[template(path = "top_up.html")]
struct TopUpPage {
    frame: Frame,
    state: &'static str,
    /// Why it is paused, and what to do.
    reason: Option<&'static str>,
    amount: String,
    threshold: String,
    cap: String,
    target: String,
    available: Shown,
    spent: String,
    /// Of the monthly cap, in a hundred steps.
    percent: u8,
    today: u32,
    per_day: u32,
    is_buying: bool,
    waits: Option<Said>,
    card: Option<SavedCard>,
    may_change: bool,
    has_processor: bool,
    presets: Vec<Preset>,
    typed: Typed,
    wrong: Wrong,
}

/// What was chosen, as it was typed.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    amount: String,
    #[serde(default)]
    threshold: String,
    #[serde(default)]
    monthly_cap: String,
}

const FIELDS: &[Field] = &[
    ("amount", "Buy each time", &["amount", "the amount of the automatic top-up"]),
    ("threshold", "When available falls below", &["threshold", "the threshold of the automatic top-up"]),
    ("cap", "At most in a month", &["monthly cap", "the monthly cap of the automatic top-up"]),
];

pub(super) async fn show(State(site): State<Site>, visit: Visit, place: Place) -> Response {
    page(&site, &visit, &place, None).await
}

pub(super) async fn turn_off(State(site): State<Site>, visit: Visit, place: Place) -> Response {
    let done = top_up::turn_off(&site.services, &visit.context, &place.caller.who, place.wallet).await;
    end(&site, &visit, &place, done.map_err(Problem::from), Typed::default()).await
}

pub(super) async fn resume(State(site): State<Site>, visit: Visit, place: Place) -> Response {
    let done = top_up::resume(&site.services, &visit.context, &place.caller.who, place.wallet).await;
    end(&site, &visit, &place, done.map_err(Problem::from), Typed::default()).await
}

async fn end(site: &Site, visit: &Visit, place: &Place, done: Result<TopUp, Problem>, typed: Typed) -> Response {
    match done {
        Ok(_) => go(&format!("{}{HERE}", place.base())),
        Err(problem) => page(site, visit, place, Some((problem, typed))).await,
    }
}

/// The path of these pages behind the base.
const HERE: &str = "/auto-top-up";

async fn page(site: &Site, visit: &Visit, place: &Place, wrong: Option<(Problem, Typed)>) -> Response {
    let status = wrong.as_ref().map(|(problem, _)| problem.status());
    let now = top_up::see(&site.services, &visit.context, &place.caller.who, place.wallet).await;
    let has_processor = site.services.outside.processor.is_some();
    let page = now.map(|now| TopUpPage::of(place, now, has_processor, wrong));
    shown(page.map_err(Problem::from), status)
}

impl TopUpPage {
    fn of(place: &Place, now: TopUp, has_processor: bool, wrong: Option<(Problem, Typed)>) -> Self {
        let (problem, typed) = wrong.map_or((None, None), |(problem, typed)| (Some(problem), Some(typed)));
        let Settings { threshold, amount, monthly_cap } = now.settings;
        let typed = typed.filter(|typed| !typed.amount.is_empty()).unwrap_or_else(|| Typed::of(&now.settings));
        let preset = |amount: &Cents| Preset {
            cents: amount.to_string(),
            words: dollars(*amount),
            is_chosen: amount.to_string() == typed.amount,
        };
        let share = i128::from(now.spent_this_month.count()) * 100 / i128::from(monthly_cap.count().max(1));
        Self {
            frame: place.frame(HERE),
            state: now.state.name(),
            reason: match now.state {
                Standing::Paused(pause) => Some(pause.words()),
                Standing::Off | Standing::On => None,
            },
            amount: dollars(amount),
            threshold: money(threshold),
            cap: dollars(monthly_cap),
            target: money(now.target),
            available: Shown::of(now.available),
            spent: dollars(now.spent_this_month),
            percent: u8::try_from(share.clamp(0, 100)).unwrap_or(100),
            today: now.payments_today,
            per_day: now.payments_per_day,
            is_buying: now.is_buying,
            waits: now
                .waits_for
                .map(|(limit, until)| Said::from(words(limit)).then(" It goes on ").then(moment(until)).then(".")),
            card: now.card.as_ref().map(SavedCard::of),
            may_change: place.may(Action::ManageBilling),
            has_processor,
            presets: now.amounts.iter().map(preset).collect(),
            typed,
            wrong: Wrong::maybe(problem.as_ref(), FIELDS),
        }
    }
}

/// Why nothing is bought although it is on.
const fn words(limit: Limit) -> &'static str {
    match limit {
        Limit::MonthlyCap => "The cap of this month is reached; a higher cap lets it go on at once.",
        Limit::PerDay => "No more payments begin today.",
        Limit::Retry => "The last payment could not be made.",
    }
}

impl Typed {
    fn of(settings: &Settings) -> Self {
        let Settings { threshold, amount, monthly_cap } = settings;
        Self { amount: amount.to_string(), threshold: threshold.to_string(), monthly_cap: monthly_cap.to_string() }
    }
}
