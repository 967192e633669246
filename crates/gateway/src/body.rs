//! A request's body, read up to a limit.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use tokio::time::timeout;

use crate::{doors::Shared, error::Error};

/// Reads the body whole. One that announces too much is refused before it is read.
pub(crate) async fn read(headers: &HeaderMap, body: Body, doors: &Shared) -> Result<Bytes, Error> {
    let limit = doors.limits().max_body_bytes;
    let patience = doors.gateway.settings.body_timeout;
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(Error::BodyTooLarge { limit });
    }
    let seconds = patience.as_secs();
    timeout(patience, collect(body, limit)).await.unwrap_or(Err(Error::BodyTooSlow { seconds }))
}

async fn collect(mut body: Body, limit: usize) -> Result<Bytes, Error> {
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Error::BodyBroken)?.into_data() else { continue };
        if first.len() + whole.len() + data.len() > limit {
            return Err(Error::BodyTooLarge { limit });
        }
        match first.is_empty() && whole.is_empty() {
            // Most bodies come in one piece, which needs no copy.
            true => first = data,
            false => {
                whole.extend_from_slice(&std::mem::take(&mut first));
                whole.extend_from_slice(&data);
            }
        }
    }
    Ok(if whole.is_empty() { first } else { whole.freeze() })
}
