//! Looks at a wallet whose watch says so: buys, waits, pauses, or lets it be.

use std::sync::Arc;

use billing::Catalog;
use billing::invoice::{Draft, InvoiceKind};
use billing::top_up::{Decision, Pause, Standing, decide};
use store::{AttemptRow, CardRow, PaymentRow, TopUpAttemptRow, TopUpAttemptState, TopUpRow, Tx, WatchKind, WatchRow};
use units::{Amount, PaymentId, WalletId};

use super::{PURPOSE, attempts, pause, read, saved_card};
use crate::{Context, Error, Services, access, invoice, jobs, pass, payment};

/// Looks, and buys when the rules say so: what may be bought is counted where the attempt is written down. Answers
/// whether there was something to look at.
///
/// Whoever looks at the same time finds the watch changed and does nothing. When this process dies behind the
/// transaction, nobody outside has heard of the payment: it is called off a minute later, and the wallet is looked at
/// again.
pub(crate) async fn look(services: &Services, ctx: &Context, wallet: WalletId) -> Result<bool, Error> {
    let reader = services.store.reader();
    let watch = reader.find_watch(wallet, WatchKind::TopUp).await?;
    let Some(watch) = watch.filter(|watch| watch.look_at.is_some_and(|at| at <= ctx.now)) else { return Ok(false) };
    // A bonus that is due comes first: it may be enough.
    pass::look(services, ctx, wallet).await?;
    let processor = services.outside.processor()?;
    let card = reader.list_cards(wallet, processor.name()).await?.pop();
    let customer = reader.find_customer(wallet, processor.name()).await?;
    let chargeable = card.zip(customer);
    // After the watch, so that what is decided is no older than it.
    let books = reader.load_wallet(wallet).await?;
    let seen = Seen {
        watch,
        available: books.map_or(Amount::ZERO, |books| books.available(ctx.now)),
        card: chargeable.as_ref().map(|(card, _)| card.clone()),
        catalog: services.catalog.current(),
        payment: PaymentId::from_uuid(ctx.ids.uuid()),
    };
    let context = ctx.clone();
    match (services.store.write(async move |tx| plan(tx, &context, &seen).await).await?, chargeable) {
        (Planned::Buy(row, attempt), Some((card, customer))) => {
            payment::charge_unattended(services, ctx, &row, &attempt, &card, &customer).await?;
        }
        (Planned::Armed(below), _) => {
            // What was charged between the look at the wallet and now found the watch at rest.
            let books = reader.load_wallet(wallet).await?;
            if books.is_some_and(|books| books.available(ctx.now) < below) {
                jobs::note(services, ctx, wallet, WatchKind::TopUp).await?;
            }
        }
        _ => {}
    }
    Ok(true)
}

/// What the transaction has settled.
enum Planned {
    /// This payment is to be made.
    Buy(Box<PaymentRow>, Box<AttemptRow>),
    /// The watch waits for a fall below this.
    Armed(Amount),
    /// There is nothing more to do.
    Nothing,
}

/// What was seen before the transaction.
struct Seen {
    watch: WatchRow,
    available: Amount,
    card: Option<CardRow>,
    catalog: Arc<Catalog>,
    payment: PaymentId,
}

async fn plan(tx: &mut Tx<'_>, ctx: &Context, seen: &Seen) -> Result<Planned, Error> {
    let wallet = seen.watch.wallet;
    let found = tx.find_watch(wallet, WatchKind::TopUp).await?;
    let Some(watch) = found.filter(|watch| watch.version == seen.watch.version) else {
        return Ok(Planned::Nothing);
    };
    let (Some(row), Some(known)) = (tx.find_top_up(wallet).await?, tx.find_wallet(wallet).await?) else {
        return Ok(Planned::Nothing);
    };
    match access::require_good_standing(tx, ctx, &seen.catalog, &known).await {
        Err(Error::AccountSuspended { .. } | Error::SuspendedByOperator { .. }) => {
            pause(tx, ctx, wallet, Pause::Suspended).await?;
            return Ok(Planned::Nothing);
        }
        other => other?,
    }
    let (state, settings) = read(&row)?;
    let tally = tx.tally_top_ups(wallet, ctx.now).await?;
    let attempts = attempts(&tally);
    let card = saved_card(tx, seen.card.as_ref()).await?;
    let kind = InvoiceKind::AutoTopUp;
    let draft = invoice::draft_for_credits(tx, &seen.catalog, &known, kind, settings.amount).await?;
    let (available, price) = (seen.available, draft.total);
    let standing = Standing { state, settings, price, available, card, attempts };
    let decision = decide(&standing, seen.catalog.top_up.per_day, ctx.now);
    let waits_for = match decision {
        Decision::Wait { limit, .. } => Some(limit.name().to_owned()),
        _ => None,
    };
    if row.waits_for != waits_for {
        tx.save_top_up(&TopUpRow { waits_for, ..row }).await?;
    }
    // A watch that is not armed waits for whoever changes what it waits for.
    let (is_armed, look_at) = match decision {
        Decision::Enough => (true, None),
        Decision::Wait { until, .. } => (false, Some(until)),
        Decision::Attempt | Decision::Nothing | Decision::Pause(_) => (false, None),
    };
    tx.save_watch(&WatchRow { is_armed, look_at, ..watch }).await?;
    match (decision, &seen.card) {
        (Decision::Attempt, Some(card)) => write_down(tx, ctx, seen.payment, &draft, card).await,
        (Decision::Pause(reason), _) => pause(tx, ctx, wallet, reason).await.map(|()| Planned::Nothing),
        (Decision::Enough, _) => Ok(Planned::Armed(settings.threshold)),
        _ => Ok(Planned::Nothing),
    }
}

/// The payment and its attempt, before anybody outside hears of them.
async fn write_down(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: PaymentId,
    draft: &Draft,
    card: &CardRow,
) -> Result<Planned, Error> {
    // Fee and tax come on top of the credits.
    let row = payment::new_payment(ctx, id, PURPOSE.name(), card, draft.total);
    let own = TopUpAttemptRow {
        wallet: row.wallet,
        payment: id,
        amount: draft.total,
        state: TopUpAttemptState::Open,
        began_at: ctx.now,
        ended_at: None,
    };
    tx.insert_top_up_attempt(&own).await?;
    let attempt = payment::plan(tx, ctx, &row, draft).await?;
    Ok(Planned::Buy(Box::new(row), Box::new(attempt)))
}
