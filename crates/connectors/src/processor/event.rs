//! Events as they come over the wire: the outline that `stripe` has, and `sandbox` too.

use serde::Deserialize;
use units::Instant;

use super::{Event, EventKind, ProcessorError, verify};

/// An event, as it comes by itself and in lists.
#[derive(Deserialize)]
pub(super) struct Wire {
    id: String,
    created: i64,
    #[serde(default)]
    livemode: bool,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    /// Some objects that nobody here waits for have none.
    #[serde(default)]
    id: String,
    object: String,
}

/// Checks the signature over the bytes as they came, then reads them. What is told beyond the name of the object
/// is ignored.
pub fn parse_event(secret: &str, signature: &str, body: &[u8], now: Instant) -> Result<Event, ProcessorError> {
    if !verify(secret, signature, body, now) {
        return Err(ProcessorError::BadSignature);
    }
    let wire: Wire = serde_json::from_slice(body).map_err(|_| ProcessorError::BadEvent)?;
    wire.told().ok_or(ProcessorError::BadEvent)
}

impl Wire {
    /// The event, unless an id is none: ids become part of addresses.
    pub(super) fn told(self) -> Option<Event> {
        let kind = match self.data.object.object.as_str() {
            "payment_intent" => EventKind::Payment,
            "setup_intent" | "checkout.session" => EventKind::Setup,
            "refund" => EventKind::Refund,
            "dispute" => EventKind::Dispute,
            "radar.early_fraud_warning" => EventKind::FraudWarning,
            _ => EventKind::Other,
        };
        let object = Some(self.data.object.id).filter(|id| is_plain(id));
        let object = if kind == EventKind::Other { object.unwrap_or_default() } else { object? };
        Some(Event {
            id: Some(self.id).filter(|id| is_plain(id))?,
            kind,
            object,
            created_at: Instant::from_micros(self.created.saturating_mul(1_000_000)),
            is_live: self.livemode,
        })
    }
}

fn is_plain(id: &str) -> bool {
    (1..=255).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processor::sign;

    #[test]
    fn what_is_told_is_read_by_its_object_and_odd_ids_are_refused() {
        let now: Instant = "2028-02-29T00:00:00Z".parse().unwrap();
        let parse = |id: &str, object: &str| {
            let body = format!(
                r#"{{"id": "evt_1", "created": 1, "data": {{"object": {{"id": "{id}", "object": "{object}"}}}}}}"#
            );
            parse_event("secret", &sign("secret", body.as_bytes(), now), body.as_bytes(), now)
        };
        for (object, kind) in [
            ("payment_intent", EventKind::Payment),
            ("refund", EventKind::Refund),
            ("dispute", EventKind::Dispute),
            ("radar.early_fraud_warning", EventKind::FraudWarning),
            ("charge", EventKind::Other),
        ] {
            assert_eq!(parse("x_1", object).unwrap().kind, kind, "{object}");
        }
        // Of what nobody waits for, the object is not asked for: it need have no id at all.
        for id in ["", "../v1/customers"] {
            let other = parse(id, "balance").unwrap();
            assert_eq!((other.kind, other.object.as_str()), (EventKind::Other, ""), "{id}");
        }
        for id in ["", "../v1/customers", "a b", "pi_1?x=y", &"x".repeat(256)] {
            assert_eq!(parse(id, "payment_intent"), Err(ProcessorError::BadEvent), "{id}");
        }
        let body = b"[]";
        assert_eq!(parse_event("secret", &sign("secret", body, now), body, now), Err(ProcessorError::BadEvent));
    }
}
