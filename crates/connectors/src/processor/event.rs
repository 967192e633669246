//! Events as they come over the wire: the outline that `stripe` has, and `sandbox` too.

use serde::Deserialize;
use units::Instant;

use super::{Event, EventKind, ProcessorError, verify};

#[derive(Deserialize)]
struct Wire {
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
    let kind = match wire.data.object.object.as_str() {
        "payment_intent" => EventKind::Payment,
        "setup_intent" | "checkout.session" => EventKind::Setup,
        _ => EventKind::Other,
    };
    Ok(Event {
        id: wire.id,
        kind,
        object: wire.data.object.id,
        created_at: Instant::from_micros(wire.created.saturating_mul(1_000_000)),
        is_live: wire.livemode,
    })
}
