//! What has to be paid for service to go on, and paying it.

use askama::Template;
use axum::{extract::State, response::Response};
use billing::{dunning::State as Standing, role::Action};
use operations::{
    dunning::{PayDue, list_due, pay_due, status},
    payment::{self, AddCard, PaymentState},
};
use serde::Deserialize;
use units::Cents;

use super::{
    cards::{CARD_CAUSES, SavedCard},
    form::Form,
    go,
    place::{Frame, Place},
    returned::{CameBack, learn},
    sandbox::own_address,
    shown,
    words::{Moment, Said, dollars, moment, on_day, until},
    wrong::{Field, Wrong},
};
use crate::{extract::Asked, problem::Problem, site::Site, visit::Visit, wire};

#[derive(Template)]
#[template(path = "due.html")]
struct DuePage {
    frame: Frame,
    state: &'static str,
    /// Until when service goes on, or when keys and details are deleted.
    until: Said,
    items: Vec<Item>,
    total: String,
    /// Whether an attempt is on its way.
    is_trying: bool,
    /// Whether an operator has suspended it, whatever is due.
    is_by_hand: bool,
    /// Saved cards, the newest first, and which of them is chosen. Without one, one has to be typed first.
    cards: Vec<(SavedCard, bool)>,
    may_pay: bool,
    wrong: Wrong,
}

struct Item {
    text: String,
    since: Moment,
    amount: String,
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    card: String,
}

/// A card that was just typed at the processor.
#[derive(Deserialize)]
pub(super) struct Typed {
    setup: Option<String>,
}

/// What is due. Somebody who comes back from their bank has its answer learned first; who comes back from typing a card
/// has it saved, and what is due is tried with it at once.
pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Asked(came_back): Asked<CameBack>,
    Asked(Typed { setup }): Asked<Typed>,
) -> Response {
    let came = came_back.payment_intent.is_some() || setup.is_some();
    let learned = async {
        if let Some(setup) = setup {
            let request = AddCard { caller: place.caller.who, wallet: place.wallet, setup };
            payment::add_card(&site.services, &visit.context, request).await?;
        }
        learn(&site, &visit, &place, came_back).await
    };
    match learned.await {
        Ok(()) if came => go(&format!("{}{HERE}", place.base())),
        Ok(()) => page(&site, &visit, &place, None).await,
        Err(problem) => page(&site, &visit, &place, Some((problem, ""))).await,
    }
}

/// Pays all of it. What is paid or on its way is not paid again, so that a form that is sent twice pays once.
pub(super) async fn pay(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(Chosen { card }): Form<Chosen>,
) -> Response {
    let here = format!("{}{HERE}", place.base());
    let paid = async {
        let request = PayDue {
            caller: place.caller.who,
            wallet: place.wallet,
            card: Some(wire::id("card", &card)?),
            return_url: format!("{}{here}", site.settings.public_url),
            from: Some(visit.client),
        };
        let paid = pay_due(&site.services, &visit.context, request).await?;
        let mut pages = paid.into_iter().filter_map(|bought| match bought.state {
            PaymentState::ActionRequired { page } => Some(own_address(&site, &page)),
            PaymentState::Paid | PaymentState::Pending => None,
        });
        Ok::<_, Problem>(pages.next_back().filter(|page| page.starts_with('/')).unwrap_or(here))
    };
    match paid.await {
        Ok(next) => go(&next),
        Err(problem) => page(&site, &visit, &place, Some((problem, &card))).await,
    }
}

/// The path of this page behind the base.
const HERE: &str = "/due";

/// The page; behind a problem with the card that was chosen.
async fn page(site: &Site, visit: &Visit, place: &Place, wrong: Option<(Problem, &str)>) -> Response {
    let status_of_wrong = wrong.as_ref().map(|(problem, _)| problem.status());
    let (problem, chosen) = wrong.map_or((None, ""), |(problem, chosen)| (Some(problem), chosen));
    let page = async {
        let (services, now) = (&site.services, visit.context.now);
        let due = list_due(services, &place.caller.who, place.wallet).await?;
        let standing = status(services.store.reader(), &services.catalog.current(), place.wallet, now).await?;
        let cards = cards(site, place, chosen).await?;
        // Without a card there is nothing to choose, and so no field.
        let fields: &[Field] = if cards.is_empty() { &[] } else { &[("pay-with", "Pay with", CARD_CAUSES)] };
        let total = Cents::from_count(due.iter().map(|due| due.amount.count()).sum());
        Ok::<_, Problem>(DuePage {
            frame: place.frame(HERE),
            state: standing.name(),
            until: match standing {
                Standing::Grace { until: end } => on_day(end).into(),
                Standing::Suspended { purges_at, .. } => until(purges_at, now).into(),
                Standing::Active | Standing::Purged { .. } => Said::default(),
            },
            is_trying: due.iter().any(|due| due.is_trying),
            is_by_hand: place.suspension.is_some(),
            items: due
                .into_iter()
                .map(|due| Item { text: due.text, since: moment(due.since), amount: dollars(due.amount) })
                .collect(),
            total: dollars(total),
            cards,
            may_pay: place.may(Action::ManageBilling),
            wrong: Wrong::maybe(problem.as_ref(), fields),
        })
    };
    shown(page.await, status_of_wrong)
}

/// The saved cards, of which the one that was chosen is marked, or else the newest.
async fn cards(site: &Site, place: &Place, chosen: &str) -> Result<Vec<(SavedCard, bool)>, Problem> {
    let saved = payment::list_cards(&site.services, place.wallet).await?;
    let cards: Vec<_> = saved.iter().rev().map(SavedCard::of).collect();
    let marked = cards.iter().position(|card| card.id == chosen).unwrap_or_default();
    Ok(cards.into_iter().enumerate().map(|(index, card)| (card, index == marked)).collect())
}
