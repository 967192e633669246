//! Saved cards. They are typed on the processor's page and never here.

use askama::Template;
use axum::{extract::State, response::Response};
use billing::role::Action;
use operations::payment::{self, AddCard, BeginCard};
use serde::Deserialize;
use store::CardRow;

use super::{
    form::Form,
    go, is_own_path,
    place::{Frame, Place},
    sandbox::own_address,
    shown,
    words::{Moment, moment},
};
use crate::{extract::Asked, problem::Problem, site::Site, visit::Visit, wire};

#[derive(Template)]
#[template(path = "cards.html")]
struct CardsPage {
    frame: Frame,
    cards: Vec<SavedCard>,
    may_change: bool,
    has_processor: bool,
    problem: Option<String>,
}

/// A card, as much as may be shown of it.
pub(super) struct SavedCard {
    pub(super) id: String,
    pub(super) brand: String,
    pub(super) last4: String,
    pub(super) expires: String,
    pub(super) added: Moment,
}

/// What may be wrong with the card that was chosen.
pub(super) const CARD_CAUSES: &[&str] =
    &["card_declined", "card_blocked", "authentication_required", "payment_method_missing", "card"];

/// What a processor adds to the address to which it sends somebody back.
#[derive(Deserialize)]
pub(super) struct CameBack {
    setup: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct NewCard {
    return_to: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct CardName {
    card: String,
}

/// The saved cards. Somebody who comes back from the processor has theirs saved first.
pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Asked(CameBack { setup }): Asked<CameBack>,
) -> Response {
    let Some(setup) = setup else { return page(&site, &place, None).await };
    let request = AddCard { caller: place.caller.who, wallet: place.wallet, setup };
    match payment::add_card(&site.services, &visit.context, request).await {
        Ok(_) => go(&format!("{}/payment-methods", place.base())),
        Err(error) => page(&site, &place, Some(error.into())).await,
    }
}

/// Leads to the processor's page.
pub(super) async fn begin(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(NewCard { return_to }): Form<NewCard>,
) -> Response {
    let usual = format!("{}/payment-methods", place.base());
    let return_to = return_to.filter(|path| is_own_path(path)).unwrap_or(usual);
    let return_url = format!("{}{return_to}", site.settings.public_url);
    let (caller, wallet) = (place.caller.who, place.wallet);
    let request = BeginCard { caller, wallet, return_url, from: Some(visit.client) };
    match payment::begin_card(&site.services, &visit.context, request).await {
        Ok(setup) => go(&own_address(&site, setup.page.as_deref().unwrap_or(&return_to))),
        Err(error) => page(&site, &place, Some(error.into())).await,
    }
}

pub(super) async fn forget(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(CardName { card }): Form<CardName>,
) -> Response {
    let forgotten = async {
        let card = wire::id("card", &card)?;
        payment::remove_card(&site.services, &visit.context, &place.caller.who, place.wallet, card).await?;
        Ok::<_, Problem>(())
    };
    match forgotten.await {
        Ok(()) => go(&format!("{}/payment-methods", place.base())),
        Err(problem) => page(&site, &place, Some(problem)).await,
    }
}

async fn page(site: &Site, place: &Place, problem: Option<Problem>) -> Response {
    let status = problem.as_ref().map(Problem::status);
    let page = async {
        place.require(Action::SeeBilling)?;
        let saved = payment::list_cards(&site.services, place.wallet).await?;
        Ok::<_, Problem>(CardsPage {
            frame: place.frame("/payment-methods"),
            cards: saved.iter().rev().map(SavedCard::of).collect(),
            may_change: place.may(Action::ManageBilling),
            has_processor: site.services.outside.processor.is_some(),
            problem: problem.map(|problem| problem.to_string()),
        })
    };
    shown(page.await, status)
}

impl SavedCard {
    pub(super) fn of(row: &CardRow) -> Self {
        let mut brand = row.brand.clone();
        if let Some(first) = brand.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Self {
            id: row.id.to_string(),
            brand,
            last4: row.last4.clone(),
            expires: format!("{:02}/{:02}", row.exp_month, row.exp_year % 100),
            added: moment(row.added_at),
        }
    }
}
