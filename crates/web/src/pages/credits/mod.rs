//! Buying credits: choose an amount and a card, look at it once more, pay, and see that the credits are there.
//!
//! Choosing changes nothing, so it is a form that only leads on; paying is the one change, and carries a key that was
//! made with the choice, so that a form that is sent twice buys once, and a page that one goes back to says what it bought.

mod pay;
pub(super) use pay::{pay, review};

mod bought;
pub(super) use bought::{bought, came_back};

mod refund;
pub(super) use refund::{ask_refund, refund};

use askama::Template;
use axum::{extract::State, response::Response};
use billing::{catalog::PurchaseRange, contest::ContestState, payment::AttemptState, role::Action};
use operations::payment;
use serde::Deserialize;
use store::{AttemptRow, PaymentRow};
use units::Cents;

use super::{
    cards::{CARD_CAUSES, SavedCard},
    overview::Shown,
    place::{Frame, Place},
    shown,
    words::{Moment, dollars, moment},
    wrong::{Field, Wrong},
};
use crate::{
    aftermath::{self, Aftermath},
    extract::Asked,
    problem::Problem,
    site::Site,
    visit::Visit,
};

#[derive(Template)]
#[template(path = "credits.html")]
struct CreditsPage {
    frame: Frame,
    balance: Shown,
    may_buy: bool,
    presets: Vec<Preset>,
    other: String,
    min: String,
    max: String,
    cards: Vec<Choice>,
    is_new_card: bool,
    wrong: Wrong,
    purchases: Vec<Bought>,
    has_processor: bool,
    /// The key of what is bought next.
    once: String,
}

/// An amount to choose.
pub(super) struct Preset {
    pub(super) cents: String,
    pub(super) words: String,
    pub(super) is_chosen: bool,
}

struct Choice {
    card: SavedCard,
    is_chosen: bool,
}

struct Bought {
    id: String,
    at: Moment,
    amount: String,
    words: String,
    /// Whether somebody should look at it.
    is_odd: bool,
}

/// What was chosen.
#[derive(Default, Deserialize)]
pub(super) struct Wish {
    amount: Option<String>,
    other: Option<String>,
    card: Option<String>,
    /// A card that was just typed at the processor.
    setup: Option<String>,
    /// The key of the page that pays it.
    once: Option<String>,
}

/// How many of the last purchases the page shows.
const PURCHASES: u32 = 10;
/// The field of an amount that stands on no button.
const OTHER: &str = "other";
/// The choice of a card that is not saved yet.
const NEW: &str = "new";

const FIELDS: &[Field] =
    &[("other", "Another amount", &["amount", "amount_out_of_range"]), ("pay-with", "Pay with", CARD_CAUSES)];

pub(super) async fn show(State(site): State<Site>, visit: Visit, place: Place, Asked(wish): Asked<Wish>) -> Response {
    choose(&site, &visit, &place, wish, None).await
}

async fn choose(site: &Site, visit: &Visit, place: &Place, wish: Wish, problem: Option<Problem>) -> Response {
    let status = problem.as_ref().map(Problem::status);
    shown(credits_page(site, visit, place, wish, Wrong::maybe(problem.as_ref(), FIELDS)).await, status)
}

async fn credits_page(
    site: &Site,
    visit: &Visit,
    place: &Place,
    wish: Wish,
    wrong: Wrong,
) -> Result<CreditsPage, Problem> {
    place.require(Action::SeeBilling)?;
    let range = range(site, place);
    let chosen = wish.amount.as_deref().and_then(|text| text.parse::<Cents>().ok());
    let is_preset = chosen.is_none_or(|amount| range.presets.contains(&amount)) && wish.other.is_none();
    let presets = range.presets.iter().enumerate().map(|(index, amount)| Preset {
        cents: amount.to_string(),
        words: dollars(*amount),
        is_chosen: is_preset && chosen.map_or(index == 1, |chosen| chosen == *amount),
    });
    let saved = payment::list_cards(&site.services, place.wallet).await?;
    let wanted = wish.card.as_deref();
    let is_known = saved.iter().any(|card| Some(card.id.to_string().as_str()) == wanted);
    let newest = saved.last().map(|card| card.id);
    let cards = saved.iter().rev().map(|row| Choice {
        card: SavedCard::of(row),
        is_chosen: match is_known {
            true => Some(row.id.to_string().as_str()) == wanted,
            false => wanted != Some(NEW) && newest == Some(row.id),
        },
    });
    Ok(CreditsPage {
        frame: place.frame("/credits"),
        balance: balance(site, visit, place).await?,
        may_buy: place.may(Action::ManageBilling),
        presets: presets.collect(),
        other: match is_preset {
            true => String::new(),
            false => wish.other.or(wish.amount).filter(|text| text != OTHER).unwrap_or_default(),
        },
        min: dollars(range.min),
        max: dollars(range.max),
        is_new_card: saved.is_empty() || wanted == Some(NEW),
        cards: cards.collect(),
        wrong,
        purchases: purchases(site, place).await?,
        has_processor: site.services.outside.processor.is_some(),
        once: pay::new_once(visit),
    })
}

pub(super) async fn balance(site: &Site, visit: &Visit, place: &Place) -> Result<Shown, Problem> {
    let books = site.services.store.reader().load_wallet(place.wallet).await?;
    let books = books.ok_or_else(|| Problem::NotFound { what: "wallet", name: place.wallet.to_string() })?;
    Ok(Shown::of(books.balance(visit.context.now)))
}

fn range(site: &Site, place: &Place) -> PurchaseRange {
    let purchase = &site.services.catalog.current().purchase;
    if place.organization.is_some() { purchase.organization.clone() } else { purchase.personal.clone() }
}

/// The last purchases, and what became of them.
async fn purchases(site: &Site, place: &Place) -> Result<Vec<Bought>, Problem> {
    let reader = site.services.store.reader();
    let rows = reader.list_latest_purchases(place.wallet, PURCHASES).await?;
    let mut after = aftermath::of_payments(site, place.wallet, &rows).await?;
    let mut purchases = Vec::new();
    for row in rows {
        let attempt = match row.paid_at {
            Some(_) => None,
            None => reader.find_attempt(row.id).await?,
        };
        purchases.push(Bought::of(&row, attempt.as_ref(), &after.remove(&row.id).unwrap_or_default()));
    }
    Ok(purchases)
}

impl Bought {
    fn of(row: &PaymentRow, attempt: Option<&AttemptRow>, after: &Aftermath) -> Self {
        let state = attempt.and_then(|attempt| AttemptState::from_name(&attempt.state));
        let mut words = match (row.paid_at, state) {
            (Some(_), _) => "paid".to_owned(),
            (None, Some(AttemptState::ActionRequired)) => "your bank asks".to_owned(),
            (None, Some(AttemptState::Declined | AttemptState::Canceled)) => "not paid".to_owned(),
            (None, _) => "on its way".to_owned(),
        };
        for (amount, said) in [(after.refunded(), "refunded"), (after.on_its_way(), "on its way back")] {
            if amount > Cents::ZERO {
                words.push_str(&format!(", {} {said}", dollars(amount)));
            }
        }
        if let Some(dispute) = after.dispute() {
            words.push_str(dispute_words(dispute));
        }
        let is_odd = after.dispute().is_some_and(|dispute| dispute != ContestState::Won);
        Self { id: row.id.to_string(), at: moment(row.created_at), amount: dollars(row.amount), words, is_odd }
    }
}

/// How far a dispute is, behind what is said of the payment.
const fn dispute_words(dispute: ContestState) -> &'static str {
    match dispute {
        ContestState::Inquiry => ", the bank asks about it",
        ContestState::Open => ", contested at the bank",
        ContestState::Won => ", contested and kept",
        ContestState::Lost => ", lost to the bank",
    }
}
