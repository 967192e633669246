//! Charges what a metering client measured.

use billing::{CostSource, Usage, UsageRecord};
use ledger::{Command, LateSettle, Outcome, Settle, Settled};
use units::{ApiKeyId, Cost, HoldId, RequestId, UserId, WalletId};

use super::{CallKey, Keyed, post};
use crate::{Context, Error, Services};

/// What was used, and what it cost.
#[derive(Clone, Debug)]
pub struct SettleMetered {
    /// Whose credits.
    pub wallet: WalletId,
    /// The hold that ends.
    pub hold: HoldId,
    /// The exact cost.
    pub cost: Cost,
    /// What to do when the hold is gone.
    pub late: LateSettle,
    /// What was used, in the client's words; each may be empty.
    pub model: String,
    /// Who provided it.
    pub provider: String,
    /// For which of the client's projects.
    pub project: String,
    /// The request that settles.
    pub request: RequestId,
    /// Who settles, when a person is known.
    pub user: Option<UserId>,
    /// With which key.
    pub api_key: Option<ApiKeyId>,
    /// The caller's key.
    pub key: CallKey,
}

/// Charges once and returns what is left of the hold to the wallet.
pub async fn settle(services: &Services, ctx: &Context, request: SettleMetered) -> Result<Settled, Error> {
    let SettleMetered { wallet, hold, cost, late, key, .. } = &request;
    // Texts of the client stand in quotes, so that no two requests read the same.
    let content =
        format!("settle {hold} {cost} {late:?} {:?} {:?} {:?}", request.model, request.provider, request.project);
    let command = Command::Settle(Settle { hold: *hold, cost: *cost, late: *late });
    let usage = UsageRecord {
        request: request.request,
        user: request.user,
        api_key: request.api_key,
        model: request.model.clone(),
        provider: request.provider.clone(),
        project: request.project.clone(),
        admitted_at: ctx.now,
        price_version: None,
        cost_source: CostSource::Metered,
        own_cost: None,
        usage: Usage::default(),
    };
    match post(services, ctx, Keyed { wallet: *wallet, key, content, command, usage: Some(usage) }).await? {
        Outcome::Settled(settled) => {
            if settled.lost.is_positive() {
                tracing::warn!(%wallet, charge = %hold, lost = %settled.lost, "a cost was above everything available; the platform bears the rest");
            }
            Ok(settled)
        }
        other => unreachable!("a settled hold was answered with {other:?}"),
    }
}
