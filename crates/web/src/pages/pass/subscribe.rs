//! Subscribing: what the first term costs and brings is shown first, and the button carries a key that was made with the
//! page, so that a form that is sent twice subscribes once.

use askama::Template;
use axum::{extract::State, response::Response};
use billing::role::Action;
use operations::{
    pass::{self, Subscribe},
    payment::{self, AddCard, PaymentState},
};

use super::{Chosen, HERE, cadence_words, page};
use crate::{
    extract::Asked,
    pages::{
        cards::{CARD_CAUSES, SavedCard},
        form::Form,
        go,
        place::{Frame, Place},
        sandbox::own_address,
        shown,
        words::dollars,
        wrong::Wrong,
    },
    problem::Problem,
    site::Site,
    visit::Visit,
    wire,
};

#[derive(Template)]
#[template(path = "pass_review.html")]
struct ReviewPage {
    frame: Frame,
    tier: String,
    cadence: &'static str,
    is_yearly: bool,
    total: String,
    lines: Vec<(String, String)>,
    percent: String,
    bonus: String,
    /// Saved cards, the newest first, and which of them is chosen. Without one, one has to be typed first.
    cards: Vec<(SavedCard, bool)>,
    choice: String,
    once: String,
    return_to: String,
    wrong: Wrong,
}

/// What it would cost and bring.
pub(in crate::pages) async fn review(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Asked(mut chosen): Asked<Chosen>,
) -> Response {
    if let Some(setup) = chosen.setup.take() {
        return save_typed(&site, &visit, &place, chosen, setup).await;
    }
    review_page(&site, &visit, &place, chosen, None).await
}

/// Subscribes. A card that is declined is told where another can be chosen.
pub(in crate::pages) async fn subscribe(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(chosen): Form<Chosen>,
) -> Response {
    let subscribed = async {
        let (tier, cadence) = chosen.read()?;
        let request = Subscribe {
            caller: place.caller.who,
            wallet: place.wallet,
            tier,
            cadence,
            card: Some(wire::id("card", &chosen.card)?),
            key: Some(format!("{} {}", place.caller.name(), chosen.once)),
            return_url: format!("{}{HERE}", site.settings.public_url),
            from: Some(visit.client),
        };
        let bought = pass::subscribe(&site.services, &visit.context, request).await?;
        Ok::<_, Problem>(match bought.state {
            PaymentState::Paid => HERE.to_owned(),
            // A form does not lead to a bank, whose address nobody knows before: its page is a link on our own.
            PaymentState::ActionRequired { page } if own_address(&site, &page).starts_with('/') => {
                own_address(&site, &page)
            }
            PaymentState::ActionRequired { .. } | PaymentState::Pending => format!("/credits/{}", bought.payment),
        })
    };
    match subscribed.await {
        Ok(next) => go(&next),
        Err(problem) => review_page(&site, &visit, &place, chosen, Some(problem)).await,
    }
}

/// The person typed a card at the processor: it is saved, and chosen.
async fn save_typed(site: &Site, visit: &Visit, place: &Place, chosen: Chosen, setup: String) -> Response {
    let request = AddCard { caller: place.caller.who, wallet: place.wallet, setup };
    match payment::add_card(&site.services, &visit.context, request).await {
        Ok(card) => go(&format!("{}&card={}", path_of(&chosen), card.id)),
        Err(error) => review_page(site, visit, place, chosen, Some(error.into())).await,
    }
}

/// The review, with what is wrong; where there is nothing to review, what is wrong is said where it was chosen.
async fn review_page(site: &Site, visit: &Visit, place: &Place, chosen: Chosen, problem: Option<Problem>) -> Response {
    let status = problem.as_ref().map(Problem::status);
    match reviewed(site, visit, place, &chosen, problem.as_ref()).await {
        Ok(page) => shown(Ok(page), status),
        Err(other) => page(site, visit, place, Some((problem.unwrap_or(other), chosen))).await,
    }
}

async fn reviewed(
    site: &Site,
    visit: &Visit,
    place: &Place,
    chosen: &Chosen,
    problem: Option<&Problem>,
) -> Result<ReviewPage, Problem> {
    place.require(Action::ManageBilling)?;
    let (tier, cadence) = chosen.read()?;
    let quote = pass::quote(&site.services, &place.caller.who, place.wallet, tier, cadence).await?;
    let saved = payment::list_cards(&site.services, place.wallet).await?;
    let mut cards: Vec<_> = saved.iter().rev().map(|row| (SavedCard::of(row), false)).collect();
    let wanted = cards.iter().position(|(card, _)| card.id == chosen.card).unwrap_or_default();
    if let Some((_, is_chosen)) = cards.get_mut(wanted) {
        *is_chosen = true;
    }
    Ok(ReviewPage {
        frame: place.frame(HERE),
        tier: dollars(tier),
        cadence: cadence_words(cadence),
        is_yearly: cadence == billing::period::Cadence::Yearly,
        total: dollars(quote.draft.total),
        lines: quote.draft.lines.iter().map(|line| (line.text.clone(), dollars(line.amount))).collect(),
        percent: quote.percent.to_string(),
        bonus: dollars(quote.bonus),
        // Without a card there is nothing to choose, and so no field.
        wrong: Wrong::maybe(problem, if cards.is_empty() { &[] } else { &[("pay-with", "Pay with", CARD_CAUSES)] }),
        cards,
        choice: chosen.choice.clone(),
        once: visit.context.ids.uuid().simple().to_string(),
        return_to: path_of(chosen),
    })
}

/// The path of the review of a choice.
fn path_of(chosen: &Chosen) -> String {
    let asked = serde_urlencoded::to_string([("choice", &chosen.choice)]).unwrap_or_default();
    format!("{HERE}/review?{asked}")
}
