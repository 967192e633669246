//! Credits that are bought without asking: how that stands, what it would mean, turned on, turned off, resumed.

use axum::{Json, extract::State};
use billing::top_up::{Decision, Wish};
use http::StatusCode;
use operations::top_up::{self, Preview, TopUp, TurnOn};
use serde::{Deserialize, Serialize};
use units::{Amount, CardId, Cents, Instant};
use utoipa::{IntoParams, ToSchema};

use crate::{
    access::{Bound, Caller},
    extract::{Asked, Body, Named},
    problem::Problem,
    site::Site,
    visit::Visit,
    wire::{Credits, Dollars, WalletName, schema},
};

/// What is wished.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TopUpWish {
    /// Whether credits are bought without asking. Turning it on is consent to the text that `GET` tells.
    is_on: bool,
    /// When available credits fall below this; the catalog's default when absent.
    #[serde(default)]
    #[schema(required = false, nullable = false)]
    threshold: Option<Credits>,
    /// How much is bought at once: one of the amounts that `GET` lists.
    #[serde(default)]
    #[schema(required = false, nullable = false)]
    amount: Option<Dollars>,
    /// The most that cards pay in a UTC month.
    #[serde(default)]
    #[schema(required = false, nullable = false)]
    monthly_cap: Option<Dollars>,
}

/// What might be wished.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TopUpAsked {
    /// When available credits fall below this.
    #[param(value_type = Credits, required = false, nullable = false)]
    threshold: Option<Credits>,
    /// How much is bought at once.
    #[param(value_type = Dollars, required = false, nullable = false)]
    amount: Option<Dollars>,
    /// The most that cards pay in a UTC month.
    #[param(value_type = Dollars, required = false, nullable = false)]
    monthly_cap: Option<Dollars>,
}

/// What turning it on would mean.
#[derive(Serialize, ToSchema)]
pub(super) struct TopUpPreview {
    /// It would fire when available credits fall below this.
    #[schema(value_type = Credits)]
    threshold: Amount,
    /// How much would be bought at once.
    #[schema(value_type = Dollars)]
    amount: Cents,
    /// The most that cards would pay in a UTC month.
    #[schema(value_type = Dollars)]
    monthly_cap: Cents,
    /// Where a top-up that fires at the threshold would bring the wallet.
    #[schema(value_type = Credits)]
    target: Amount,
    /// What is available now.
    #[schema(value_type = Credits)]
    available: Amount,
    /// What the card would pay for each, with fee and tax.
    #[schema(value_type = Dollars)]
    price: Cents,
    /// What turning it on now charges at once; absent when it charges nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Dollars, required = false)]
    charges_now: Option<Cents>,
    /// The card that would be charged. Without one it cannot be turned on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::CardId, required = false)]
    payment_method: Option<CardId>,
    /// What a person agrees to who turns it on with these settings.
    consent: String,
    /// Which text that is.
    #[schema(value_type = String)]
    consent_version: &'static str,
}

/// How it stands.
#[derive(Serialize, ToSchema)]
pub(super) struct TopUpNow {
    /// `off`, `on` or `paused`.
    #[schema(value_type = String, example = "on")]
    state: &'static str,
    /// Why it is paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    reason: Option<&'static str>,
    /// It fires when available credits fall below this.
    #[schema(value_type = Credits)]
    threshold: Amount,
    /// How much is bought at once.
    #[schema(value_type = Dollars)]
    amount: Cents,
    /// The most that cards pay in a UTC month.
    #[schema(value_type = Dollars)]
    monthly_cap: Cents,
    /// Where a top-up that fires at the threshold brings the wallet.
    #[schema(value_type = Credits)]
    target: Amount,
    /// What is available now.
    #[schema(value_type = Credits)]
    available: Amount,
    /// What it has taken in this UTC month, or may still take.
    #[schema(value_type = Dollars)]
    spent_this_month: Cents,
    /// Payments that began on this UTC day.
    payments_today: u32,
    /// The most that may begin in a day.
    payments_per_day: u32,
    /// Whether a payment is on its way.
    is_buying: bool,
    /// Which limit lets nothing be bought: `monthly_cap`, `per_day`, or `retry` after a payment that could not be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    waits_for: Option<&'static str>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Moment, required = false)]
    waits_until: Option<Instant>,
    /// The card that would be charged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::CardId, required = false)]
    payment_method: Option<CardId>,
    /// Amounts to choose from, rising.
    #[schema(value_type = Vec<Dollars>)]
    amounts: Vec<Cents>,
    /// What a person agrees to who turns it on with these settings.
    consent: String,
    /// Which text that is.
    #[schema(value_type = String)]
    consent_version: &'static str,
}

/// Show auto top-up
///
/// How it stands, and what can be chosen.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet}/auto-top-up", tag = "buying",
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 200, description = "How it stands.", body = TopUpNow)))]
pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(wallet): Named<String>,
) -> Result<Json<TopUpNow>, Problem> {
    let wallet = caller.wallet_at(&wallet)?;
    Ok(Json(top_up::see(&site.services, &visit.context, &caller.who, wallet).await?.into()))
}

/// Preview auto top-up
///
/// What turning it on with these settings would mean, and what it would charge at once. Nothing changes.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet}/auto-top-up/preview", tag = "buying",
    params(("wallet" = WalletName, Path, description = "The wallet."), TopUpAsked),
    responses((status = 200, description = "What would be.", body = TopUpPreview)))]
pub(super) async fn preview(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(wallet): Named<String>,
    Asked(TopUpAsked { threshold, amount, monthly_cap }): Asked<TopUpAsked>,
) -> Result<Json<TopUpPreview>, Problem> {
    let (wallet, wish) = (caller.wallet_at(&wallet)?, wish(threshold, amount, monthly_cap));
    Ok(Json(top_up::preview(&site.services, &visit.context, &caller.who, wallet, wish).await?.into()))
}

/// Turn auto top-up on or off
///
/// With settings that are chosen anew: what is absent is the catalog's default, and when all of it is absent, what it
/// was before. On below the threshold it buys at once. The same wish again changes nothing.
#[utoipa::path(put, path = "/api/v1/wallets/{wallet}/auto-top-up", tag = "buying", request_body = TopUpWish,
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 200, description = "How it stands now.", body = TopUpNow)))]
pub(super) async fn set(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(wallet): Named<String>,
    Body(TopUpWish { is_on, threshold, amount, monthly_cap }): Body<TopUpWish>,
) -> Result<Json<TopUpNow>, Problem> {
    let (wallet, services) = (caller.wallet_at(&wallet)?, &site.services);
    let wish = wish(threshold, amount, monthly_cap);
    if !is_on && wish != Wish::default() {
        let reason = "settings are chosen when it is turned on; leave them out".to_owned();
        return Err(Problem::Field { field: "is_on".to_owned(), reason });
    }
    let now = match is_on {
        true => {
            let request = TurnOn { caller: caller.who, wallet, wish, address: Some(visit.client) };
            top_up::turn_on(services, &visit.context, request).await?
        }
        false => top_up::turn_off(services, &visit.context, &caller.who, wallet).await?,
    };
    Ok(Json(now.into()))
}

/// Resume auto top-up
///
/// After it was paused, with the same settings. Below the threshold it buys at once.
#[utoipa::path(post, path = "/api/v1/wallets/{wallet}/auto-top-up/resume", tag = "buying",
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 201, description = "How it stands now.", body = TopUpNow)))]
pub(super) async fn resume(
    visit: Visit,
    caller: Caller,
    Bound(services): Bound,
    Named(wallet): Named<String>,
) -> Result<(StatusCode, Json<TopUpNow>), Problem> {
    let wallet = caller.wallet_at(&wallet)?;
    let now = top_up::resume(&services, &visit.context, &caller.who, wallet).await?;
    Ok((StatusCode::CREATED, Json(now.into())))
}

fn wish(threshold: Option<Credits>, amount: Option<Dollars>, monthly_cap: Option<Dollars>) -> Wish {
    Wish {
        threshold: threshold.map(|credits| credits.0),
        amount: amount.map(|dollars| dollars.0),
        monthly_cap: monthly_cap.map(|dollars| dollars.0),
    }
}

impl From<Preview> for TopUpPreview {
    fn from(preview: Preview) -> Self {
        Self {
            threshold: preview.settings.threshold,
            amount: preview.settings.amount,
            monthly_cap: preview.settings.monthly_cap,
            target: preview.target,
            available: preview.available,
            price: preview.price,
            charges_now: (preview.at_once == Decision::Attempt).then_some(preview.price),
            payment_method: preview.card.map(|card| card.id),
            consent: preview.consent,
            consent_version: preview.consent_version,
        }
    }
}

impl From<TopUp> for TopUpNow {
    fn from(now: TopUp) -> Self {
        Self {
            state: now.state.name(),
            reason: now.state.pause().map(|pause| pause.name()),
            threshold: now.settings.threshold,
            amount: now.settings.amount,
            monthly_cap: now.settings.monthly_cap,
            target: now.target,
            available: now.available,
            spent_this_month: now.spent_this_month,
            payments_today: now.payments_today,
            payments_per_day: now.payments_per_day,
            is_buying: now.is_buying,
            waits_for: now.waits_for.map(|(limit, _)| limit.name()),
            waits_until: now.waits_for.map(|(_, until)| until),
            payment_method: now.card.map(|card| card.id),
            amounts: now.amounts,
            consent: now.consent,
            consent_version: now.consent_version,
        }
    }
}
