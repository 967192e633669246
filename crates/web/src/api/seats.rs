//! Seats of organizations: how they stand, what a change would cost, and changing them.

use axum::{Json, extract::State};
use billing::{
    dunning,
    invoice::Line,
    period::Cadence,
    seat::{Access, Plan, Subscription, Wish},
};
use http::StatusCode;
use operations::{
    payment::PaymentState,
    seat::{self, ChangeSeats, OrderSeats, Quoted, SeatChange},
};
use serde::{Deserialize, Serialize};
use store::SeatEventRow;
use units::{CardId, Cents, Instant, OrganizationId, PaymentId, UserId};
use utoipa::ToSchema;

use super::{payment_methods::return_url, wallets::PageOf};
use crate::{
    access::Caller,
    extract::{Asked, Body, Named},
    once::OnceKey,
    problem::Problem,
    site::Site,
    visit::Visit,
    wire::{self, Dollars, Page, schema},
};

/// A plan.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum PlanName {
    /// The smaller one.
    Teams,
    /// The larger one, which a trial tries.
    Enterprise,
}

/// How long is paid at once.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum CadenceName {
    /// A month.
    Monthly,
    /// Twelve months.
    Yearly,
}

/// What is wished.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum SeatWish {
    /// A subscription; it ends a trial. It is paid at once, for the whole first term.
    Subscribe {
        /// To which plan.
        plan: PlanName,
        /// By the month or year.
        cadence: CadenceName,
        /// How many seats in all.
        #[schema(minimum = 1, maximum = 1_000_000)]
        seats: u32,
    },
    /// More seats, for the days that are left of the term. Seats that would go at the renewal stay first, for nothing.
    Add {
        /// How many more.
        #[schema(minimum = 1, maximum = 1_000_000)]
        seats: u32,
    },
    /// Another plan. A dearer one comes at once, for the difference and the days left; a cheaper one at the renewal.
    Plan {
        /// Which.
        plan: PlanName,
    },
    /// Fewer seats, from the renewal on. Only empty ones can go.
    Remove {
        /// How many fewer.
        #[schema(minimum = 1, maximum = 1_000_000)]
        seats: u32,
    },
    /// Seats stay that would have gone at the renewal.
    UndoRemoval {
        /// How many of them.
        #[schema(minimum = 1, maximum = 1_000_000)]
        seats: u32,
    },
    /// Another cadence from the renewal on; the present one takes that back.
    Cadence {
        /// Which.
        cadence: CadenceName,
    },
    /// The end of the subscription, at the renewal.
    Cancel,
    /// No end, after all.
    Resume,
}

/// A change, and what was agreed to for it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSeatChange {
    /// What.
    wish: SeatWish,
    /// The total of the quote, for what may cost something: `subscribe`, `add` and `plan`.
    #[serde(default)]
    #[schema(required = false, nullable = false)]
    quoted: Option<Dollars>,
    /// With which card; the newest when absent.
    #[serde(default)]
    #[schema(value_type = schema::CardId, required = false)]
    payment_method: Option<CardId>,
    /// Where the person comes back to from their bank: a path of this server.
    #[serde(default)]
    #[schema(required = false, nullable = false, min_length = 1, max_length = 500, pattern = "^/[!-~]*$")]
    return_to: Option<String>,
}

/// What a change would cost now.
#[derive(Serialize, ToSchema)]
pub(super) struct SeatQuote {
    /// What the card would pay, with tax: give it as `quoted`.
    #[schema(value_type = Dollars)]
    total: Cents,
    /// What the invoice would say, line by line; nothing when it is free.
    lines: Vec<QuoteLine>,
    /// Days that would be paid for, and days of the term.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    days: Option<DaysLeft>,
}

/// A line of a quote.
#[derive(Serialize, ToSchema)]
pub(super) struct QuoteLine {
    /// In words.
    text: String,
    /// How many.
    quantity: u32,
    /// All of them together.
    #[schema(value_type = Dollars)]
    amount: Cents,
}

/// A part of a term, in UTC days.
#[derive(Serialize, ToSchema)]
pub(super) struct DaysLeft {
    /// Those that are left, today included.
    left: u32,
    /// All of them.
    of: u32,
}

/// How a change stands.
#[derive(Serialize, ToSchema)]
pub(super) struct SeatChanged {
    /// `done`; `pending`: the bank has not answered; `action_required`: the bank wants to see the person. What is not
    /// done happens when it is paid.
    #[schema(value_type = String, example = "done")]
    state: &'static str,
    /// What the card pays.
    #[schema(value_type = Dollars)]
    total: Cents,
    /// The payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::PaymentId, required = false)]
    payment: Option<PaymentId>,
    /// Where the bank sees the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    page: Option<String>,
}

/// The seats of an organization.
#[derive(Serialize, ToSchema)]
pub(super) struct SeatsNow {
    /// How many there are.
    seats: u32,
    /// Taken by owners, admins and members.
    members: u32,
    /// Taken by pending invitations.
    invited: u32,
    /// How many go at the renewal.
    leaving: u32,
    /// How many somebody can be invited to.
    free: u32,
    /// `trial`, `banner` (the trial is over, and all is served still), `subscribed` or `required`.
    #[schema(value_type = String, example = "subscribed")]
    access: &'static str,
    /// Until when a trial, or the days behind it, go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Moment, required = false)]
    access_until: Option<Instant>,
    /// Where the wallet stands by what it owes: `active`, `grace`, `suspended` or `purged`.
    #[schema(value_type = String, example = "active")]
    status: &'static str,
    /// What is paid for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    subscription: Option<SubscriptionNow>,
    /// Whether a change waits for its payment.
    is_ordered: bool,
}

/// What is paid for seats.
#[derive(Serialize, ToSchema)]
pub(super) struct SubscriptionNow {
    /// Which plan.
    plan: PlanName,
    /// How long is paid at once.
    cadence: CadenceName,
    /// What a seat costs in this term.
    #[schema(value_type = Dollars)]
    price: Cents,
    /// When the term began.
    #[schema(value_type = schema::Moment)]
    period_start: Instant,
    /// When the next one begins.
    #[schema(value_type = schema::Moment)]
    period_end: Instant,
    /// Whether the term is paid.
    is_paid: bool,
    /// The plan from the renewal on, when it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_plan: Option<PlanName>,
    /// The cadence from the renewal on, when it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_cadence: Option<CadenceName>,
    /// Whether it ends at the renewal.
    is_cancelled: bool,
}

/// Something that happened to seats.
#[derive(Serialize, ToSchema)]
pub(super) struct SeatEvent {
    /// The first is 1.
    number: u64,
    /// When.
    #[schema(value_type = schema::Moment)]
    at: Instant,
    /// Who wished it, when it was a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::UserId, required = false)]
    by: Option<UserId>,
    /// What.
    #[schema(value_type = Object)]
    event: serde_json::Value,
}

/// Show seats
///
/// How many there are, what is paid for them, and what comes at the renewal.
#[utoipa::path(get, path = "/api/v1/organizations/{organization}/seats", tag = "organizations",
    params(("organization" = schema::OrganizationId, Path, description = "The organization.")),
    responses((status = 200, description = "The seats.", body = SeatsNow)))]
pub(super) async fn show(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<Json<SeatsNow>, Problem> {
    let id = wire::id("organization", &id)?;
    Ok(Json(seat::show(&site.services, &visit.context, &caller.who, id).await?.into()))
}

/// Read the history of seats
///
/// The newest first.
#[utoipa::path(get, path = "/api/v1/organizations/{organization}/seats/history", tag = "organizations",
    params(("organization" = schema::OrganizationId, Path, description = "The organization."), PageOf),
    responses((status = 200, description = "A page of the history.", body = Page<SeatEvent>)))]
pub(super) async fn history(
    State(site): State<Site>,
    caller: Caller,
    Named(id): Named<String>,
    Asked(page): Asked<PageOf>,
) -> Result<Json<Page<SeatEvent>>, Problem> {
    let (limit, before) = (wire::page_size(page.limit)?, wire::cursor(page.cursor.as_deref())?);
    let id = wire::id("organization", &id)?;
    let rows = seat::history(&site.services, &caller.who, id, before, limit + 1).await?;
    let events = rows.into_iter().map(SeatEvent::from).collect();
    Ok(Json(Page::cut(events, limit, |event: &SeatEvent| event.number.to_string())))
}

/// Quote a change of seats
///
/// What it would cost now, to the cent. Nothing changes.
#[utoipa::path(post, path = "/api/v1/organizations/{organization}/seats/quotes", tag = "organizations",
    request_body = SeatWish,
    params(("organization" = schema::OrganizationId, Path, description = "The organization.")),
    responses((status = 200, description = "The quote.", body = SeatQuote)))]
pub(super) async fn quote(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(id): Named<String>,
    Body(wish): Body<SeatWish>,
) -> Result<Json<SeatQuote>, Problem> {
    let id = wire::id("organization", &id)?;
    match wish.read() {
        Read::Order(wish) => Ok(Json(seat::quote(&site.services, &visit.context, &caller.who, id, wish).await?.into())),
        // What costs nothing is quoted at nothing to whoever may see the seats.
        Read::Change(_) => {
            seat::show(&site.services, &visit.context, &caller.who, id).await?;
            Ok(Json(SeatQuote { total: Cents::ZERO, lines: Vec::new(), days: None }))
        }
    }
}

/// Change seats
///
/// At the price that was quoted, or not at all: `quote_stale` tells that it costs something else by now. What costs
/// something happens with its payment. The same key with the same wish changes once.
#[utoipa::path(post, path = "/api/v1/organizations/{organization}/seats/changes", tag = "organizations",
    request_body = NewSeatChange,
    params(("organization" = schema::OrganizationId, Path, description = "The organization.")),
    responses((status = 201, description = "It is done, or on its way.", body = SeatChanged)))]
pub(super) async fn change(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    key: OnceKey,
    Named(id): Named<String>,
    Body(NewSeatChange { wish, quoted, payment_method, return_to }): Body<NewSeatChange>,
) -> Result<(StatusCode, Json<SeatChanged>), Problem> {
    let organization: OrganizationId = wire::id("organization", &id)?;
    let (services, key) = (&site.services, Some(caller.own_key(&key)));
    let done = match wish.read() {
        Read::Change(change) => {
            let request = ChangeSeats { caller: caller.who, organization, change, key };
            seat::change(services, &visit.context, request).await?;
            SeatChanged { state: "done", total: Cents::ZERO, payment: None, page: None }
        }
        Read::Order(wish) => {
            let needed = || Problem::Field {
                field: "quoted".to_owned(),
                reason: "the total of the quote, so that nothing else is charged".to_owned(),
            };
            let request = OrderSeats {
                caller: caller.who,
                organization,
                wish,
                quoted: quoted.ok_or_else(needed)?.0,
                card: payment_method,
                key,
                return_url: return_url(&site, return_to.as_deref(), &format!("/organizations/{organization}/seats"))?,
                from: Some(visit.client),
            };
            let ordered = seat::order(services, &visit.context, request).await?;
            let payment = ordered.payment.as_ref().map(|bought| bought.payment);
            let (state, page) = match ordered.payment.map(|bought| bought.state) {
                None | Some(PaymentState::Paid) => ("done", None),
                Some(PaymentState::Pending) => ("pending", None),
                Some(PaymentState::ActionRequired { page }) => ("action_required", Some(page)),
            };
            SeatChanged { state, total: ordered.total, payment, page }
        }
    };
    Ok((StatusCode::CREATED, Json(done)))
}

/// Call off a change of seats
///
/// One whose payment is on its way. Without one there is nothing to do.
#[utoipa::path(delete, path = "/api/v1/organizations/{organization}/seats/changes", tag = "organizations",
    params(("organization" = schema::OrganizationId, Path, description = "The organization.")),
    responses((status = 204, description = "None is on its way.")))]
pub(super) async fn call_off(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(id): Named<String>,
) -> Result<StatusCode, Problem> {
    let id = wire::id("organization", &id)?;
    seat::call_off(&site.services, &visit.context, &caller.who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What costs something, and what does not.
enum Read {
    Order(Wish),
    Change(SeatChange),
}

impl SeatWish {
    fn read(self) -> Read {
        match self {
            Self::Subscribe { plan, cadence, seats } => {
                Read::Order(Wish::Subscribe { plan: plan.into(), cadence: cadence.into(), seats })
            }
            Self::Add { seats } => Read::Order(Wish::Add { seats }),
            Self::Plan { plan } => Read::Order(Wish::Plan { plan: plan.into() }),
            Self::Remove { seats } => Read::Change(SeatChange::Remove { seats }),
            Self::UndoRemoval { seats } => Read::Change(SeatChange::UndoRemoval { seats }),
            Self::Cadence { cadence } => Read::Change(SeatChange::Cadence(cadence.into())),
            Self::Cancel => Read::Change(SeatChange::Cancel),
            Self::Resume => Read::Change(SeatChange::Resume),
        }
    }
}

impl From<Quoted> for SeatQuote {
    fn from(quoted: Quoted) -> Self {
        let lines = quoted.draft.map(|draft| draft.lines).unwrap_or_default();
        let days = quoted.quote.line.map(|line| DaysLeft { left: line.days_left, of: line.period.days() });
        Self { total: quoted.total, lines: lines.into_iter().map(QuoteLine::from).collect(), days }
    }
}

impl From<Line> for QuoteLine {
    fn from(Line { text, quantity, amount, .. }: Line) -> Self {
        Self { text, quantity, amount }
    }
}

impl From<seat::Seats> for SeatsNow {
    fn from(now: seat::Seats) -> Self {
        let (access, access_until) = match now.access {
            Access::Trial { until } => ("trial", Some(until)),
            Access::Banner { until } => ("banner", Some(until)),
            Access::Subscribed => ("subscribed", None),
            Access::Required => ("required", None),
        };
        Self {
            seats: now.counts.seats,
            members: now.counts.members,
            invited: now.counts.invited,
            leaving: now.counts.leaving,
            free: now.counts.free,
            access,
            access_until,
            status: dunning::State::name(&now.status),
            subscription: now.seating.subscription.map(SubscriptionNow::from),
            is_ordered: now.seating.order.is_some(),
        }
    }
}

impl From<Subscription> for SubscriptionNow {
    fn from(now: Subscription) -> Self {
        Self {
            plan: now.plan.into(),
            cadence: now.term.cadence.into(),
            price: now.price,
            period_start: now.term.start(),
            period_end: now.term.end(),
            is_paid: now.is_paid,
            next_plan: now.next_plan.map(PlanName::from),
            next_cadence: now.next_cadence.map(CadenceName::from),
            is_cancelled: now.is_cancelled,
        }
    }
}

impl From<SeatEventRow> for SeatEvent {
    fn from(SeatEventRow { number, at, by, event, .. }: SeatEventRow) -> Self {
        Self { number, at, by, event: serde_json::to_value(&event).unwrap_or_default() }
    }
}

impl From<Plan> for PlanName {
    fn from(plan: Plan) -> Self {
        match plan {
            Plan::Teams => Self::Teams,
            Plan::Enterprise => Self::Enterprise,
        }
    }
}

impl From<PlanName> for Plan {
    fn from(plan: PlanName) -> Self {
        match plan {
            PlanName::Teams => Self::Teams,
            PlanName::Enterprise => Self::Enterprise,
        }
    }
}

impl From<Cadence> for CadenceName {
    fn from(cadence: Cadence) -> Self {
        match cadence {
            Cadence::Monthly => Self::Monthly,
            Cadence::Yearly => Self::Yearly,
        }
    }
}

impl From<CadenceName> for Cadence {
    fn from(cadence: CadenceName) -> Self {
        match cadence {
            CadenceName::Monthly => Self::Monthly,
            CadenceName::Yearly => Self::Yearly,
        }
    }
}
