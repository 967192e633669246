//! A term was paid, or will not be: in the transaction that learns it, however late.

use billing::Catalog;
use billing::pass::{Command, Offer};
use billing::period::Term;
use store::{DebtKey, PassGrantRow, PassRow, PaymentRow, Tx};
use units::{GrantId, Instant, PaymentId, WalletId};

use super::keep::{self, Paying, Used, keep};
use crate::{Context, Error, Services};

/// The first term: with its payment the pass begins.
pub(crate) async fn begin(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    payment: &PaymentRow,
    offer: Offer,
) -> Result<(), Error> {
    keep::begin(tx, ctx, catalog, payment.wallet, offer, payment.id).await
}

/// A further term.
pub(crate) async fn paid(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    payment: &PaymentRow,
    term: Term,
) -> Result<(), Error> {
    let Some(row) = find(tx, payment.wallet, term.anchor).await? else { return Ok(()) };
    let paying = Some(Paying { payment: payment.id, month: term.month });
    keep(tx, ctx, catalog, row, Command::Paid { month: term.month }, Used::default(), paying).await.map(drop)
}

/// The grace of a term is over.
pub(crate) async fn lapse(tx: &mut Tx<'_>, ctx: &Context, catalog: &Catalog, debt: DebtKey) -> Result<(), Error> {
    let Some(row) = find(tx, debt.wallet, debt.anchor).await? else { return Ok(()) };
    keep(tx, ctx, catalog, row, Command::Lapse { month: debt.month }, Used::default(), None).await.map(drop)
}

/// The bank took the payment of a term back: what of it is not granted yet never is.
pub(crate) async fn taken_back(services: &Services, ctx: &Context, payment: PaymentId) -> Result<(), Error> {
    let found = services.store.reader().find_pass_grant(GrantId::from_uuid(payment.uuid())).await?;
    let Some(PassGrantRow { pass, month, .. }) = found else { return Ok(()) };
    let (ctx, catalog) = (ctx.clone(), services.catalog.current());
    services
        .store
        .write(async move |tx| {
            let Some(row) = tx.find_pass(pass).await? else { return Ok(()) };
            keep(tx, &ctx, &catalog, row, Command::TakenBack { month }, Used::default(), None).await.map(drop)
        })
        .await
}

/// A subscription is its anchor.
async fn find(tx: &mut Tx<'_>, wallet: WalletId, anchor: Instant) -> Result<Option<PassRow>, Error> {
    Ok(tx.list_passes(wallet).await?.into_iter().find(|row| row.pass.term.anchor == anchor))
}
