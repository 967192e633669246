//! What the invoice of a bill will say, and the payment that is written down with it.

use billing::Catalog;
use billing::invoice::Draft;
use store::{AttemptRow, Buys, CardRow, PaymentRow, Tx, WalletRow};
use units::{PaymentId, UserId};

use super::purpose;
use crate::{Context, Error, invoice, payment};

/// A payment for a bill.
pub(crate) struct NewBill<'a> {
    /// Its id.
    pub id: PaymentId,
    /// What it buys.
    pub buys: &'a Buys,
    /// With which card.
    pub card: &'a CardRow,
    /// Who asked for it.
    pub by: Option<UserId>,
}

/// What the invoice of a bill will say. Its total is what the card pays.
pub(crate) async fn draft(tx: &mut Tx<'_>, catalog: &Catalog, wallet: &WalletRow, buys: &Buys) -> Result<Draft, Error> {
    let buyer = invoice::buyer(tx, wallet).await?;
    Ok(match buys {
        Buys::SeatsOrder { line, .. } => line.draft(catalog, buyer)?,
        Buys::SeatsTerm { bill, .. } => bill.line.draft(catalog, buyer)?,
        Buys::PassOffer { offer } => offer.draft(catalog, buyer)?,
        Buys::PassTerm { bill } => bill.draft(catalog, buyer)?,
    })
}

/// The payment, what it buys and its first attempt, before anybody outside hears of them.
pub(crate) async fn plan(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    wallet: &WalletRow,
    new: NewBill<'_>,
) -> Result<(PaymentRow, AttemptRow), Error> {
    let draft = draft(tx, catalog, wallet, new.buys).await?;
    let row = payment::new_payment(ctx, new.id, purpose(new.buys), new.card, draft.total);
    let row = PaymentRow { by: new.by, ..row };
    let attempt = payment::plan(tx, ctx, &row, &draft).await?;
    tx.insert_bill(row.id, row.wallet, new.buys).await?;
    Ok((row, attempt))
}
