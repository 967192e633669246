//! Changing a few objects at once: load, decide, save, and again when somebody else was faster.

use std::collections::BTreeMap;

use units::{Instant, Seconds};

use super::objects::{
    Deed, DisputeObject, EventObject, MethodObject, Object, PaymentObject, RefundObject, SetupObject, WarningObject,
};
use super::{Item, Shelf};
use crate::processor::ProcessorError;

/// The objects that one deed needs.
pub(super) struct Desk {
    pub now: Instant,
    items: BTreeMap<String, (Object, Item, bool)>,
}

/// How long a key is remembered.
const KEYS_LIVE: Seconds = Seconds(24 * 3600);
/// How often somebody else may be faster.
const TRIES: u32 = 20;

/// A deed under a key: done once, and answered again as long as the key is remembered. `ids` are the objects that it needs.
pub(super) async fn once(
    shelf: &dyn Shelf,
    now: Instant,
    (key, wish): (&str, &str),
    ids: &[String],
    deed: impl Fn(&mut Desk) -> Result<String, ProcessorError>,
) -> Result<String, ProcessorError> {
    let deed_id = format!("deed_{key}");
    let all: Vec<String> = ids.iter().cloned().chain([deed_id.clone()]).collect();
    change(shelf, now, &all, |desk| {
        match desk.find(&deed_id) {
            Some(Object::Deed(known)) if known.done_at.plus(KEYS_LIVE) > now => match known.wish == wish {
                true => return Ok(known.of.clone()),
                false => return Err(ProcessorError::KeyReused),
            },
            _ => {}
        }
        let of = deed(desk)?;
        desk.put(&deed_id, Object::Deed(Deed { wish: wish.to_owned(), of: of.clone(), done_at: now }), None);
        Ok(of)
    })
    .await
}

/// A change of these objects.
pub(super) async fn change<T>(
    shelf: &dyn Shelf,
    now: Instant,
    ids: &[String],
    decide: impl Fn(&mut Desk) -> Result<T, ProcessorError>,
) -> Result<T, ProcessorError> {
    for _ in 0..TRIES {
        let mut desk = Desk { now, items: BTreeMap::new() };
        for item in shelf.load(ids).await.map_err(unreachable)? {
            let object =
                serde_json::from_str(&item.body).map_err(|error| ProcessorError::NotSent(error.to_string()))?;
            desk.items.insert(item.id.clone(), (object, item, false));
        }
        let decided = decide(&mut desk)?;
        let changed: Vec<Item> =
            desk.items.into_values().filter(|(.., is_changed)| *is_changed).map(|(_, item, _)| item).collect();
        if changed.is_empty() || shelf.save(&changed).await.map_err(unreachable)? {
            return Ok(decided);
        }
    }
    Err(ProcessorError::NotSent("the sandbox is too busy".to_owned()))
}

/// Nothing of a deed is kept unless all of it is.
fn unreachable(fault: super::ShelfFault) -> ProcessorError {
    ProcessorError::NotSent(fault.to_string())
}

impl Desk {
    pub fn find(&self, id: &str) -> Option<&Object> {
        self.items.get(id).map(|(object, ..)| object)
    }

    pub fn put(&mut self, id: &str, object: Object, due_at: Option<Instant>) {
        let version = self.items.get(id).map_or(0, |(_, item, _)| item.version);
        let body = serde_json::to_string(&object).expect("an object is plain data");
        let item = Item { id: id.to_owned(), body, due_at, version };
        self.items.insert(id.to_owned(), (object, item, true));
    }

    pub fn payment(&self, id: &str) -> Result<PaymentObject, ProcessorError> {
        match self.find(id) {
            Some(Object::Payment(payment)) => Ok(payment.clone()),
            _ => Err(ProcessorError::NotFound(format!("payment {id}"))),
        }
    }

    pub fn setup(&self, id: &str) -> Result<SetupObject, ProcessorError> {
        match self.find(id) {
            Some(Object::Setup(setup)) => Ok(setup.clone()),
            _ => Err(ProcessorError::NotFound(format!("setup {id}"))),
        }
    }

    pub fn method(&self, id: &str) -> Result<MethodObject, ProcessorError> {
        match self.find(id) {
            Some(Object::Method(method)) => Ok(method.clone()),
            _ => Err(ProcessorError::NotFound(format!("card {id}"))),
        }
    }

    pub fn refund(&self, id: &str) -> Result<RefundObject, ProcessorError> {
        match self.find(id) {
            Some(Object::Refund(refund)) => Ok(refund.clone()),
            _ => Err(ProcessorError::NotFound(format!("refund {id}"))),
        }
    }

    pub fn dispute(&self, id: &str) -> Result<DisputeObject, ProcessorError> {
        match self.find(id) {
            Some(Object::Dispute(dispute)) => Ok(dispute.clone()),
            _ => Err(ProcessorError::NotFound(format!("dispute {id}"))),
        }
    }

    pub fn warning(&self, id: &str) -> Result<WarningObject, ProcessorError> {
        match self.find(id) {
            Some(Object::Warning(warning)) => Ok(warning.clone()),
            _ => Err(ProcessorError::NotFound(format!("warning {id}"))),
        }
    }

    /// Writes an event about an object. Its id is that of what it tells, so it is told once.
    pub fn tell(&mut self, about: &str, of: &str) {
        let kind = match about.rsplit_once('.').map_or(about, |(object, _)| object) {
            "charge.dispute" => "dispute",
            object => object,
        };
        let kind = kind.to_owned();
        let event = EventObject { about: about.to_owned(), of: of.to_owned(), kind, created_at: self.now, sent: 0 };
        self.put(&format!("evt_{}_{of}", about.replace('.', "_")), Object::Event(event), Some(self.now));
    }
}
