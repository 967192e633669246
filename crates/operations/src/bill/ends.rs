//! What happens when the payment of a bill is there, or is not.

use billing::Catalog;
use billing::seat::Command;
use store::{AttemptRow, Buys, Fault, PaymentRow, Tx};

use crate::{Context, Error, dunning, pass, refund, seat};

/// What was bought happens, in the transaction in which its payment becomes paid. What makes no sense any more does
/// not, and the payment goes back to its card.
pub(crate) async fn paid(tx: &mut Tx<'_>, ctx: &Context, catalog: &Catalog, payment: &PaymentRow) -> Result<(), Error> {
    let is_owed = dunning::paid(tx, ctx, payment).await?;
    let is_of_use = match find(tx, payment).await? {
        Buys::SeatsOrder { organization, order, .. } => {
            seat::happened(tx, ctx, catalog, organization, Command::Paid(order)).await?
        }
        Buys::SeatsTerm { organization, bill } if is_owed => {
            seat::happened(tx, ctx, catalog, organization, Command::TermPaid(bill.term)).await?
        }
        Buys::SeatsTerm { .. } => false,
        // Credits follow every payment, however late.
        Buys::PassOffer { offer } => pass::begin(tx, ctx, catalog, payment, offer).await.map(|()| true)?,
        Buys::PassTerm { bill } => pass::paid(tx, ctx, catalog, payment, bill.term).await.map(|()| true)?,
    };
    match is_of_use {
        true => Ok(()),
        false => refund::give_back(tx, ctx, payment, "it came too late to be of use").await,
    }
}

/// An attempt has ended without the money. `before` is where it stood.
pub(crate) async fn unpaid(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    payment: &PaymentRow,
    before: &AttemptRow,
    attempt: &AttemptRow,
) -> Result<(), Error> {
    match find(tx, payment).await? {
        Buys::SeatsOrder { organization, .. } => {
            let ended = Command::Unpaid { payment: payment.id };
            seat::happened(tx, ctx, catalog, organization, ended).await.map(drop)
        }
        Buys::SeatsTerm { .. } | Buys::PassTerm { .. } => {
            dunning::failed(tx, ctx, catalog, payment, before, attempt).await
        }
        // There is no pass, and nobody waits for one.
        Buys::PassOffer { .. } => Ok(()),
    }
}

async fn find(tx: &mut Tx<'_>, payment: &PaymentRow) -> Result<Buys, Error> {
    let found = tx.find_bill(payment.id).await?;
    Ok(found
        .ok_or_else(|| Fault::Bug { what: format!("{} is for {}, and buys nothing", payment.id, payment.purpose) })?)
}
