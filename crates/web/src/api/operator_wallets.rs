//! What operators see of a wallet, and do to it. Each act has its line in the server's log.

use axum::{Json, extract::State};
use http::StatusCode;
use ledger::Source;
use operations::{
    grant::{Expiry, IssueGrant},
    operator,
    question::{self, EntryAnswer, GrantAnswer, WhyAnswer},
    refund::RefundPurchase,
};
use serde::{Deserialize, Serialize};
use store::{Holder, HolderRow};
use units::{Amount, GrantId, Instant, PaymentId, WalletId};
use utoipa::{IntoParams, ToSchema};

use super::{refunds::RefundNow, suspension::ServiceNow};
use crate::{
    access::{Bound, Caller},
    extract::{Asked, Body, Named},
    once::OnceKey,
    problem::Problem,
    site::Site,
    visit::Visit,
    wire::{self, Credits, Dollars, Page, SignedCredits, schema},
};

/// What is looked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Search {
    /// A part of a name or address, an id, or the number of an invoice.
    #[param(min_length = 1, max_length = 200)]
    text: String,
}

/// Somebody who has a wallet.
#[derive(Serialize, ToSchema)]
pub(super) struct Found {
    /// `user` or `organization`.
    kind: &'static str,
    /// Their id.
    id: String,
    /// What they are called.
    name: String,
    /// Their wallet.
    #[schema(value_type = schema::WalletId)]
    wallet: WalletId,
}

/// Which moment.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct When {
    /// The balance of this moment; now when absent.
    #[param(value_type = schema::Moment, required = false, nullable = false)]
    at: Option<Instant>,
}

/// A balance, and why it is what it is.
#[derive(Serialize, ToSchema)]
pub(super) struct Why {
    /// Whose.
    holder: Found,
    /// Whether it is served now.
    service: ServiceNow,
    /// When.
    #[schema(value_type = schema::Moment)]
    at: Instant,
    /// The balance: the sum of what counts on the grants.
    #[schema(value_type = SignedCredits)]
    balance: Amount,
    /// The grants with something left, in the order of use.
    grants: Vec<WhyGrant>,
    /// The latest entries, the last one first.
    entries: Vec<Entry>,
}

/// A grant's part of a balance.
#[derive(Serialize, ToSchema)]
pub(super) struct WhyGrant {
    /// Its id.
    #[schema(value_type = schema::GrantId)]
    id: GrantId,
    /// Where it came from.
    source: &'static str,
    /// Whether real money paid for it.
    paid: bool,
    /// What entered.
    #[schema(value_type = Credits)]
    amount: Amount,
    /// What is left of it.
    #[schema(value_type = Credits)]
    left: Amount,
    /// What of it is in the balance.
    #[schema(value_type = Credits)]
    counts: Amount,
    /// From when it cannot be spent; never, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Moment, required = false)]
    expires_at: Option<Instant>,
}

/// A line of the journal.
#[derive(Serialize, ToSchema)]
pub(super) struct Entry {
    /// Its place in the journal.
    seq: u64,
    /// When it counts.
    #[schema(value_type = schema::Moment)]
    at: Instant,
    /// Why it moved.
    kind: &'static str,
    /// What it added; below zero what it took.
    #[schema(value_type = SignedCredits)]
    amount: Amount,
    /// What caused it.
    reference: String,
}

/// Credits to give.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewGift {
    /// How much.
    amount: Credits,
    /// Whether real money paid for it elsewhere.
    #[serde(default)]
    #[schema(required = false)]
    paid: bool,
    /// In how many days they expire; never, when absent.
    #[serde(default)]
    #[schema(required = false, nullable = false, minimum = 1, maximum = 3650)]
    days: Option<u32>,
    /// Why; kept in the log.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Credits that were given.
#[derive(Serialize, ToSchema)]
pub(super) struct Given {
    /// The grant.
    #[schema(value_type = schema::GrantId)]
    grant: GrantId,
    /// What can be spent after it.
    #[schema(value_type = Credits)]
    available: Amount,
}

/// What is to go back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OperatorRefund {
    /// Which purchase.
    #[schema(value_type = schema::PaymentId)]
    purchase: PaymentId,
    /// How much of what was bought, without the tax, which goes back with it; all that can be when absent.
    #[serde(default)]
    #[schema(required = false, nullable = false)]
    amount: Option<Dollars>,
    /// Why; kept in the log.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// How many entries come with a balance.
const ENTRIES: u32 = 50;

/// Search
///
/// Finds wallets by a part of a name or address, by an id, or by the number of an invoice.
#[utoipa::path(get, path = "/api/v1/operator/search", tag = "operator", params(Search),
    responses((status = 200, description = "Who was found, at most fifty.", body = Page<Found>)))]
pub(super) async fn search(
    State(site): State<Site>,
    caller: Caller,
    Asked(Search { text }): Asked<Search>,
) -> Result<Json<Page<Found>>, Problem> {
    let found = operator::search(&site.services, &caller.who, &text).await?;
    Ok(Json(Page { items: found.into_iter().map(Found::from).collect(), next: None }))
}

/// Explain a balance
///
/// What a wallet has, or had, which grants it is made of, and what happened last.
#[utoipa::path(get, path = "/api/v1/operator/wallets/{wallet}", tag = "operator",
    params(("wallet" = schema::WalletId, Path, description = "The wallet."), When),
    responses((status = 200, description = "The balance and why.", body = Why)))]
pub(super) async fn why(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(wallet): Named<String>,
    Asked(When { at }): Asked<When>,
) -> Result<Json<Why>, Problem> {
    let (wallet, now) = (wire::id("wallet", &wallet)?, visit.context.now);
    let holder = operator::find_holder(&site.services, &caller.who, wallet).await?;
    let reader = site.services.store.reader();
    let why = question::why(reader, wallet, at.unwrap_or(now), ENTRIES, now).await?;
    let service = operator::service(&site.services, &visit.context, &caller.who, wallet).await?;
    Ok(Json(Why::of(holder.into(), service.into(), why)))
}

/// Give credits
///
/// Spendable at once.
#[utoipa::path(post, path = "/api/v1/operator/wallets/{wallet}/grants", tag = "operator", request_body = NewGift,
    params(("wallet" = schema::WalletId, Path, description = "The wallet.")),
    responses((status = 201, description = "They are there.", body = Given)))]
pub(super) async fn give(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    key: OnceKey,
    Named(wallet): Named<String>,
    Body(NewGift { amount, paid, days, reason }): Body<NewGift>,
) -> Result<(StatusCode, Json<Given>), Problem> {
    let request = IssueGrant {
        wallet: wire::id("wallet", &wallet)?,
        source: Source::Operator,
        amount: amount.0,
        paid,
        expires: match days {
            Some(days) => Expiry::AfterDays(wire::lasting(days)?),
            None => Expiry::Never,
        },
        key: Some(format!("POST /api/v1/operator/wallets/grants {}", key.text())),
    };
    let given = operator::give(&site.services, &visit.context, &caller.who, request, &reason).await?;
    Ok((StatusCode::CREATED, Json(Given { grant: given.grant, available: given.available })))
}

/// Refund a purchase of somebody
///
/// As its holder could: what is unused goes back to the card, and gets a credit note.
#[utoipa::path(post, path = "/api/v1/operator/wallets/{wallet}/refunds", tag = "operator",
    request_body = OperatorRefund,
    params(("wallet" = schema::WalletId, Path, description = "The wallet.")),
    responses((status = 201, description = "It is paid, or on its way.", body = RefundNow)))]
pub(super) async fn refund(
    visit: Visit,
    caller: Caller,
    key: OnceKey,
    Bound(services): Bound,
    Named(wallet): Named<String>,
    Body(OperatorRefund { purchase, amount, reason }): Body<OperatorRefund>,
) -> Result<(StatusCode, Json<RefundNow>), Problem> {
    let request = RefundPurchase {
        caller: caller.who,
        wallet: wire::id("wallet", &wallet)?,
        payment: purchase,
        amount: amount.map(|dollars| dollars.0),
        reason,
        key: Some(caller.own_key(&key)),
    };
    let refunded = operator::refund(&services, &visit.context, &caller.who, request).await?;
    let row = services.store.reader().find_card_refund(refunded.refund).await?;
    Ok((StatusCode::CREATED, Json(row.ok_or(Problem::Internal)?.into())))
}

impl From<HolderRow> for Found {
    fn from(HolderRow { holder, wallet, name }: HolderRow) -> Self {
        let (kind, id) = match holder {
            Holder::User(user) => ("user", user.to_string()),
            Holder::Organization(organization) => ("organization", organization.to_string()),
        };
        Self { kind, id, name, wallet }
    }
}

impl Why {
    fn of(holder: Found, service: ServiceNow, why: WhyAnswer) -> Self {
        let WhyAnswer { at, balance, grants, entries, .. } = why;
        let grant = |grant: question::WhyGrant| {
            let GrantAnswer { id, source, paid, amount, left, expires_at, .. } = grant.grant;
            WhyGrant { id, source, paid, amount, left, counts: grant.counts, expires_at }
        };
        let entry = |EntryAnswer { seq, at, kind, amount, reference, .. }| Entry { seq, at, kind, amount, reference };
        let grants = grants.into_iter().map(grant).collect();
        Self { holder, service, at, balance, grants, entries: entries.into_iter().map(entry).collect() }
    }
}
