//! Takes a refund as far as it goes now.

use billing::refund::{RefundNews, RefundState};
use connectors::processor::{NewRefund, Processor, ProcessorError, Refund};
use ledger::Refusal;
use store::{CardRefundRow, Fault, Job, PaymentRow};
use units::{Amount, GrantId, Instant, RefundId, Seconds};

use super::apply::{Applied, apply};
use super::{Refunded, ReserveRefund, book, reserve};
use crate::jobs::Task;
use crate::payment::brings_credits;
use crate::{Context, Error, Services};

/// How long after the wish somebody looks whether it ended.
pub(super) const FIRST_LOOK: Seconds = Seconds(60);

/// The job that looks at a refund then.
pub(super) fn look_job(ctx: &Context, refund: RefundId, at: Instant) -> Job {
    Job { due_at: at, ..Task::LookAtRefund { refund }.job(ctx) }
}

/// Goes on, and answers how it stands.
pub(super) async fn go_on(services: &Services, ctx: &Context, row: CardRefundRow) -> Result<Refunded, Error> {
    let is_asked = row.state == RefundState::Asked.name();
    let row = match learn(services, ctx, &row).await {
        Ok(Some(applied)) => applied.row,
        Ok(None) => row,
        Err(error @ Error::Refused(_)) => return Err(error),
        // What was set aside stays so, and somebody looks in a minute.
        Err(error) if !is_asked => {
            tracing::warn!(refund = %row.id, %error, "a refund cannot be looked at now");
            row
        }
        Err(error) => return Err(error),
    };
    match RefundState::from_name(&row.state) {
        Some(RefundState::Failed) => Err(Error::RefundFailed { refund: row.id }),
        state => {
            let is_paid = state == Some(RefundState::Paid);
            Ok(Refunded { refund: row.id, amount: row.amount, is_paid })
        }
    }
}

/// Looks, and writes the next look down while there is something to look for.
pub(crate) async fn look(services: &Services, ctx: &Context, refund: RefundId) -> Result<(), Error> {
    let Some(row) = services.store.reader().find_card_refund(refund).await? else { return Ok(()) };
    let applied = match learn(services, ctx, &row).await {
        Ok(applied) => applied,
        // It was refused before the processor heard of it.
        Err(Error::Refused(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    let Some(at) = applied.and_then(|applied| applied.next.look_at) else { return Ok(()) };
    let job = look_job(ctx, refund, at);
    services
        .store
        .write(async move |tx| {
            if let Some(mut row) = tx.find_card_refund(refund).await? {
                row.looks += 1;
                tx.update_card_refund(&row).await?;
            }
            tx.insert_job(&job).await
        })
        .await
        .map_err(|fault: Fault| Error::from(fault))
}

/// An event says that something happened to a refund.
pub(crate) async fn look_by_foreign_id(services: &Services, ctx: &Context, foreign_id: &str) -> Result<(), Error> {
    let processor = services.outside.processor()?;
    let told = match processor.get_refund(foreign_id).await {
        Err(ProcessorError::NotFound(_)) => return Ok(()),
        told => told?,
    };
    let named = told.refund.as_deref().and_then(|id| id.parse::<RefundId>().ok());
    let row = match named {
        Some(id) => services.store.reader().find_card_refund(id).await?,
        None => None,
    };
    match row {
        Some(row) => take(services, ctx, &row, &told).await.map(drop),
        None => {
            tracing::error!(
                object = foreign_id,
                "money went back to a card that nobody here has refunded; \
                             adjust the credits by hand"
            );
            Ok(())
        }
    }
}

/// Finds out how it stands, and does what comes next. `None` when this processor cannot know it.
async fn learn(services: &Services, ctx: &Context, row: &CardRefundRow) -> Result<Option<Applied>, Error> {
    let unknown = || Error::NotFound { what: "payment", name: row.payment.to_string() };
    let reader = services.store.reader();
    let payment = reader.find_payment(row.payment).await?.ok_or_else(unknown)?;
    let processor = services.outside.processor()?;
    if processor.name() != payment.processor {
        return apply(services, ctx, row.id, RefundNews::Silence, None).await.map(Some);
    }
    let object = reader.find_attempt(payment.id).await?.and_then(|attempt| attempt.foreign_id).ok_or_else(unknown)?;
    let told = match (RefundState::from_name(&row.state), &row.foreign_id) {
        (Some(RefundState::Failed), _) => {
            book(services, ctx, row.id).await?;
            return Ok(None);
        }
        (_, Some(id)) => processor.get_refund(id).await,
        (Some(RefundState::Asked), None) => {
            set_aside(services, ctx, row, &payment).await?;
            ask(&*processor, row, object).await
        }
        // It was sent, and nobody knows what became of it.
        (_, None) => match processor.find_refund(&object, &row.id.to_string()).await {
            Ok(Some(told)) => Ok(told),
            Ok(None) => ask(&*processor, row, object).await,
            Err(error) => Err(error),
        },
    };
    match told {
        Ok(told) => take(services, ctx, row, &told).await.map(Some),
        Err(error) => {
            tracing::warn!(refund = %row.id, %error, "the processor gave no answer");
            let is_refused = row.foreign_id.is_none() && matches!(error, ProcessorError::Rejected { .. });
            let news = if is_refused { RefundNews::Failed } else { RefundNews::Silence };
            apply(services, ctx, row.id, news, None).await.map(Some)
        }
    }
}

/// What the processor tells of it, if it is the refund that we asked for.
async fn take(services: &Services, ctx: &Context, row: &CardRefundRow, told: &Refund) -> Result<Applied, Error> {
    if told.amount != row.amount {
        tracing::error!(refund = %row.id, told = %told.amount, asked = %row.amount, "another amount was refunded");
        return apply(services, ctx, row.id, RefundNews::Silence, None).await;
    }
    apply(services, ctx, row.id, told.news, Some(&told.id)).await
}

async fn ask(processor: &dyn Processor, row: &CardRefundRow, payment: String) -> Result<Refund, ProcessorError> {
    let new = NewRefund { payment, amount: row.amount, refund: row.id.to_string() };
    processor.refund_payment(&new, &format!("{}:refund", row.id)).await
}

/// Sets the credits aside and notes that the wish is about to leave. A refusal ends the refund before the processor
/// hears of it.
async fn set_aside(services: &Services, ctx: &Context, row: &CardRefundRow, payment: &PaymentRow) -> Result<(), Error> {
    if !brings_credits(payment) {
        // It brought no credits.
        return move_on(services, ctx, row.id, RefundState::Sent).await;
    }
    let amount = Amount::from_cents(row.credits)
        .map_err(|error| Error::Invalid { field: "amount", reason: error.to_string() })?;
    let wish =
        ReserveRefund { wallet: row.wallet, refund: row.id, grant: GrantId::from_uuid(payment.id.uuid()), amount };
    let state = match reserve(services, ctx, wish).await {
        // It ended, and only our own row does not say so yet: the processor tells again how.
        Ok(_) | Err(Error::Refused(Refusal::RefundClosed { .. })) => RefundState::Sent,
        Err(error @ Error::Refused(_)) => {
            move_on(services, ctx, row.id, RefundState::Failed).await?;
            return Err(error);
        }
        Err(error) => return Err(error),
    };
    move_on(services, ctx, row.id, state).await
}

async fn move_on(services: &Services, ctx: &Context, refund: RefundId, state: RefundState) -> Result<(), Error> {
    let now = ctx.now;
    services
        .store
        .write(async move |tx| {
            let row = tx.find_card_refund(refund).await?;
            let Some(mut row) = row.filter(|row| row.state == RefundState::Asked.name()) else { return Ok(()) };
            (row.state, row.changed_at) = (state.name().to_owned(), now);
            tx.update_card_refund(&row).await
        })
        .await
        .map_err(|fault: Fault| Error::from(fault))
}
