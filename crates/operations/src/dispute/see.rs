//! The processor tells of a dispute or a warning: it is read again, and noted when it changed.

use billing::contest::{ContestKind, ContestNext, ContestState, advance};
use connectors::processor::{Dispute, FraudWarning, ProcessorError};
use store::{ContestRow, PaymentRow, Tx};
use units::{Cents, DisputeId, PaymentId, Seconds};
use uuid::Builder;

use crate::jobs::Task;
use crate::payment::{brings_credits, consequences, look_by_foreign_id};
use crate::secret::content_hash;
use crate::{Context, Error, Services};

/// After this long a bank takes no payment back any more.
const WINDOW: Seconds = Seconds(120 * 24 * 3600);

/// What was told.
struct Told {
    foreign_id: String,
    kind: ContestKind,
    reason: String,
    amount: Cents,
    state: ContestState,
}

/// An event says that something happened to a dispute.
pub(crate) async fn look_at_dispute(services: &Services, ctx: &Context, foreign_id: &str) -> Result<(), Error> {
    let told = match services.outside.processor()?.get_dispute(foreign_id).await {
        Err(ProcessorError::NotFound(_)) => return Ok(()),
        told => told?,
    };
    let Dispute { id, payment, amount, reason, state } = told;
    let Some(payment) = find_paid(services, ctx, &payment, &id).await? else { return Ok(()) };
    if amount < payment.amount {
        tracing::warn!(payment = %payment.id, disputed = %amount, paid = %payment.amount, "only a part of a payment is \
                       contested; the books freeze all of it");
    }
    let told = Told { foreign_id: id, kind: ContestKind::Dispute, reason, amount, state };
    note(services, ctx, payment, told).await
}

/// An event says that a bank suspects a fraud.
pub(crate) async fn look_at_warning(services: &Services, ctx: &Context, foreign_id: &str) -> Result<(), Error> {
    let told = match services.outside.processor()?.get_fraud_warning(foreign_id).await {
        Err(ProcessorError::NotFound(_)) => return Ok(()),
        told => told?,
    };
    let FraudWarning { id, payment } = told;
    let Some(payment) = find_paid(services, ctx, &payment, &id).await? else { return Ok(()) };
    let (kind, reason, state) = (ContestKind::Warning, "early_fraud_warning".to_owned(), ContestState::Inquiry);
    let told = Told { foreign_id: id, kind, reason, amount: payment.amount, state };
    note(services, ctx, payment, told).await
}

/// The payment that was contested, with its credits in the books where it brought any. What was told of it may be faster than its success.
async fn find_paid(services: &Services, ctx: &Context, object: &str, about: &str) -> Result<Option<PaymentRow>, Error> {
    look_by_foreign_id(services, ctx, object).await?;
    let processor = services.outside.processor()?;
    let reader = services.store.reader();
    let known = reader.find_payment_by_foreign_id(processor.name(), object).await?;
    let Some(id) = known else {
        tracing::error!(object, about, "a payment is contested that is not ours");
        return Ok(None);
    };
    crate::payment::credit(services, ctx, id).await?;
    match reader.find_payment(id).await?.filter(has_arrived) {
        Some(row) => Ok(Some(row)),
        // The processor says that it took the money, soon or later: the job comes again.
        None => Err(Error::NotFound { what: "paid payment", name: id.to_string() }),
    }
}

/// Whether the money is there, and what it brought in the books.
fn has_arrived(payment: &PaymentRow) -> bool {
    match brings_credits(payment) {
        true => payment.credited_at.is_some(),
        false => payment.paid_at.is_some(),
    }
}

async fn note(services: &Services, ctx: &Context, payment: PaymentRow, told: Told) -> Result<(), Error> {
    let (context, id, kind) = (ctx.clone(), payment.id, told.kind);
    let processor = services.outside.processor()?.name();
    let contest = contest_id(processor, &told.foreign_id);
    let next = services
        .store
        .write(async move |tx| {
            let known = tx.find_contest(contest).await?;
            let state = known.as_ref().and_then(|row| ContestState::from_name(&row.state));
            let next = advance(state, told.state);
            if !next.is_changed {
                return Ok(next);
            }
            let row = ContestRow {
                id: contest,
                payment: payment.id,
                wallet: payment.wallet,
                processor: processor.to_owned(),
                foreign_id: told.foreign_id.clone(),
                kind: kind.name().to_owned(),
                reason: told.reason.clone(),
                amount: told.amount,
                state: next.state.name().to_owned(),
                is_blocking: is_blocking(kind, next.state),
                opened_at: known.map_or(context.now, |row| row.opened_at),
                changed_at: context.now,
            };
            tx.save_contest(&row).await?;
            consequences::contested(tx, &context, &row).await?;
            if kind == ContestKind::Warning {
                let thaw = Task::ThawWarning { contest }.job(&context);
                tx.insert_job(&store::Job { due_at: context.now.plus(WINDOW), ..thaw }).await?;
            } else if next.state.is_over() {
                end_warnings(tx, &context, payment.id).await?;
            }
            Ok::<_, Error>(next)
        })
        .await?;
    let ContestNext { state, is_changed, alarm } = next;
    if let Some(alarm) = alarm {
        tracing::error!(payment = %id, %contest, state = state.name(), "{alarm}");
    }
    // A warning is answered by its own job: it may call outside.
    if is_changed && kind == ContestKind::Dispute {
        super::book(services, ctx, contest).await?;
    }
    Ok(())
}

/// A card that is suspected pays nothing either, until somebody knows better.
pub(super) fn is_blocking(kind: ContestKind, state: ContestState) -> bool {
    state.is_blocking() || kind == ContestKind::Warning && !state.is_over()
}

/// The bank has decided, so it suspects nothing more.
async fn end_warnings(tx: &mut Tx<'_>, ctx: &Context, payment: PaymentId) -> Result<(), Error> {
    for mut row in tx.list_contests(payment).await? {
        let is_open = ContestState::from_name(&row.state).is_some_and(|state| !state.is_over());
        if row.kind == ContestKind::Warning.name() && is_open {
            super::warning::end(&mut row, ctx);
            tx.save_contest(&row).await?;
            consequences::contested(tx, ctx, &row).await?;
        }
    }
    Ok(())
}

/// The same for the same object, so that whoever sees it first writes the same row.
fn contest_id(processor: &str, foreign_id: &str) -> DisputeId {
    named(&format!("{processor} {foreign_id}"))
}

/// An id that follows from a name.
pub(super) fn named(name: &str) -> DisputeId {
    let hash = content_hash(name);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    DisputeId::from_uuid(Builder::from_custom_bytes(bytes).into_uuid())
}
