//! Looking at a purchase once more, and paying it.

use askama::Template;
use axum::{extract::State, response::Response};
use billing::role::Action;
use operations::{
    invoice,
    payment::{self, AddCard, BuyCredits, PaymentState},
};
use serde::Deserialize;
use store::CardRow;
use units::{CardId, Cents, PaymentId};

use super::{NEW, OTHER, Wish, choose, range};
use crate::{
    extract::Asked,
    pages::{
        cards::SavedCard,
        form::Form,
        go, html,
        place::{Frame, Place},
        sandbox::own_address,
        sorry, typed,
        words::dollars,
    },
    problem::Problem,
    site::Site,
    visit::Visit,
    wire,
};

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
    /// The purchase that this page has led to, and whether it is paid, for somebody who comes back to it.
    before: Option<(PaymentId, bool)>,
    once: String,
    return_to: String,
}

#[derive(Deserialize)]
pub(in crate::pages) struct Order {
    amount: String,
    card: String,
    once: String,
}

/// Looks at what was chosen, or says what is wrong with it beside the choice.
pub(in crate::pages) async fn review(
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
pub(in crate::pages) async fn pay(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(Order { amount, card, once }): Form<Order>,
) -> Response {
    let paid = async {
        let request = BuyCredits {
            caller: place.caller.who,
            wallet: place.wallet,
            amount: typed::dollars("amount", &amount)?,
            card: Some(wire::id("card", &card)?),
            key: Some(key(&place, &once)),
            return_url: format!("{}{}/credits/paid", site.settings.public_url, place.base()),
            from: Some(visit.client),
        };
        let bought = payment::buy(&site.services, &visit.context, request).await?;
        Ok::<_, Problem>(match bought.state {
            // A form does not lead to a bank, whose address nobody knows before: its page is a link on our own.
            PaymentState::ActionRequired { page } if own_address(&site, &page).starts_with('/') => {
                own_address(&site, &page)
            }
            _ => format!("{}/credits/{}", place.base(), bought.payment),
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
    let (once, before) = find_before(site, visit, place, wish).await?;
    Ok(PayPage {
        frame: place.frame("/credits"),
        amount: dollars(amount),
        cents: amount.to_string(),
        total: dollars(quote.total),
        lines,
        card: card.map(SavedCard::of),
        once,
        before,
        return_to: format!("{}/credits/pay?amount={amount}", place.base()),
    })
}

/// The key of this page, and the purchase that was made with it. The key stands in the address, so that a page that a
/// browser goes back to is the same page. One whose payment was declined brought nothing, and gets a new key.
async fn find_before(
    site: &Site,
    visit: &Visit,
    place: &Place,
    wish: &Wish,
) -> Result<(String, Option<(PaymentId, bool)>), Problem> {
    let is_key = |once: &&str| (1..=64).contains(&once.len()) && once.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let Some(once) = wish.once.as_deref().filter(is_key) else { return Ok((new_once(visit), None)) };
    let (caller, key) = (&place.caller.who, key(place, once));
    match payment::see_by_key(&site.services, &visit.context, caller, place.wallet, &key).await {
        Ok(before) => {
            let before = before.map(|bought| (bought.payment, bought.state == PaymentState::Paid));
            Ok((once.to_owned(), before))
        }
        Err(operations::Error::CardDeclined { .. }) => Ok((new_once(visit), None)),
        Err(error) => Err(error.into()),
    }
}

/// What nobody chose before.
pub(super) fn new_once(visit: &Visit) -> String {
    visit.context.ids.uuid().simple().to_string()
}

/// The key under which the page of this person is sent.
fn key(place: &Place, once: &str) -> String {
    format!("{} {once}", place.caller.name())
}

/// The person typed a card at the processor: it is saved, and chosen.
async fn save_typed(site: &Site, visit: &Visit, place: &Place, wish: Wish, setup: String) -> Response {
    let request = AddCard { caller: place.caller.who, wallet: place.wallet, setup };
    match payment::add_card(&site.services, &visit.context, request).await {
        Ok(card) => {
            let amount = wish.amount.unwrap_or_default();
            let amount = serde_urlencoded::to_string([("amount", amount)]).unwrap_or_default();
            go(&format!("{}/credits/pay?{amount}&card={}&once={}", place.base(), card.id, new_once(visit)))
        }
        Err(error) => choose(site, visit, place, wish, Some(error.into())).await,
    }
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
        (Some(OTHER) | None, Some(typed)) => typed::dollars("amount", typed),
        (Some(amount), _) if amount != OTHER => typed::dollars("amount", amount),
        _ => {
            Err(Problem::Field { field: "amount".to_owned(), reason: "choose one, or type one such as 25".to_owned() })
        }
    }
}
