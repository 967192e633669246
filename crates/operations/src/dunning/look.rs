//! Looks at a debt: tries to take its money, lets it lapse, or purges.

use std::sync::Arc;

use billing::Catalog;
use billing::dunning::Due;
use billing::payment::FailureClass;
use store::{AttemptRow, CardRow, DebtEnd, DebtKey, DebtRow, Fault, PaymentRow, Tx, WalletRow};
use units::{PaymentId, Seconds};

use super::{keep, purge};
use crate::bill::NewBill;
use crate::{Context, Error, Services, bill, pass, payment};

/// How long a debt waits while there is no processor.
const WITHOUT_PROCESSOR: Seconds = Seconds(3600);

/// What the transaction has settled.
enum Planned {
    /// This attempt is to be made.
    Try(Box<(PaymentRow, AttemptRow, CardRow)>),
    /// There is nothing more to do.
    Nothing,
}

/// What was seen before the transaction.
struct Seen {
    /// The wallet's cards, the newest first. Nothing where no processor is.
    cards: Option<Vec<CardRow>>,
    catalog: Arc<Catalog>,
    payment: PaymentId,
}

/// Does what is due. Whoever looks at the same time finds the attempt under way and does nothing. When this process
/// dies behind the transaction, nobody outside has heard of the attempt: it is called off a minute later, and the debt
/// is looked at again.
pub(crate) async fn look(services: &Services, ctx: &Context, debt: DebtKey) -> Result<(), Error> {
    let reader = services.store.reader();
    let processor = services.outside.processor().ok();
    let (mut cards, mut customer) = (None, None);
    if let Some(processor) = &processor {
        let mut known = reader.list_cards(debt.wallet, processor.name()).await?;
        known.reverse();
        customer = reader.find_customer(debt.wallet, processor.name()).await?;
        cards = Some(if customer.is_some() { known } else { Vec::new() });
    }
    let seen = Seen { cards, catalog: services.catalog.current(), payment: PaymentId::from_uuid(ctx.ids.uuid()) };
    let context = ctx.clone();
    match services.store.write(async move |tx| plan(tx, &context, debt, &seen).await).await? {
        Planned::Try(planned) => {
            let (row, attempt, card) = *planned;
            let customer = customer.unwrap_or_default();
            payment::charge_unattended(services, ctx, &row, &attempt, &card, &customer).await
        }
        Planned::Nothing => Ok(()),
    }
}

async fn plan(tx: &mut Tx<'_>, ctx: &Context, key: DebtKey, seen: &Seen) -> Result<Planned, Error> {
    let (row, wallet) = (tx.find_debt(key).await?, tx.find_wallet(key.wallet).await?);
    let open = row.filter(|row| row.closed.is_none() && row.purged_at.is_none());
    let (Some(mut row), Some(wallet)) = (open, wallet) else { return Ok(Planned::Nothing) };
    let catalog = &seen.catalog;
    match row.debt.due(&catalog.dunning, ctx.now) {
        None => {}
        Some(Due::Try) => return plan_try(tx, ctx, &wallet, row, seen).await,
        Some(Due::Purge) => purge::purge(tx, ctx, catalog, &wallet, &mut row).await?,
        Some(Due::Lapse) => {
            pass::lapse(tx, ctx, catalog, row.key).await?;
            row.closed = Some((ctx.now, DebtEnd::Void));
        }
    }
    keep(tx, ctx, catalog, row, ctx.now).await?;
    Ok(Planned::Nothing)
}

async fn plan_try(
    tx: &mut Tx<'_>,
    ctx: &Context,
    wallet: &WalletRow,
    mut row: DebtRow,
    seen: &Seen,
) -> Result<Planned, Error> {
    let Some(cards) = &seen.cards else {
        keep(tx, ctx, &seen.catalog, row, ctx.now.plus(WITHOUT_PROCESSOR)).await?;
        return Ok(Planned::Nothing);
    };
    row.is_asked = row.debt.card_since.is_some_and(|since| row.debt.tried_at.is_some_and(|tried| since > tried));
    row.debt.tries(ctx.now);
    let Some(card) = first_usable(tx, cards).await? else {
        row.debt.fails(FailureClass::Hard, row.is_asked, ctx.now);
        keep(tx, ctx, &seen.catalog, row, ctx.now).await?;
        return Ok(Planned::Nothing);
    };
    let bill = NewBill { id: seen.payment, buys: &row.buys, card, by: None };
    let (payment, attempt) = attempt(tx, ctx, &seen.catalog, wallet, row.payment, bill).await?;
    row.payment = Some(payment.id);
    keep(tx, ctx, &seen.catalog, row, ctx.now).await?;
    Ok(Planned::Try(Box::new((payment, attempt, card.clone()))))
}

/// The next attempt of the payment of a debt, or its first.
pub(super) async fn attempt(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    wallet: &WalletRow,
    known: Option<PaymentId>,
    bill: NewBill<'_>,
) -> Result<(PaymentRow, AttemptRow), Error> {
    let Some(id) = known else { return bill::plan(tx, ctx, catalog, wallet, bill).await };
    let row = tx.find_payment(id).await?;
    let row = row.ok_or_else(|| Fault::Bug { what: format!("the debt of {id} is without its payment") })?;
    payment::plan_again(tx, ctx, &row, bill.card).await
}

/// The first card that no bank contests.
async fn first_usable<'a>(tx: &mut Tx<'_>, cards: &'a [CardRow]) -> Result<Option<&'a CardRow>, Error> {
    for card in cards {
        if !tx.is_card_blocked(card.wallet, &card.processor, &card.fingerprint).await? {
            return Ok(Some(card));
        }
    }
    Ok(None)
}
