//! Takes an attempt through the processor: created first, confirmed second.

use std::sync::Arc;

use billing::payment::{AttemptState, News};
use connectors::processor::{NewPayment, Payment, PaymentStatus, Presence, Processor, ProcessorError};
use store::{AttemptRow, CardRow, Fault, PaymentRow};
use units::Cents;

use super::apply::{Applied, apply};
use super::plan::source;
use crate::{Context, Error, Services};

/// A payment on its way.
pub(super) struct Drive<'a> {
    pub services: &'a Services,
    pub ctx: &'a Context,
    pub processor: Arc<dyn Processor>,
}

impl Drive<'_> {
    /// Creates and confirms. What cannot be learned now stays open, and is looked at later.
    pub(super) async fn charge(
        &self,
        payment: &PaymentRow,
        attempt: &AttemptRow,
        card: &CardRow,
        customer: &str,
        presence: &Presence,
    ) -> Result<Applied, Error> {
        let id = match &attempt.foreign_id {
            Some(id) => id.clone(),
            None => {
                let new = NewPayment {
                    customer: customer.to_owned(),
                    method: card.foreign_id.clone(),
                    amount: payment.amount,
                    description: self.description(payment),
                    payment: payment.id.to_string(),
                };
                match self.processor.create_payment(&new, &key(payment, attempt, "create")).await {
                    Ok(created) => {
                        self.apply(attempt, created.news(), Some(&created)).await?;
                        created.id
                    }
                    Err(error) => return self.gave_no_answer(attempt, error, true).await,
                }
            }
        };
        if !self.mark_sent(attempt).await? {
            // Somebody called it off meanwhile: nothing was confirmed, and nothing is.
            return self.apply(attempt, News::Silence, None).await;
        }
        match self.processor.confirm_payment(&id, presence, &key(payment, attempt, "confirm")).await {
            Ok(told) => self.settle(payment, attempt, &told).await,
            // It stands elsewhere already, or the answer was lost: look.
            Err(ProcessorError::WrongState | ProcessorError::Unknown(_)) => {
                match self.processor.get_payment(&id).await {
                    Ok(told) => self.settle(payment, attempt, &told).await,
                    Err(error) => self.gave_no_answer(attempt, error, false).await,
                }
            }
            Err(error) => self.gave_no_answer(attempt, error, false).await,
        }
    }

    /// What stands at the processor beside the payment.
    fn description(&self, payment: &PaymentRow) -> String {
        let catalog = self.services.catalog.current();
        let brand = &catalog.brand;
        match source(payment) {
            Some(_) => format!("{} {}", brand.credits(), payment.id),
            None => format!("{} {} {}", brand.name, payment.purpose, payment.id),
        }
    }

    /// Writes down what the processor says. A declined object is called off, so that nothing can revive it.
    pub(super) async fn settle(
        &self,
        payment: &PaymentRow,
        attempt: &AttemptRow,
        told: &Payment,
    ) -> Result<Applied, Error> {
        let news = match told.status {
            // Somebody else's money buys nothing here.
            PaymentStatus::Succeeded if !self.is_our_customer(payment, told).await? => News::Succeeded(Cents::ZERO),
            _ => told.news(),
        };
        let applied = self.apply(attempt, news, Some(told)).await?;
        if applied.next.attempt != AttemptState::Declined {
            return Ok(applied);
        }
        self.call_off(payment, attempt, &told.id).await.map(|after| after.unwrap_or(applied))
    }

    async fn is_our_customer(&self, payment: &PaymentRow, told: &Payment) -> Result<bool, Error> {
        let known = self.services.store.reader().find_customer(payment.wallet, self.processor.name()).await?;
        Ok(known.as_ref() == Some(&told.customer))
    }

    /// Calls the processor's object off. It may answer that it was charged after all.
    pub(super) async fn call_off(
        &self,
        payment: &PaymentRow,
        attempt: &AttemptRow,
        id: &str,
    ) -> Result<Option<Applied>, Error> {
        let told = match self.processor.cancel_payment(id, &key(payment, attempt, "cancel")).await {
            Err(ProcessorError::WrongState | ProcessorError::Unknown(_)) => self.processor.get_payment(id).await,
            told => told,
        };
        match told {
            Ok(told) => self.apply(attempt, told.news(), Some(&told)).await.map(Some),
            Err(error) => {
                tracing::warn!(payment = %payment.id, %error, "a payment could not be called off; it is looked at later");
                Ok(None)
            }
        }
    }

    async fn apply(&self, attempt: &AttemptRow, news: News, told: Option<&Payment>) -> Result<Applied, Error> {
        apply(self.services, self.ctx, attempt, news, told).await
    }

    /// No answer that says where it stands. A creation that was refused cannot be charged; everything else may
    /// have been.
    async fn gave_no_answer(
        &self,
        attempt: &AttemptRow,
        error: ProcessorError,
        is_creation: bool,
    ) -> Result<Applied, Error> {
        tracing::warn!(payment = %attempt.payment, %error, "the processor gave no answer");
        let is_refused = matches!(error, ProcessorError::Rejected { .. } | ProcessorError::NotFound(_));
        let news = if is_creation && is_refused { News::Canceled } else { News::Silence };
        self.apply(attempt, news, None).await
    }

    /// Before the confirmation leaves: from now on anything may have happened. Answers whether it may leave.
    async fn mark_sent(&self, attempt: &AttemptRow) -> Result<bool, Error> {
        let (id, number, now) = (attempt.payment, attempt.number, self.ctx.now);
        self.services
            .store
            .write(async move |tx| {
                let Some(mut attempt) = tx.find_attempt_of(id, number).await? else { return Ok(false) };
                if [AttemptState::Planned.name(), AttemptState::Created.name()].contains(&attempt.state.as_str()) {
                    attempt.state = AttemptState::Sent.name().to_owned();
                    attempt.changed_at = now;
                    tx.save_attempt(&attempt).await?;
                }
                Ok(attempt.is_live)
            })
            .await
            .map_err(|fault: Fault| Error::from(fault))
    }
}

/// The name of a deed, made from our rows: it can be sent again, and is the same deed.
fn key(payment: &PaymentRow, attempt: &AttemptRow, deed: &str) -> String {
    format!("{}:a{}:{deed}", payment.id, attempt.number)
}
