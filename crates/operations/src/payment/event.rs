//! Takes an event of the processor: verified, noted once, answered; the work is a job.

use connectors::processor::{Event, EventKind};
use store::Fault;

use super::counts::Came;
use crate::jobs::Task;
use crate::{Context, Error, Services};

/// Takes an event as it came: the header that signs it, and the bytes of the body. Answers whether it is new. Whatever
/// becomes of it is counted.
///
/// # Errors
/// When it is not signed as it must be; the text does not say what is wrong with it.
pub async fn receive_event(services: &Services, ctx: &Context, signature: &str, body: &[u8]) -> Result<bool, Error> {
    let came = take(services, ctx, signature, body).await;
    match &came {
        Ok(came) => services.events.count(*came),
        Err(Error::EventRefused) => services.events.count(Came::Refused),
        // Nobody took it: it comes again.
        Err(_) => {}
    }
    came.map(Came::is_new)
}

async fn take(services: &Services, ctx: &Context, signature: &str, body: &[u8]) -> Result<Came, Error> {
    let event = services.outside.processor()?.parse_event(signature, body, ctx.now)?;
    note(services, ctx, event).await
}

/// Notes an event, however it came, and leaves the work that follows. The same event again changes nothing.
pub(super) async fn note(services: &Services, ctx: &Context, event: Event) -> Result<Came, Error> {
    let processor = services.outside.processor()?;
    if event.is_live != processor.is_live() {
        tracing::warn!(event = event.id, "an event of the other mode is ignored");
        return Ok(Came::OtherMode);
    }
    let (context, name) = (ctx.clone(), processor.name());
    services
        .store
        .write(async move |tx| {
            if !tx.insert_processor_event(name, &event.id, &event.object, context.now).await? {
                return Ok(Came::Again);
            }
            let object = event.object.clone();
            let task = match event.kind {
                EventKind::Payment => Task::PaymentEvent { object },
                EventKind::Refund => Task::RefundEvent { object },
                EventKind::Dispute => Task::DisputeEvent { object },
                EventKind::FraudWarning => Task::WarningEvent { object },
                EventKind::Setup | EventKind::Other => return Ok(Came::New),
            };
            tx.insert_job(&task.job(&context)).await?;
            Ok(Came::New)
        })
        .await
        .map_err(|fault: Fault| Error::from(fault))
}
