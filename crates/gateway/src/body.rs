//! A request's body, read up to a limit; and what is left of it when the request is refused.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use tokio::time::timeout;

use crate::{doors, error::Error};

/// Reads the body whole. One that announces too much is refused before it is read.
pub(crate) async fn read(headers: &HeaderMap, body: Body, doors: &doors::Shared) -> Result<Bytes, Error> {
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

/// A body of which a refusal can read the rest.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<Body>>);

/// How long, and how far, a client that was refused may go on sending before it loses the connection.
const REST_TIMEOUT: Duration = Duration::from_secs(10);
const REST_BYTES: u64 = 128 << 20;

impl Shared {
    pub(crate) fn new(body: Body) -> Self {
        Self(Arc::new(Mutex::new(body)))
    }

    /// Reads what is left and forgets it, while the answer goes out. A connection that is closed with bytes
    /// unread is reset, and the client may lose the answer that tells it why.
    pub(crate) fn discard(mut self) {
        if hyper::body::Body::is_end_stream(&self) {
            return;
        }
        tokio::spawn(timeout(REST_TIMEOUT, async move {
            let mut left = REST_BYTES;
            while let Some(Ok(frame)) = self.frame().await {
                let length = frame.data_ref().map_or(0, |data| data.len() as u64);
                let Some(rest) = left.checked_sub(length) else { return };
                left = rest;
            }
        }));
    }

    fn with<T>(&self, look: impl FnOnce(Pin<&mut Body>) -> T) -> T {
        look(Pin::new(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl hyper::body::Body for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.with(|body| body.poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.with(|body| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.with(|body| body.size_hint())
    }
}
