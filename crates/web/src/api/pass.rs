//! The pass of a person: how it stands, what a first month would cost and bring, and what is wished of it.

use axum::{Json, extract::State};
use billing::{
    pass::{Figures, NextMonth, Scheduled},
    period::Period,
};
use http::StatusCode;
use operations::{
    pass::{self, Seen, Subscribe},
    payment::PaymentState,
};
use serde::{Deserialize, Serialize};
use store::PassGrantRow;
use units::{Amount, CardId, Cents, GrantId, Instant, PaymentId};
use utoipa::ToSchema;

use super::{
    payment_methods::return_url,
    seats::{CadenceName, QuoteLine},
};
use crate::{
    access::{Bound, Caller},
    extract::{Body, Named},
    once::OnceKey,
    problem::Problem,
    site::Site,
    visit::Visit,
    wire::{Credits, Dollars, WalletName, schema},
};

/// A tier and how long is paid at once.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PassWish {
    /// What a month costs and brings: one of the tiers that `GET` lists.
    tier: Dollars,
    /// By the month or year.
    cadence: CadenceName,
}

/// A subscription.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPass {
    /// What a month costs and brings.
    tier: Dollars,
    /// By the month or year.
    cadence: CadenceName,
    /// With which card; the newest when absent.
    #[serde(default)]
    #[schema(value_type = schema::CardId, required = false)]
    payment_method: Option<CardId>,
    /// Where the person comes back to from their bank: a path of this server.
    #[serde(default)]
    #[schema(required = false, nullable = false, min_length = 1, max_length = 500, pattern = "^/[!-~]*$")]
    return_to: Option<String>,
}

/// How a subscription stands.
#[derive(Serialize, ToSchema)]
pub(super) struct PassBought {
    /// The payment.
    #[schema(value_type = schema::PaymentId)]
    payment: PaymentId,
    /// `paid`: the pass has begun. `pending` or `action_required`: it begins when it is paid.
    #[schema(value_type = String, example = "paid")]
    state: &'static str,
    /// Where the bank sees the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    page: Option<String>,
}

/// What a first term would cost and bring.
#[derive(Serialize, ToSchema)]
pub(super) struct PassQuote {
    /// What the card pays, with tax.
    #[schema(value_type = Dollars)]
    total: Cents,
    /// What the invoice would say, line by line, the tax last.
    lines: Vec<QuoteLine>,
    /// What a month brings.
    #[schema(value_type = Dollars)]
    base: Cents,
    /// How many percent the first month's bonus is.
    #[schema(value_type = String, example = "50")]
    bonus_percent: String,
    /// The first month's bonus.
    #[schema(value_type = Dollars)]
    bonus: Cents,
}

/// The pass of a person.
#[derive(Serialize, ToSchema)]
pub(super) struct PassNow {
    /// The pass in force, or the last one there was; absent when there never was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pass: Option<PassFigures>,
    /// Whether a subscription would be the person's first.
    is_first: bool,
    /// Every tier and cadence that there is.
    choices: Vec<PassChoice>,
    /// What passes have granted, the newest first.
    grants: Vec<PassGrant>,
}

/// A tier and cadence to choose.
#[derive(Serialize, ToSchema)]
pub(super) struct PassChoice {
    /// What a month brings.
    #[schema(value_type = Dollars)]
    tier: Cents,
    /// How long is paid at once.
    cadence: CadenceName,
    /// What a term costs, without tax.
    #[schema(value_type = Dollars)]
    price: Cents,
    /// The first month's bonus for who subscribes now.
    #[schema(value_type = Dollars)]
    bonus: Cents,
    /// How many percent that is.
    #[schema(value_type = String, example = "50")]
    bonus_percent: String,
}

/// How a pass stands.
#[derive(Serialize, ToSchema)]
pub(super) struct PassFigures {
    /// `active`, `past_due` or `ended`.
    #[schema(value_type = String, example = "active")]
    status: &'static str,
    /// What a month costs and brings.
    #[schema(value_type = Dollars)]
    tier: Cents,
    /// How long is paid at once.
    cadence: CadenceName,
    /// What is paid for, or has to be.
    period: Span,
    /// The month that was granted last; a year has twelve.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    month: Option<Span>,
    /// When a term has to be paid next.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Moment, required = false)]
    renews_at: Option<Instant>,
    /// How many months in a row.
    streak: u32,
    /// This month's bonus.
    #[schema(value_type = Dollars)]
    bonus: Cents,
    /// How many percent that is.
    #[schema(value_type = String, example = "25")]
    bonus_percent: String,
    /// Whether it was granted.
    is_bonus_granted: bool,
    /// How much has to be used for it.
    #[schema(value_type = Credits)]
    needed: Amount,
    /// How much of that was used.
    #[schema(value_type = Credits)]
    used: Amount,
    /// The next month.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next: Option<PassNext>,
    /// What comes at the end of the period: another tier or cadence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    scheduled: Option<PassScheduled>,
    /// Whether it ends then.
    is_cancelled: bool,
}

/// A stretch of time.
#[derive(Serialize, ToSchema)]
pub(super) struct Span {
    /// Its first moment.
    #[schema(value_type = schema::Moment)]
    start: Instant,
    /// The first moment after it.
    #[schema(value_type = schema::Moment)]
    end: Instant,
}

/// A month that comes.
#[derive(Serialize, ToSchema)]
pub(super) struct PassNext {
    /// When it begins.
    #[schema(value_type = schema::Moment)]
    at: Instant,
    /// What it brings.
    #[schema(value_type = Dollars)]
    base: Cents,
    /// Its bonus.
    #[schema(value_type = Dollars)]
    bonus: Cents,
    /// How many percent that is.
    #[schema(value_type = String, example = "30")]
    bonus_percent: String,
}

/// Another tier or cadence.
#[derive(Serialize, ToSchema)]
pub(super) struct PassScheduled {
    /// The tier from then on.
    #[schema(value_type = Dollars)]
    tier: Cents,
    /// The cadence from then on.
    cadence: CadenceName,
}

/// What a pass has granted.
#[derive(Serialize, ToSchema)]
pub(super) struct PassGrant {
    /// The grant.
    #[schema(value_type = schema::GrantId)]
    grant: GrantId,
    /// `pass_base` or `pass_bonus`.
    source: &'static str,
    /// How much.
    #[schema(value_type = Credits)]
    amount: Amount,
    /// When.
    #[schema(value_type = schema::Moment)]
    granted_at: Instant,
    /// When it expires; never, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Moment, required = false)]
    expires_at: Option<Instant>,
}

/// Show the pass
///
/// How it stands, how far this month's bonus is, and what can be chosen. Only a person's own wallet has one.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet}/pass", tag = "buying",
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 200, description = "The pass.", body = PassNow)))]
pub(super) async fn show(
    State(site): State<Site>,
    caller: Caller,
    Named(wallet): Named<String>,
) -> Result<Json<PassNow>, Problem> {
    let wallet = caller.wallet_at(&wallet)?;
    Ok(Json(pass::see(&site.services, &caller.who, wallet).await?.into()))
}

/// Quote a pass
///
/// What a first term would cost and bring. Nothing changes.
#[utoipa::path(post, path = "/api/v1/wallets/{wallet}/pass/quote", tag = "buying",
    request_body = PassWish,
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 200, description = "The quote.", body = PassQuote)))]
pub(super) async fn quote(
    State(site): State<Site>,
    caller: Caller,
    Named(wallet): Named<String>,
    Body(PassWish { tier, cadence }): Body<PassWish>,
) -> Result<Json<PassQuote>, Problem> {
    let wallet = caller.wallet_at(&wallet)?;
    let quote = pass::quote(&site.services, &caller.who, wallet, tier.0, cadence.into()).await?;
    Ok(Json(PassQuote {
        total: quote.draft.total,
        lines: quote.draft.lines.into_iter().map(QuoteLine::from).collect(),
        base: tier.0,
        bonus_percent: quote.percent.to_string(),
        bonus: quote.bonus,
    }))
}

/// Subscribe to a pass
///
/// The first term is paid at once, and with its payment the credits are there. The same key with the same wish
/// subscribes once, and answers how it stands by now.
#[utoipa::path(post, path = "/api/v1/wallets/{wallet}/pass", tag = "buying", request_body = NewPass,
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 201, description = "It has begun, or is on its way.", body = PassBought)))]
pub(super) async fn subscribe(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    key: OnceKey,
    Named(wallet): Named<String>,
    Body(NewPass { tier, cadence, payment_method, return_to }): Body<NewPass>,
) -> Result<(StatusCode, Json<PassBought>), Problem> {
    let request = Subscribe {
        caller: caller.who,
        wallet: caller.wallet_at(&wallet)?,
        tier: tier.0,
        cadence: cadence.into(),
        card: payment_method,
        key: Some(caller.own_key(&key)),
        return_url: return_url(&site, return_to.as_deref(), "/credits/pass")?,
        from: Some(visit.client),
    };
    let bought = pass::subscribe(&site.services, &visit.context, request).await?;
    let (state, page) = match bought.state {
        PaymentState::Paid => ("paid", None),
        PaymentState::Pending => ("pending", None),
        PaymentState::ActionRequired { page } => ("action_required", Some(page)),
    };
    Ok((StatusCode::CREATED, Json(PassBought { payment: bought.payment, state, page })))
}

/// Change the pass
///
/// Another tier or cadence from the end of the period on. The present ones take that back.
#[utoipa::path(patch, path = "/api/v1/wallets/{wallet}/pass", tag = "buying", request_body = PassWish,
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 200, description = "The pass now.", body = PassNow)))]
pub(super) async fn change(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(wallet): Named<String>,
    Body(PassWish { tier, cadence }): Body<PassWish>,
) -> Result<Json<PassNow>, Problem> {
    let (wallet, context) = (caller.wallet_at(&wallet)?, &visit.context);
    Ok(Json(pass::change(&site.services, context, &caller.who, wallet, tier.0, cadence.into()).await?.into()))
}

/// Cancel the pass
///
/// At the end of the period. Credits that were granted stay.
#[utoipa::path(delete, path = "/api/v1/wallets/{wallet}/pass", tag = "buying",
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 200, description = "The pass now.", body = PassNow)))]
pub(super) async fn cancel(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(wallet): Named<String>,
) -> Result<Json<PassNow>, Problem> {
    let wallet = caller.wallet_at(&wallet)?;
    Ok(Json(pass::cancel(&site.services, &visit.context, &caller.who, wallet).await?.into()))
}

/// Resume the pass
///
/// Takes back what was scheduled, a change or the end.
#[utoipa::path(post, path = "/api/v1/wallets/{wallet}/pass/resume", tag = "buying",
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 201, description = "The pass now.", body = PassNow)))]
pub(super) async fn resume(
    visit: Visit,
    caller: Caller,
    Bound(services): Bound,
    Named(wallet): Named<String>,
) -> Result<(StatusCode, Json<PassNow>), Problem> {
    let wallet = caller.wallet_at(&wallet)?;
    let now = pass::resume(&services, &visit.context, &caller.who, wallet).await?;
    Ok((StatusCode::CREATED, Json(now.into())))
}

impl From<Seen> for PassNow {
    fn from(seen: Seen) -> Self {
        let choice = |choice: pass::Choice| PassChoice {
            tier: choice.tier,
            cadence: choice.cadence.into(),
            price: choice.price,
            bonus: choice.bonus,
            bonus_percent: choice.percent.to_string(),
        };
        Self {
            pass: seen.figures.map(PassFigures::from),
            is_first: seen.is_first,
            choices: seen.choices.into_iter().map(choice).collect(),
            grants: seen.grants.into_iter().map(PassGrant::from).collect(),
        }
    }
}

impl From<Figures> for PassFigures {
    fn from(figures: Figures) -> Self {
        let (scheduled, is_cancelled) = match figures.scheduled {
            Some(Scheduled::Change { tier, cadence }) => (Some(PassScheduled { tier, cadence: cadence.into() }), false),
            Some(Scheduled::Cancel) => (None, true),
            None => (None, false),
        };
        let next =
            |NextMonth { at, base, percent, bonus }| PassNext { at, base, bonus, bonus_percent: percent.to_string() };
        Self {
            status: figures.status.name(),
            tier: figures.tier,
            cadence: figures.cadence.into(),
            period: figures.period.into(),
            month: figures.month.map(Span::from),
            renews_at: figures.renews_at,
            streak: figures.streak,
            bonus: figures.bonus,
            bonus_percent: figures.percent.to_string(),
            is_bonus_granted: figures.is_bonus_granted,
            needed: figures.needed,
            used: figures.used,
            next: figures.next.map(next),
            scheduled,
            is_cancelled,
        }
    }
}

impl From<Period> for Span {
    fn from(Period { start, end }: Period) -> Self {
        Self { start, end }
    }
}

impl From<PassGrantRow> for PassGrant {
    fn from(row: PassGrantRow) -> Self {
        let PassGrantRow { grant, source, amount, granted_at, expires_at, .. } = row;
        Self { grant, source: source.name(), amount, granted_at, expires_at }
    }
}
