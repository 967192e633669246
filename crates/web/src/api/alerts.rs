//! Of what a holder is told by mail.

use axum::{Json, extract::State};
use operations::alert::{self, LowBalance, NOTICES};
use serde::{Deserialize, Serialize};
use units::Amount;
use utoipa::ToSchema;

use crate::{
    access::Caller,
    extract::{Body, Named},
    problem::Problem,
    site::Site,
    visit::Visit,
    wire::{Credits, WalletName},
};

/// What is wished.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AlertsWish {
    /// A mail comes when available credits fall below this, once for each fall; `null` for none.
    // Whoever leaves it out has not wished that mails end.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(value_type = Option<Credits>, required = true)]
    low_balance: Option<Credits>,
}

/// What mails come.
#[derive(Serialize, ToSchema)]
pub(super) struct AlertsNow {
    /// When available credits fall below this; `null` when none comes.
    #[schema(value_type = Option<Credits>)]
    low_balance: Option<Amount>,
    /// So many days before credits expire.
    expiring_days: [u32; NOTICES.len()],
}

/// Show alerts
///
/// Which mails come about the credits of this wallet.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet}/alerts", tag = "wallets",
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 200, description = "The alerts.", body = AlertsNow)))]
pub(super) async fn show(
    State(site): State<Site>,
    caller: Caller,
    Named(wallet): Named<String>,
) -> Result<Json<AlertsNow>, Problem> {
    let wallet = caller.wallet_at(&wallet)?;
    Ok(Json(alert::see(&site.services, &caller.who, wallet).await?.into()))
}

/// Set alerts
///
/// As a whole. A wallet that is below the line already is told of the next fall, after credits have come in.
#[utoipa::path(put, path = "/api/v1/wallets/{wallet}/alerts", tag = "wallets", request_body = AlertsWish,
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 200, description = "The alerts as they are kept.", body = AlertsNow)))]
pub(super) async fn set(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(wallet): Named<String>,
    Body(AlertsWish { low_balance }): Body<AlertsWish>,
) -> Result<Json<AlertsNow>, Problem> {
    let (wallet, below) = (caller.wallet_at(&wallet)?, low_balance.map(|credits| credits.0));
    Ok(Json(alert::set(&site.services, &visit.context, &caller.who, wallet, below).await?.into()))
}

impl From<LowBalance> for AlertsNow {
    fn from(LowBalance { below: low_balance }: LowBalance) -> Self {
        Self { low_balance, expiring_days: NOTICES }
    }
}
