//! Telling what happened: events that wait on the shelf until somebody has taken them.

use serde_json::{Value, json};
use units::{Instant, Seconds};

use super::desk::change;
use super::objects::{EventObject, Object};
use super::{Sandbox, contests, payments, refunds};
use crate::processor::event::Wire;
use crate::processor::{EventPage, ProcessorError, sign};

/// An event on its way, as it would come by HTTP.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The event's id.
    pub id: String,
    /// The header that signs the body.
    pub signature: String,
    /// The body.
    pub body: Vec<u8>,
}

/// How long to wait before an event that nobody took is told again.
const AGAIN_AFTER: Seconds = Seconds(60);
/// How often it is told at most.
const MOST_TELLINGS: u32 = 10;

/// How many events are listed at once.
const PAGE: u32 = 100;

/// An event as it goes over the wire.
fn body(id: &str, event: &EventObject) -> Value {
    json!({
        "id": id,
        "object": "event",
        "type": event.about,
        "created": event.created_at.micros().div_euclid(1_000_000),
        "livemode": false,
        "data": {"object": {"id": event.of, "object": event.kind}},
    })
}

impl Sandbox {
    /// Lets banks finish thinking, and answers what is to be told by now, oldest first.
    pub async fn collect(&self) -> Result<Vec<Delivery>, ProcessorError> {
        let now = self.now();
        let fault = |fault: super::ShelfFault| ProcessorError::NotSent(fault.to_string());
        let mut told = Vec::new();
        for item in self.shelf.list_due(now, 100).await.map_err(fault)? {
            let Ok(object) = serde_json::from_str::<Object>(&item.body) else { continue };
            let mut ids = vec![item.id.clone()];
            match object {
                Object::Payment(_) => change(&*self.shelf, now, &ids, |desk| payments::ripen(desk, &item.id)).await?,
                Object::Refund(refund) => {
                    ids.push(refund.payment);
                    change(&*self.shelf, now, &ids, |desk| refunds::ripen(desk, &item.id)).await?;
                }
                Object::Dispute(dispute) => {
                    ids.push(dispute.payment);
                    change(&*self.shelf, now, &ids, |desk| contests::ripen(desk, &item.id)).await?;
                }
                Object::Warning(_) => change(&*self.shelf, now, &ids, |desk| contests::warn(desk, &item.id)).await?,
                _ => {}
            }
        }
        for item in self.shelf.list_due(now, 100).await.map_err(fault)? {
            let Ok(Object::Event(event)) = serde_json::from_str::<Object>(&item.body) else { continue };
            let body = body(&item.id, &event).to_string().into_bytes();
            told.push(Delivery { id: item.id, signature: sign(&self.secret, &body, now), body });
        }
        Ok(told)
    }

    /// Notes that an event was taken, or that it was sent in vain and has to be told again.
    pub async fn delivered(&self, event: &str, was_taken: bool) -> Result<(), ProcessorError> {
        let (now, ids) = (self.now(), [event.to_owned()]);
        change(&*self.shelf, now, &ids, |desk| {
            let Some(Object::Event(told)) = desk.find(event) else {
                return Err(ProcessorError::NotFound(format!("event {event}")));
            };
            let mut told = told.clone();
            told.sent += 1;
            let is_over = was_taken || told.sent >= MOST_TELLINGS;
            desk.put(event, Object::Event(told), (!is_over).then(|| now.plus(AGAIN_AFTER)));
            Ok(())
        })
        .await
    }

    /// What has happened since then, told or not. It is looked for among everything that ever did: this is play money.
    pub(super) async fn list(&self, since: Instant, after: Option<&str>) -> Result<EventPage, ProcessorError> {
        let fault = |fault: super::ShelfFault| ProcessorError::NotSent(fault.to_string());
        let items = self.shelf.list_named("evt_", after.unwrap_or_default(), PAGE).await.map_err(fault)?;
        let next = items.last().filter(|_| items.len() == PAGE as usize).map(|item| item.id.clone());
        let told = items.iter().filter_map(|item| {
            let Ok(Object::Event(event)) = serde_json::from_str::<Object>(&item.body) else { return None };
            let since_then = event.created_at >= since;
            let body = body(&item.id, &event).to_string();
            serde_json::from_str::<Wire>(&body).ok().filter(|_| since_then)?.told()
        });
        Ok(EventPage { events: told.collect(), next })
    }

    /// The first moment after this one at which a bank has thought, or an event is told.
    pub async fn next_due(&self, after: Instant) -> Result<Option<Instant>, ProcessorError> {
        self.shelf.next_due(after).await.map_err(|fault| ProcessorError::NotSent(fault.to_string()))
    }
}
