//! Takes an event of the processor: verified, noted once, answered; the work is a job.

use connectors::processor::EventKind;
use store::Fault;

use crate::jobs::Task;
use crate::{Context, Error, Services};

/// Takes an event as it came: the header that signs it, and the bytes of the body. Answers whether it is new.
///
/// # Errors
/// When it is not signed as it must be; the text does not say what is wrong with it.
pub async fn receive_event(services: &Services, ctx: &Context, signature: &str, body: &[u8]) -> Result<bool, Error> {
    let processor = services.outside.processor()?;
    let event = processor.parse_event(signature, body, ctx.now)?;
    if event.is_live != processor.is_live() {
        return Ok(false);
    }
    let (context, name) = (ctx.clone(), processor.name());
    services
        .store
        .write(async move |tx| {
            let is_new = tx.insert_processor_event(name, &event.id, &event.object, context.now).await?;
            if is_new && event.kind == EventKind::Payment {
                tx.insert_job(&Task::PaymentEvent { object: event.object.clone() }.job(&context)).await?;
            }
            Ok(is_new)
        })
        .await
        .map_err(|fault: Fault| Error::from(fault))
}
