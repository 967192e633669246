//! What a first term would cost, and bring.

use billing::catalog::Percent;
use billing::invoice::Draft;
use billing::pass::{self, Offer, Pass};
use billing::period::Cadence;
use billing::role::Action;
use store::{PassRow, Tx, WalletRow};
use units::{Cents, WalletId};

use super::personal;
use crate::{Caller, Error, Services, access, invoice};

/// A first term, before anybody has paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// What is offered. Its price is without tax.
    pub offer: Offer,
    /// What the invoice will say; its total is what the card pays.
    pub draft: Draft,
    /// How many percent the first month's bonus is.
    pub percent: Percent,
    /// The first month's bonus.
    pub bonus: Cents,
}

/// Quotes. Nothing is written down.
///
/// # Errors
/// `tier_unknown`, `subscription_exists` where a pass is in force, `invalid_field` for the wallet of an organization,
/// `not_found` and `forbidden`.
pub async fn quote(
    services: &Services,
    caller: &Caller,
    wallet: WalletId,
    tier: Cents,
    cadence: Cadence,
) -> Result<Quote, Error> {
    let (catalog, caller) = (services.catalog.current(), *caller);
    services
        .store
        .write(async move |tx| {
            let standing = personal(access::wallet(tx, &caller, wallet, Action::SeeBilling).await?)?;
            decide(tx, &catalog, &standing.wallet, tier, cadence).await
        })
        .await
}

/// The same where it is agreed to.
pub(super) async fn decide(
    tx: &mut Tx<'_>,
    catalog: &billing::Catalog,
    wallet: &WalletRow,
    tier: Cents,
    cadence: Cadence,
) -> Result<Quote, Error> {
    let passes = tx.list_passes(wallet.id).await?;
    let offer = pass::subscribe(in_force(&passes), tier, cadence, &catalog.pass)?;
    let draft = offer.draft(catalog, invoice::buyer(tx, wallet).await?)?;
    let percent = pass::percent(cadence, 1, passes.is_empty(), &catalog.pass.bonus);
    Ok(Quote { offer, draft, percent, bonus: pass::bonus(tier, percent) })
}

fn in_force(passes: &[PassRow]) -> Option<&Pass> {
    passes.iter().find(|row| row.is_in_force).map(|row| &row.pass)
}
