//! Turning auto top-up on: what it would mean is shown first, in the words that one agrees to.

use askama::Template;
use axum::{extract::State, response::Response};
use billing::top_up::{Decision, Wish};
use operations::top_up::{self, TurnOn};

use super::{HERE, Typed, end, page, words};
use crate::{
    extract::Asked,
    pages::{
        cards::SavedCard,
        form::Form,
        html,
        overview::Shown,
        place::{Frame, Place},
        typed,
        words::{Said, dollars, moment, money},
    },
    problem::Problem,
    site::Site,
    visit::Visit,
};

#[derive(Template)]
#[template(path = "top_up_agree.html")]
struct AgreePage {
    frame: Frame,
    consent: String,
    card: SavedCard,
    price: String,
    target: String,
    available: Shown,
    /// Whether the card is charged at once.
    charges_now: bool,
    waits: Option<Said>,
    typed: Typed,
}

/// Shows what one agrees to, before one does.
pub(in crate::pages) async fn agree(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Asked(typed): Asked<Typed>,
) -> Response {
    let preview = async {
        let wish = typed.read()?;
        let (services, who) = (&site.services, &place.caller.who);
        let preview = top_up::preview(services, &visit.context, who, place.wallet, wish).await?;
        let card = preview.card.as_ref().ok_or(operations::Error::CardMissing)?;
        Ok::<_, Problem>(AgreePage {
            frame: place.frame(HERE),
            card: SavedCard::of(card),
            price: dollars(preview.price),
            target: money(preview.target),
            available: Shown::of(preview.available),
            charges_now: preview.at_once == Decision::Attempt,
            waits: match preview.at_once {
                Decision::Wait { limit, until } => {
                    Some(Said::from(words(limit)).then(" It begins ").then(moment(until)).then("."))
                }
                _ => None,
            },
            consent: preview.consent,
            typed: Typed::of(&preview.settings),
        })
    };
    match preview.await {
        Ok(page) => html(&page),
        Err(problem) => page(&site, &visit, &place, Some((problem, typed))).await,
    }
}

pub(in crate::pages) async fn turn_on(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(typed): Form<Typed>,
) -> Response {
    let turned = async {
        let request =
            TurnOn { caller: place.caller.who, wallet: place.wallet, wish: typed.read()?, address: Some(visit.client) };
        Ok::<_, Problem>(top_up::turn_on(&site.services, &visit.context, request).await?)
    };
    let turned = turned.await;
    end(&site, &visit, &place, turned, typed).await
}

impl Typed {
    /// What is left empty is the catalog's default.
    fn read(&self) -> Result<Wish, Problem> {
        let dollars = |field: &str, text: &str| match text.trim() {
            "" => Ok(None),
            text => typed::dollars(field, text).map(Some),
        };
        Ok(Wish {
            threshold: typed::credits("threshold", &self.threshold, "")?,
            amount: dollars("amount", &self.amount)?,
            monthly_cap: dollars("monthly cap", &self.monthly_cap)?,
        })
    }
}
