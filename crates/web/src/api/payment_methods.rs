//! Cards that pay for a wallet. They are typed on the processor's page and never here.

use axum::{Json, extract::State};
use billing::role::Action;
use http::StatusCode;
use operations::payment::{self, AddCard, BeginCard};
use serde::{Deserialize, Serialize};
use store::CardRow;
use units::{CardId, Instant};
use utoipa::ToSchema;

use crate::{
    access::{Bound, Caller},
    extract::{Body, MaybeBody, Named},
    pages,
    problem::Problem,
    site::Site,
    visit::Visit,
    wire::{self, Page, WalletName, schema},
};

/// Where somebody goes on behind the processor's page.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSetup {
    /// A path of this server, such as `/credits`; its own page for cards when absent.
    #[schema(required = false, nullable = false, min_length = 1, max_length = 500, pattern = "^/[!-~]*$")]
    #[serde(default)]
    return_to: Option<String>,
}

/// Somebody is asked for a card.
#[derive(Serialize, ToSchema)]
pub(super) struct SetupNow {
    /// Its id; give it back to save the card.
    #[schema(example = "seti_0190a1b2c3d4")]
    setup: String,
    /// The page on which the person types the card.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    page: Option<String>,
}

/// A card that was typed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPaymentMethod {
    /// What the call before answered.
    #[schema(min_length = 1, max_length = 255, example = "seti_0190a1b2c3d4")]
    setup: String,
}

/// A card, as much as may be shown of it.
#[derive(Serialize, ToSchema)]
pub(super) struct PaymentMethod {
    /// Its id.
    #[schema(value_type = schema::CardId)]
    id: CardId,
    /// Whose network.
    #[schema(example = "visa")]
    brand: String,
    /// Its last four digits.
    #[schema(example = "4242")]
    ends_in: String,
    /// The month in which it expires, from 1.
    #[schema(minimum = 1, maximum = 12)]
    exp_month: u32,
    /// The year in which it expires.
    exp_year: u32,
    /// Since when it is saved.
    #[schema(value_type = schema::Moment)]
    added_at: Instant,
}

/// List payment methods
///
/// The newest first; it pays unless another is named.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet}/payment-methods", tag = "buying",
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 200, description = "The saved cards.", body = Page<PaymentMethod>)))]
pub(super) async fn list(
    State(site): State<Site>,
    caller: Caller,
    Named(wallet): Named<String>,
) -> Result<Json<Page<PaymentMethod>>, Problem> {
    let wallet = caller.may_read(&site, &wallet, Action::SeeBilling).await?;
    let cards = payment::list_cards(&site.services, wallet).await?;
    Ok(Json(Page { items: cards.into_iter().rev().map(PaymentMethod::from).collect(), next: None }))
}

/// Ask for a card
///
/// Answers the processor's page on which the person types it. Then save it, with the id of the setup.
#[utoipa::path(post, path = "/api/v1/wallets/{wallet}/payment-methods/setups", tag = "buying",
    request_body(content = Option<NewSetup>),
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 201, description = "The person can type a card.", body = SetupNow)))]
pub(super) async fn begin(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Bound(services): Bound,
    Named(wallet): Named<String>,
    MaybeBody(NewSetup { return_to }): MaybeBody<NewSetup>,
) -> Result<(StatusCode, Json<SetupNow>), Problem> {
    let wallet = caller.wallet_at(&wallet)?;
    let return_url = return_url(&site, return_to.as_deref(), "/payment-methods")?;
    let request = BeginCard { caller: caller.who, wallet, return_url, from: Some(visit.client) };
    let setup = payment::begin_card(&services, &visit.context, request).await?;
    Ok((StatusCode::CREATED, Json(SetupNow { setup: setup.id, page: setup.page })))
}

/// Save a card
///
/// When it was typed on the processor's page. Saving it again changes nothing.
#[utoipa::path(post, path = "/api/v1/wallets/{wallet}/payment-methods", tag = "buying",
    request_body = NewPaymentMethod,
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 201, description = "The card is saved.", body = PaymentMethod)))]
pub(super) async fn create(
    visit: Visit,
    caller: Caller,
    Bound(services): Bound,
    Named(wallet): Named<String>,
    Body(NewPaymentMethod { setup }): Body<NewPaymentMethod>,
) -> Result<(StatusCode, Json<PaymentMethod>), Problem> {
    let request = AddCard { caller: caller.who, wallet: caller.wallet_at(&wallet)?, setup };
    let card = payment::add_card(&services, &visit.context, request).await?;
    Ok((StatusCode::CREATED, Json(card.into())))
}

/// Forget a card
///
/// It pays for nothing any more.
#[utoipa::path(delete, path = "/api/v1/wallets/{wallet}/payment-methods/{card}", tag = "buying",
    params(("wallet" = WalletName, Path, description = "The wallet."),
        ("card" = schema::CardId, Path, description = "The card.")),
    responses((status = 204, description = "The card is forgotten.")))]
pub(super) async fn forget(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named((wallet, card)): Named<(String, String)>,
) -> Result<StatusCode, Problem> {
    let (wallet, card) = (caller.wallet_at(&wallet)?, wire::id("card", &card)?);
    payment::remove_card(&site.services, &visit.context, &caller.who, wallet, card).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where somebody comes back to: a path of this server, at the address that people know it by.
pub(super) fn return_url(site: &Site, asked: Option<&str>, usual: &str) -> Result<String, Problem> {
    let path = asked.unwrap_or(usual);
    match pages::is_own_path(path) {
        true => Ok(format!("{}{path}", site.settings.public_url)),
        false => Err(Problem::Field {
            field: "return_to".to_owned(),
            reason: format!("a path of this server, such as {usual}"),
        }),
    }
}

impl From<CardRow> for PaymentMethod {
    fn from(row: CardRow) -> Self {
        let CardRow { id, brand, last4: ends_in, exp_month, exp_year, added_at, .. } = row;
        Self { id, brand, ends_in, exp_month, exp_year, added_at }
    }
}
