//! Looks after payments whose fate is open, until it is known.
//!
//! Whoever buys is answered at once. If the answer is lost, or this process dies, nobody waits for that purchase
//! any more: what was not confirmed is called off, and what was charged brings its credits.

use billing::payment::{ACTION_EXPIRES, News};
use connectors::processor::{Payment, PaymentStatus, ProcessorError};
use store::{AttemptRow, Fault, Job, PaymentRow};
use units::{Instant, PaymentId, Seconds};

use super::apply::{Applied, apply};
use super::drive::Drive;
use crate::jobs::Task;
use crate::{Context, Error, Services};

/// How long after a purchase somebody looks whether it ended.
pub(super) const FIRST_LOOK: Seconds = Seconds(60);

/// The job that looks at a payment then.
pub(super) fn look_job(ctx: &Context, payment: PaymentId, at: Instant) -> Job {
    Job { due_at: at, ..Task::Look { payment }.job(ctx) }
}

/// Looks, and writes the next look down while the fate stays open.
pub(crate) async fn look(services: &Services, ctx: &Context, payment: PaymentId) -> Result<(), Error> {
    let Some((row, attempt)) = find(services, payment).await? else { return Ok(()) };
    if row.paid_at.is_some() || !attempt.is_live {
        return super::credit(services, ctx, payment).await;
    }
    let (mut applied, told) = learn(services, ctx, &row, &attempt).await?;
    if let Some(told) = told.filter(|told| nobody_waits(told, &applied, ctx)) {
        let drive = Drive { services, ctx, processor: services.outside.processor()? };
        applied = drive.call_off(&row, &attempt, &told.id).await?.unwrap_or(applied);
    }
    let Some(at) = applied.next.look_at.filter(|_| applied.attempt.is_live) else { return Ok(()) };
    let (job, number) = (look_job(ctx, payment, at), attempt.number);
    services
        .store
        .write(async move |tx| {
            if let Some(mut attempt) = tx.find_attempt_of(payment, number).await? {
                attempt.looks += 1;
                tx.save_attempt(&attempt).await?;
            }
            tx.insert_job(&job).await
        })
        .await
        .map_err(|fault: Fault| Error::from(fault))
}

/// An event says that something happened to an object of the processor.
pub(crate) async fn look_by_foreign_id(services: &Services, ctx: &Context, foreign_id: &str) -> Result<(), Error> {
    let processor = services.outside.processor()?;
    let told = match processor.get_payment(foreign_id).await {
        Err(ProcessorError::NotFound(_)) => return Ok(()),
        told => told?,
    };
    let Some((row, attempt)) = find_told(services, processor.name(), &told).await? else {
        tracing::warn!(object = foreign_id, "an event tells of a payment that is not ours");
        return Ok(());
    };
    if row.processor != processor.name() || attempt.foreign_id.as_deref().is_some_and(|id| id != foreign_id) {
        tracing::error!(payment = %row.id, object = foreign_id, "another object claims to be this payment");
        return Ok(());
    }
    // What was not confirmed is on its way, or is looked at in a minute.
    if matches!(told.status, PaymentStatus::RequiresConfirmation) {
        return Ok(());
    }
    let drive = Drive { services, ctx, processor };
    drive.settle(&row, &attempt, &told).await.map(drop)
}

/// The attempt that an object is, be it the latest of its payment or an earlier one.
async fn find_told(
    services: &Services,
    processor: &str,
    told: &Payment,
) -> Result<Option<(PaymentRow, AttemptRow)>, Error> {
    let reader = services.store.reader();
    if let Some(attempt) = reader.find_attempt_by_foreign_id(processor, &told.id).await? {
        return Ok(reader.find_payment(attempt.payment).await?.map(|row| (row, attempt)));
    }
    // An event can be faster than we write down the id that the creation answered: the object names our payment.
    match told.payment.as_deref().and_then(|id| id.parse::<PaymentId>().ok()) {
        Some(named) => find(services, named).await,
        None => Ok(None),
    }
}

/// Calls a payment off whose fate is open, if its bank has not taken it: whatever waits for it goes on. Answers whether
/// its fate is known now.
pub(crate) async fn call_off(services: &Services, ctx: &Context, payment: PaymentId) -> Result<bool, Error> {
    let Some((row, attempt)) = find(services, payment).await? else { return Ok(true) };
    if row.paid_at.is_some() || !attempt.is_live {
        return Ok(true);
    }
    let Some(id) = &attempt.foreign_id else {
        return Ok(!learn(services, ctx, &row, &attempt).await?.0.attempt.is_live);
    };
    let drive = Drive { services, ctx, processor: services.outside.processor()? };
    Ok(drive.call_off(&row, &attempt, id).await?.is_some_and(|applied| !applied.attempt.is_live))
}

/// Asks the processor and writes down what it says.
pub(super) async fn learn(
    services: &Services,
    ctx: &Context,
    row: &PaymentRow,
    attempt: &AttemptRow,
) -> Result<(Applied, Option<Payment>), Error> {
    let processor = services.outside.processor()?;
    if processor.name() != row.processor {
        return Ok((apply(services, ctx, attempt, News::Silence, None).await?, None));
    }
    let Some(id) = &attempt.foreign_id else {
        // Its creation may have been heard, but what has no id here was never confirmed.
        return Ok((apply(services, ctx, attempt, News::Canceled, None).await?, None));
    };
    match processor.get_payment(id).await {
        Ok(told) => {
            let drive = Drive { services, ctx, processor };
            Ok((drive.settle(row, attempt, &told).await?, Some(told)))
        }
        Err(error) => {
            tracing::warn!(payment = %row.id, %error, "a payment cannot be looked at now");
            Ok((apply(services, ctx, attempt, News::Silence, None).await?, None))
        }
    }
}

/// Whether it was never confirmed, or its bank has waited in vain: whoever bought has gone.
fn nobody_waits(told: &Payment, applied: &Applied, ctx: &Context) -> bool {
    match told.status {
        PaymentStatus::RequiresConfirmation => true,
        PaymentStatus::RequiresAction => applied.attempt.began_at.plus(ACTION_EXPIRES) <= ctx.now,
        _ => false,
    }
}

pub(super) async fn find(services: &Services, payment: PaymentId) -> Result<Option<(PaymentRow, AttemptRow)>, Error> {
    let reader = services.store.reader();
    let (row, attempt) = (reader.find_payment(payment).await?, reader.find_attempt(payment).await?);
    Ok(row.zip(attempt))
}
