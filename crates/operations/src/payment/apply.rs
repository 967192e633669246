//! What is learned of an attempt, written down; and the credits that follow.

use billing::payment::{AttemptState, News, Next, Standing, advance};
use connectors::processor::Payment;
use ledger::{Command, Issue};
use store::{AttemptRow, Fault, IdempotencyKey, PaymentRow, Posting};
use units::{Amount, GrantId, PaymentId};

use super::consequences;
use super::plan::source;
use crate::secret::content_hash;
use crate::{Context, Error, Services, pass, top_up};

/// What became of a payment by the news.
pub(super) struct Applied {
    pub payment: PaymentRow,
    pub attempt: AttemptRow,
    pub next: Next,
}

/// Writes the news down: one transaction, and the same whenever it comes again. When the payment is paid, its
/// credits are given before this returns; a job sees to it if this process dies.
pub(super) async fn apply(
    services: &Services,
    ctx: &Context,
    attempt: &AttemptRow,
    news: News,
    told: Option<&Payment>,
) -> Result<Applied, Error> {
    let (payment, number) = (attempt.payment, attempt.number);
    let (context, told, catalog) = (ctx.clone(), told.cloned(), services.catalog.current());
    // What becomes paid is given the number of an invoice.
    let store = match &news {
        News::Succeeded(_) => services.store.giving_numbers(),
        _ => services.store.clone(),
    };
    let applied = store
        .write(async move |tx| {
            let row = tx.find_payment(payment).await?.ok_or_else(|| missing(payment))?;
            let before = tx.find_attempt_of(payment, number).await?.ok_or_else(|| missing(payment))?;
            let (row, attempt, next) = decide(row, before.clone(), &news, told.as_ref(), &context)?;
            tx.save_attempt(&attempt).await?;
            top_up::follow(tx, &context, &row, &attempt).await?;
            if let AttemptState::Succeeded | AttemptState::Declined = next.attempt {
                let is_declined = next.attempt == AttemptState::Declined;
                tx.end_card_try(row.wallet, &try_name(&attempt), is_declined).await?;
            }
            if next.becomes_paid {
                tx.update_payment(&row).await?;
                consequences::paid(tx, &context, &catalog, &row).await?;
            } else if before.is_live && !attempt.is_live && row.paid_at.is_none() {
                consequences::unpaid(tx, &context, &catalog, &row, &before, &attempt).await?;
            }
            if before.state != attempt.state && next.attempt == AttemptState::Succeeded && !next.becomes_paid {
                tracing::error!(%payment, attempt = number, "a payment was taken twice; refund one of them at the processor");
            }
            Ok::<_, Error>(Applied { payment: row, attempt, next })
        })
        .await?;
    if let Some(alarm) = applied.next.alarm {
        tracing::error!(%payment, attempt = applied.attempt.number, "{alarm}");
    }
    if applied.next.becomes_paid {
        credit(services, ctx, payment).await?;
    }
    Ok(applied)
}

/// What an attempt is called among those of people.
pub(crate) fn try_name(attempt: &AttemptRow) -> String {
    match attempt.number {
        1 => attempt.payment.to_string(),
        number => format!("{}:a{number}", attempt.payment),
    }
}

fn decide(
    mut row: PaymentRow,
    mut attempt: AttemptRow,
    news: &News,
    told: Option<&Payment>,
    ctx: &Context,
) -> Result<(PaymentRow, AttemptRow, Next), Error> {
    let state = AttemptState::from_name(&attempt.state)
        .ok_or_else(|| Fault::Bug { what: format!("an attempt of {} is {}", row.id, attempt.state) })?;
    let standing = Standing {
        is_paid: row.paid_at.is_some(),
        attempt: state,
        amount: row.amount,
        began_at: attempt.began_at,
        looks: attempt.looks,
    };
    let next = advance(standing, news, ctx.now);
    attempt.state = next.attempt.name().to_owned();
    attempt.is_live = next.attempt.is_live();
    attempt.changed_at = ctx.now;
    if let Some(told) = told {
        attempt.foreign_id = Some(told.id.clone());
        attempt.page = told.page.clone();
    }
    if let (News::Declined(failure), AttemptState::Declined) = (news, next.attempt) {
        attempt.code = Some(failure.code.clone());
        attempt.decline_code = failure.decline_code.clone();
    }
    if next.becomes_paid {
        row.paid_at = Some(ctx.now);
    }
    Ok((row, attempt, next))
}

/// Gives the credits of a paid payment. The grant has the payment's id, so it is given once. A payment that buys
/// something else brings none.
pub(crate) async fn credit(services: &Services, ctx: &Context, payment: PaymentId) -> Result<(), Error> {
    let row = services.store.reader().find_payment(payment).await?.ok_or_else(|| missing(payment))?;
    if row.paid_at.is_none() || row.credited_at.is_some() {
        return Ok(());
    }
    let Some(source) = source(&row) else { return pass::book_payment(services, ctx, payment).await };
    let too_large = |error: units::AmountOverflow| Error::Invalid { field: "amount", reason: error.to_string() };
    let draft = services.store.reader().find_invoice_draft(payment).await?;
    let draft = draft.ok_or_else(|| Fault::Bug { what: format!("{payment} has no draft of an invoice") })?;
    let amount = Amount::from_cents(draft.credits()).map_err(too_large)?;
    let command = Command::Issue(Issue {
        grant: GrantId::from_uuid(payment.uuid()),
        source,
        amount,
        paid: true,
        effective_at: ctx.now,
        expires_at: None,
    });
    let key = IdempotencyKey { key: payment.to_string(), content: content_hash(&format!("{payment} {amount}")) };
    services.store.post(Posting { wallet: row.wallet, now: ctx.now, command, key: Some(key), usage: None }).await?;
    let context = ctx.clone();
    services
        .store
        .write(async move |tx| {
            let Some(mut row) = tx.find_payment(payment).await?.filter(|row| row.credited_at.is_none()) else {
                return Ok(());
            };
            row.credited_at = Some(context.now);
            tx.update_payment(&row).await?;
            top_up::credited(tx, &context, &row).await
        })
        .await
}

fn missing(payment: PaymentId) -> Error {
    Error::NotFound { what: "payment", name: payment.to_string() }
}
