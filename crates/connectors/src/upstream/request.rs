//! A request to whichever upstream takes it.

use std::{
    convert::Infallible,
    ops::Range,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::HeaderMap;
use hyper::body::{Body, Frame, SizeHint};

use super::key::ApiKey;

/// What is to be sent.
#[derive(Clone, Debug, Default)]
pub struct UpstreamRequest {
    /// The path behind the base URL, such as `/chat/completions`.
    pub path: String,
    /// The JSON body.
    pub body: Bytes,
    /// Where in `body` the JSON text of the model's name stands, quotes included. Each upstream gets its
    /// own name for the model there; without it the body goes out as it is.
    pub model_at: Option<Range<usize>>,
    /// The client's headers. Only those that are known to be harmless are passed on.
    pub headers: HeaderMap,
    /// A key of the user's own. It takes the place of the upstream's key, and is shown to no other
    /// upstream than the first of the route.
    pub own_key: Option<ApiKey>,
}

impl UpstreamRequest {
    /// The body with an upstream's name for the model, without copying the rest of it.
    pub(super) fn body_for(&self, model: &str) -> Pieces {
        let Some(at) = self.model_at.clone().filter(|at| at.start <= at.end && at.end <= self.body.len()) else {
            return Pieces([Some(self.body.clone()), None, None]);
        };
        let name = serde_json::Value::from(model).to_string();
        Pieces([Some(self.body.slice(..at.start)), Some(name.into()), Some(self.body.slice(at.end..))])
    }
}

/// A body of up to three pieces.
#[derive(Debug)]
pub(super) struct Pieces([Option<Bytes>; 3]);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.iter_mut().find_map(Option::take).map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.iter().flatten().map(|piece| piece.len() as u64).sum())
    }
}
