//! Holds of a metering client: placed, then settled or released.

use axum::{Json, extract::State};
use billing::role::Action;
use http::StatusCode;
use ledger::{Draw, Freed, LateSettle, Placed, Settled};
use operations::metering::{self, CallKey, LONGEST_LABEL, PlaceMetered, ReleaseMetered, SettleMetered};
use operations::{access, payer};
use serde::{Deserialize, Serialize};
use units::{Amount, GrantId, HoldId, Seconds, WalletId};
use utoipa::ToSchema;

use crate::{
    access::Caller,
    extract::{Body, MaybeBody, Named},
    once::OnceKey,
    problem::Problem,
    site::Site,
    visit::Visit,
    wire::{self, Credits, Exact, WalletName, schema},
};

/// A hold to place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaceHold {
    /// Your id for the hold: `hld_` and the 32 hexadecimal digits of a UUID, best of version 7.
    #[schema(value_type = schema::HoldId)]
    id: HoldId,
    /// Whose credits. Without it, the wallet of the API key.
    #[serde(default)]
    #[schema(required = false)]
    wallet: WalletName,
    /// What it may cost at most; more than zero.
    amount: Credits,
    /// The least that is of use; more than zero, and at most the amount. Without it, the whole amount.
    #[schema(nullable = false)]
    least: Option<Credits>,
    /// How long the hold lives unless it is settled or released. Without it, as the catalog says.
    #[schema(nullable = false, minimum = 1, maximum = 86400)]
    lease_seconds: Option<u32>,
}

/// What a hold cost.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SettleHold {
    /// Whose credits. Without it, the wallet of the API key.
    #[serde(default)]
    #[schema(required = false)]
    wallet: WalletName,
    /// The exact cost: zero to a million dollars. Above the hold, the rest comes from what is available.
    cost: Exact,
    /// What to do when the hold was not settled and is gone: refuse, or charge what is available, once.
    #[serde(default)]
    #[schema(required = false)]
    if_gone: IfGone,
    /// What was used; usage is summed by it.
    #[serde(default)]
    #[schema(required = false, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$")]
    model: String,
    /// Who provided it.
    #[serde(default)]
    #[schema(required = false, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$")]
    provider: String,
    /// For which of your projects.
    #[serde(default)]
    #[schema(required = false, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$")]
    project: String,
}

/// When the hold is gone.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum IfGone {
    /// Change nothing.
    #[default]
    Refuse,
    /// Charge all the same.
    Charge,
}

/// A hold to release.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReleaseHold {
    /// Whose credits. Without it, the wallet of the API key.
    #[serde(default)]
    #[schema(required = false)]
    wallet: WalletName,
}

/// A hold that was placed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HoldPlaced {
    /// Its id.
    #[schema(value_type = schema::HoldId)]
    id: HoldId,
    /// Whose credits.
    #[schema(value_type = schema::WalletId)]
    wallet: WalletId,
    /// What is held.
    #[schema(value_type = Credits)]
    amount: Amount,
    /// What can be spent beside it.
    #[schema(value_type = Credits)]
    available: Amount,
    /// How long it lives.
    lease_seconds: u32,
}

/// A hold that became a charge.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HoldSettled {
    /// The id of the hold, and of the charge.
    #[schema(value_type = schema::HoldId)]
    id: HoldId,
    /// Whose credits.
    #[schema(value_type = schema::WalletId)]
    wallet: WalletId,
    /// The exact cost.
    cost: Exact,
    /// What was taken from the wallet, in whole nanodollars; what is below one is carried to the next charge.
    #[schema(value_type = Credits)]
    debited: Amount,
    /// What no credits covered; the platform bears it.
    #[schema(value_type = Credits)]
    lost: Amount,
    /// Which grant paid which part.
    draws: Vec<Paid>,
    /// What can be spent after it.
    #[schema(value_type = Credits)]
    available: Amount,
    /// What is available and held after it.
    #[schema(value_type = Credits)]
    balance: Amount,
}

/// A part of a charge.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Paid {
    /// The grant that paid.
    #[schema(value_type = schema::GrantId)]
    grant: GrantId,
    /// How much of it.
    #[schema(value_type = Credits)]
    amount: Amount,
}

/// A hold that was released.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HoldReleased {
    /// Its id.
    #[schema(value_type = schema::HoldId)]
    id: HoldId,
    /// Whose credits.
    #[schema(value_type = schema::WalletId)]
    wallet: WalletId,
    /// What was freed: nothing when it had lapsed.
    #[schema(value_type = Credits)]
    amount: Amount,
    /// What can be spent after it.
    #[schema(value_type = Credits)]
    available: Amount,
}

/// The longest lease: who needs more asks again.
const LONGEST_LEASE: u32 = 86_400;

impl PlaceHold {
    /// Places it, for whoever may.
    pub(super) async fn place(
        self,
        site: &Site,
        visit: &Visit,
        caller: &Caller,
        key: CallKey,
    ) -> Result<HoldPlaced, Problem> {
        let lease_seconds = self.lease_seconds.unwrap_or(site.services.catalog.current().limits.hold_lease_seconds);
        if !(1..=LONGEST_LEASE).contains(&lease_seconds) {
            let reason = format!("1 to {LONGEST_LEASE} seconds");
            return Err(Problem::Field { field: "lease_seconds".to_owned(), reason });
        }
        let wallet = caller.wallet(self.wallet);
        let spender = payer::spender(&site.services, &visit.context, &caller.who, wallet).await?;
        let request = PlaceMetered {
            wallet,
            hold: self.id,
            wanted: self.amount.0,
            least: self.least.unwrap_or(self.amount).0,
            lease: Seconds(lease_seconds.into()),
            spender,
            key,
        };
        let Placed { amount, available } = metering::place(&site.services, &visit.context, request).await?;
        Ok(HoldPlaced { id: self.id, wallet, amount, available, lease_seconds })
    }
}

impl SettleHold {
    /// Settles the hold, for whoever may.
    pub(super) async fn settle(
        self,
        site: &Site,
        visit: &Visit,
        caller: &Caller,
        hold: HoldId,
        key: CallKey,
    ) -> Result<HoldSettled, Problem> {
        let wallet = caller.wallet(self.wallet);
        require_spending(site, caller, wallet).await?;
        let request = SettleMetered {
            wallet,
            hold,
            cost: self.cost.0,
            late: match self.if_gone {
                IfGone::Refuse => LateSettle::Refuse,
                IfGone::Charge => LateSettle::Charge,
            },
            model: label("model", self.model)?,
            provider: label("provider", self.provider)?,
            project: label("project", self.project)?,
            request: visit.request,
            user: caller.who.user(),
            api_key: caller.api_key(),
            key,
        };
        let settled = metering::settle(&site.services, &visit.context, request).await?;
        let Settled { debited, lost, draws, available, balance } = settled;
        let draws = draws.into_iter().map(Paid::from).collect();
        Ok(HoldSettled { id: hold, wallet, cost: self.cost, debited, lost, draws, available, balance })
    }
}

impl ReleaseHold {
    /// Releases the hold, for whoever may.
    pub(super) async fn release(
        self,
        site: &Site,
        visit: &Visit,
        caller: &Caller,
        hold: HoldId,
        key: CallKey,
    ) -> Result<HoldReleased, Problem> {
        let wallet = caller.wallet(self.wallet);
        require_spending(site, caller, wallet).await?;
        let request = ReleaseMetered { wallet, hold, key };
        let Freed { amount, available } = metering::release(&site.services, &visit.context, request).await?;
        Ok(HoldReleased { id: hold, wallet, amount, available })
    }
}

/// What was begun is ended also when the organization has no plan any more.
async fn require_spending(site: &Site, caller: &Caller, wallet: WalletId) -> Result<(), Problem> {
    let reader = site.services.store.reader();
    Ok(access::read_wallet(reader, &caller.who, wallet, Action::UseCredits).await.map(drop)?)
}

impl From<Draw> for Paid {
    fn from(Draw { grant, amount }: Draw) -> Self {
        Self { grant, amount }
    }
}

/// A name as the books keep it.
fn label(field: &'static str, text: String) -> Result<String, Problem> {
    match text.len() <= LONGEST_LABEL && !text.chars().any(char::is_control) {
        true => Ok(text),
        false => {
            let reason = format!("at most {LONGEST_LABEL} bytes, without control characters");
            Err(Problem::Field { field: field.to_owned(), reason })
        }
    }
}

/// Place a hold
///
/// Reserves credits before something is done that will cost. Answers with what was reserved, which is less than the
/// amount when less is available, but never below `least`.
#[utoipa::path(post, path = "/api/v1/holds", tag = "metering", request_body = PlaceHold,
    responses((status = 201, description = "The credits are reserved.", body = HoldPlaced)))]
pub(super) async fn place(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    key: OnceKey,
    Body(wish): Body<PlaceHold>,
) -> Result<(StatusCode, Json<HoldPlaced>), Problem> {
    let placed = wish.place(&site, &visit, &caller, key.at("POST /api/v1/holds")).await?;
    Ok((StatusCode::CREATED, Json(placed)))
}

/// Settle a hold
///
/// Ends the hold with the exact cost and frees the rest of it in the same step.
#[utoipa::path(post, path = "/api/v1/holds/{id}/settle", tag = "metering", request_body = SettleHold,
    params(("id" = schema::HoldId, Path, description = "The hold.")),
    responses((status = 200, description = "The cost is charged.", body = HoldSettled)))]
pub(super) async fn settle(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    key: OnceKey,
    Named(id): Named<String>,
    Body(wish): Body<SettleHold>,
) -> Result<Json<HoldSettled>, Problem> {
    let hold = wire::id("hold", &id)?;
    wish.settle(&site, &visit, &caller, hold, key.at("POST /api/v1/holds/{id}/settle")).await.map(Json)
}

/// Release a hold
///
/// Ends the hold without a charge. Releasing one that was released or has lapsed is harmless.
#[utoipa::path(post, path = "/api/v1/holds/{id}/release", tag = "metering", request_body = Option<ReleaseHold>,
    params(("id" = schema::HoldId, Path, description = "The hold.")),
    responses((status = 200, description = "The credits are free again.", body = HoldReleased)))]
pub(super) async fn release(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    key: OnceKey,
    Named(id): Named<String>,
    MaybeBody(wish): MaybeBody<ReleaseHold>,
) -> Result<Json<HoldReleased>, Problem> {
    let hold = wire::id("hold", &id)?;
    wish.release(&site, &visit, &caller, hold, key.at("POST /api/v1/holds/{id}/release")).await.map(Json)
}
