//! Buying credits: choose an amount and a card, look at it once more, pay, and see that the credits are there.
//!
//! Choosing changes nothing, so it is a form that only leads on; paying is the one change, and carries a key that was
//! made with the page, so that a form that is sent twice buys once.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use billing::{catalog::PurchaseRange, role::Action};
use operations::{
    invoice,
    payment::{self, AddCard, BuyCredits, PaymentState},
};
use serde::Deserialize;
use store::{CardRow, PaymentRow};
use units::{CardId, Cents};

use super::{
    cards::SavedCard,
    form::Form,
    go, html,
    overview::Shown,
    place::{Frame, Place},
    sandbox::own_address,
    sorry,
    words::{dollars, moment},
};
use crate::{
    extract::{Asked, Named},
    problem::Problem,
    site::Site,
    visit::Visit,
    wire,
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
    problem: Option<String>,
    purchases: Vec<Bought>,
    has_processor: bool,
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
    at: String,
    amount: String,
    words: &'static str,
}

#[derive(Template)]
#[template(path = "pay.html")]
struct PayPage {
    frame: Frame,
    amount: String,
    cents: String,
    /// What the card pays, and the lines behind it when it is more than the credits.
    total: String,
    lines: Vec<(String, String)>,
    /// Absent when a new card is to be typed first.
    card: Option<SavedCard>,
    once: String,
    return_to: String,
}

#[derive(Template)]
#[template(path = "bought.html")]
struct BoughtPage {
    frame: Frame,
    state: &'static str,
    amount: String,
    balance: Shown,
    page: Option<String>,
}

/// What was chosen.
#[derive(Default, Deserialize)]
pub(super) struct Wish {
    amount: Option<String>,
    other: Option<String>,
    card: Option<String>,
    /// A card that was just typed at the processor.
    setup: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Order {
    amount: String,
    card: String,
    once: String,
}

/// What processors add to the address to which they send somebody back.
#[derive(Deserialize)]
pub(super) struct CameBack {
    payment_intent: Option<String>,
}

/// How many of the last purchases the page shows.
const PURCHASES: u32 = 10;
/// The field of an amount that stands on no button.
const OTHER: &str = "other";
/// The choice of a card that is not saved yet.
const NEW: &str = "new";

pub(super) async fn show(State(site): State<Site>, visit: Visit, place: Place, Asked(wish): Asked<Wish>) -> Response {
    choose(&site, &visit, &place, wish, None).await
}

/// Looks at what was chosen, or says what is wrong with it beside the choice.
pub(super) async fn review(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Asked(mut wish): Asked<Wish>,
) -> Response {
    if let Some(setup) = wish.setup.take() {
        return save_typed(&site, &visit, &place, wish, setup).await;
    }
    match pay_page(&site, &visit, &place, &wish).await {
        Ok(page) => html(&page),
        Err(problem @ (Problem::Refused(_) | Problem::Field { .. })) => {
            choose(&site, &visit, &place, wish, Some(problem)).await
        }
        Err(problem) => sorry(&problem),
    }
}

/// Pays. Whatever the bank says is told on a page of its own.
pub(super) async fn pay(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(Order { amount, card, once }): Form<Order>,
) -> Response {
    let paid = async {
        let request = BuyCredits {
            caller: place.caller.who,
            wallet: place.wallet,
            amount: read_amount(&amount)?,
            card: Some(wire::id("card", &card)?),
            key: Some(format!("{} {once}", place.caller.name())),
            return_url: format!("{}{}/credits/paid", site.settings.public_url, place.base()),
            from: Some(visit.client),
        };
        let bought = payment::buy(&site.services, &visit.context, request).await?;
        Ok::<_, Problem>(match bought.state {
            PaymentState::ActionRequired { page } => own_address(&site, &page),
            PaymentState::Paid | PaymentState::Pending => {
                format!("{}/credits/{}", place.base(), bought.payment)
            }
        })
    };
    let wish = Wish { amount: Some(amount.clone()), card: Some(card.clone()), ..Wish::default() };
    match paid.await {
        Ok(next) => go(&next),
        Err(problem) => match problem.status().is_server_error() {
            true => sorry(&problem),
            false => choose(&site, &visit, &place, wish, Some(problem)).await,
        },
    }
}

/// Somebody comes back from their bank: the processor says which payment it was about.
pub(super) async fn came_back(
    State(site): State<Site>,
    place: Place,
    Asked(CameBack { payment_intent }): Asked<CameBack>,
) -> Response {
    let found = match (&site.services.outside.processor, payment_intent) {
        (Some(processor), Some(id)) => {
            site.services.store.reader().find_payment_by_foreign_id(processor.name(), &id).await
        }
        _ => Ok(None),
    };
    match found {
        Ok(Some(payment)) => go(&format!("{}/credits/{payment}", place.base())),
        Ok(None) => go(&format!("{}/credits", place.base())),
        Err(fault) => sorry(&fault.into()),
    }
}

/// How one purchase stands.
pub(super) async fn bought(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Named(names): Named<HashMap<String, String>>,
) -> Response {
    let page = async {
        place.require(Action::ManageBilling)?;
        let text = names.get("purchase").map_or("", String::as_str);
        let id = wire::id("purchase", text)?;
        let row = site.services.store.reader().find_payment(id).await?;
        let row = row.filter(|row| row.wallet == place.wallet);
        let row = row.ok_or_else(|| Problem::NotFound { what: "purchase", name: text.to_owned() })?;
        let seen = payment::see(&site.services, &visit.context, &place.caller.who, id).await;
        let (state, page) = match seen {
            Ok(bought) => match bought.state {
                PaymentState::Paid => ("paid", None),
                PaymentState::Pending => ("pending", None),
                PaymentState::ActionRequired { page } => ("action_required", Some(own_address(&site, &page))),
            },
            Err(operations::Error::CardDeclined { .. }) => ("declined", None),
            Err(error) => return Err(error.into()),
        };
        let balance = balance(&site, &visit, &place).await?;
        Ok::<_, Problem>(BoughtPage {
            frame: place.frame("/credits"),
            state,
            amount: dollars(row.amount),
            balance,
            page,
        })
    };
    match page.await {
        Ok(page) => html(&page),
        Err(problem) => sorry(&problem),
    }
}

async fn choose(site: &Site, visit: &Visit, place: &Place, wish: Wish, problem: Option<Problem>) -> Response {
    let status = problem.as_ref().map(Problem::status);
    match credits_page(site, visit, place, wish, problem.map(|problem| problem.to_string())).await {
        Ok(page) => match status {
            Some(status) => (status, html(&page)).into_response(),
            None => html(&page),
        },
        Err(problem) => sorry(&problem),
    }
}

async fn credits_page(
    site: &Site,
    visit: &Visit,
    place: &Place,
    wish: Wish,
    problem: Option<String>,
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
    let latest = site.services.store.reader().list_latest_payments(place.wallet, PURCHASES).await?;
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
        problem,
        purchases: latest.iter().map(Bought::of).collect(),
        has_processor: site.services.outside.processor.is_some(),
    })
}

async fn pay_page(site: &Site, visit: &Visit, place: &Place, wish: &Wish) -> Result<PayPage, Problem> {
    place.require(Action::ManageBilling)?;
    let amount = wished_amount(wish)?;
    let range = range(site, place);
    if !range.allows(amount) {
        let allowed = format!("{} to {}", dollars(range.min), dollars(range.max));
        return Err(Problem::Field { field: "amount".to_owned(), reason: format!("{allowed} can be bought at once") });
    }
    let quote = invoice::quote(&site.services, &place.caller.who, place.wallet, amount).await?;
    let lines = quote.lines.iter().map(|line| (line.text.clone(), dollars(line.amount)));
    let lines = if quote.lines.len() > 1 { lines.collect() } else { Vec::new() };
    let saved = payment::list_cards(&site.services, place.wallet).await?;
    let card = match wish.card.as_deref() {
        Some(NEW) => None,
        Some(text) => Some(find_card(&saved, text)?),
        None => saved.last(),
    };
    Ok(PayPage {
        frame: place.frame("/credits"),
        amount: dollars(amount),
        cents: amount.to_string(),
        total: dollars(quote.total),
        lines,
        card: card.map(SavedCard::of),
        once: visit.context.ids.uuid().simple().to_string(),
        return_to: format!("{}/credits/pay?amount={amount}", place.base()),
    })
}

/// The person typed a card at the processor: it is saved, and chosen.
async fn save_typed(site: &Site, visit: &Visit, place: &Place, wish: Wish, setup: String) -> Response {
    let request = AddCard { caller: place.caller.who, wallet: place.wallet, setup };
    match payment::add_card(&site.services, &visit.context, request).await {
        Ok(card) => {
            let amount = wish.amount.unwrap_or_default();
            let amount = serde_urlencoded::to_string([("amount", amount)]).unwrap_or_default();
            go(&format!("{}/credits/pay?{amount}&card={}", place.base(), card.id))
        }
        Err(error) => choose(site, visit, place, wish, Some(error.into())).await,
    }
}

pub(super) async fn balance(site: &Site, visit: &Visit, place: &Place) -> Result<Shown, Problem> {
    let books = site.services.store.reader().load_wallet(place.wallet).await?;
    let books = books.ok_or_else(|| Problem::NotFound { what: "wallet", name: place.wallet.to_string() })?;
    Ok(Shown::of(books.balance(visit.context.now)))
}

fn range<'a>(site: &'a Site, place: &Place) -> &'a PurchaseRange {
    let purchase = &site.services.catalog.purchase;
    if place.organization.is_some() { &purchase.organization } else { &purchase.personal }
}

fn find_card<'a>(saved: &'a [CardRow], text: &str) -> Result<&'a CardRow, Problem> {
    let id: CardId = wire::id("card", text)?;
    let found = saved.iter().find(|card| card.id == id);
    found.ok_or_else(|| Problem::NotFound { what: "card", name: text.to_owned() })
}

/// The amount of a button, or the one that was typed.
fn wished_amount(wish: &Wish) -> Result<Cents, Problem> {
    let typed = wish.other.as_deref().map(str::trim).filter(|text| !text.is_empty());
    match (wish.amount.as_deref(), typed) {
        (Some(OTHER) | None, Some(typed)) => read_amount(typed),
        (Some(amount), _) if amount != OTHER => read_amount(amount),
        _ => {
            Err(Problem::Field { field: "amount".to_owned(), reason: "choose one, or type one such as 25".to_owned() })
        }
    }
}

/// An amount as people type it.
pub(super) fn read_amount(text: &str) -> Result<Cents, Problem> {
    let plain = text.trim().trim_start_matches('$').replace(',', "");
    let is_amount = plain.len() <= 12 && plain.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let wrong =
        || Problem::Field { field: "amount".to_owned(), reason: "dollars and cents, such as 25 or 25.50".to_owned() };
    plain.parse().ok().filter(|_| is_amount).ok_or_else(wrong)
}

impl Bought {
    fn of(row: &PaymentRow) -> Self {
        let words = if row.paid_at.is_some() { "paid" } else { "not paid" };
        Self { id: row.id.to_string(), at: moment(row.created_at), amount: dollars(row.amount), words }
    }
}
