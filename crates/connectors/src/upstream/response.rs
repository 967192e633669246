//! An answer as it comes.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures_util::Stream;
use http::{HeaderMap, StatusCode};
use hyper::body::{Body, Incoming};
use tokio::time::{Instant, Sleep, sleep_until};

use super::fault::{Fault, Phase, UpstreamFault, reason};

/// An answer that has begun well: its status is 2xx.
#[derive(Debug)]
pub struct UpstreamResponse {
    /// The name of the upstream that answers.
    pub upstream: Arc<str>,
    /// The model's name there.
    pub model: String,
    /// The status.
    pub status: StatusCode,
    /// Those headers that may reach a client. `content-length` is not among them; see the body.
    pub headers: HeaderMap,
    /// The rest.
    pub body: UpstreamBody,
}

impl UpstreamResponse {
    /// Whether the body is a stream of server-sent events.
    pub fn is_event_stream(&self) -> bool {
        let kind = self.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/event-stream"))
    }
}

/// The bytes of an answer, as frames, unread and uncollected. Ends with a fault or with its end; after
/// either there is nothing more. Dropping it closes the connection, unless it was read to its end.
#[derive(Debug)]
pub struct UpstreamBody {
    upstream: Arc<str>,
    incoming: Option<Incoming>,
    silence: Option<Pin<Box<Sleep>>>,
    /// Whether the clock of the present silence runs.
    is_waiting: bool,
    phase: Phase,
    limits: Limits,
    read: u64,
}

/// How long and how large an answer may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub first_byte: Duration,
    pub idle: Duration,
    pub bytes: u64,
}

impl UpstreamBody {
    pub(super) fn new(upstream: Arc<str>, incoming: Incoming, limits: Limits) -> Self {
        let phase = Phase::FirstByte;
        Self { upstream, incoming: Some(incoming), silence: None, is_waiting: false, phase, limits, read: 0 }
    }

    /// The announced length, where one was announced.
    pub fn length(&self) -> Option<u64> {
        self.incoming.as_ref().and_then(|incoming| incoming.size_hint().exact())
    }

    /// How many bytes were read so far.
    pub fn bytes_read(&self) -> u64 {
        self.read
    }

    fn end(&mut self, fault: Fault) -> Poll<Option<Result<Bytes, UpstreamFault>>> {
        self.incoming = None;
        Poll::Ready(Some(Err(UpstreamFault { upstream: self.upstream.clone(), fault })))
    }

    /// Ready when the silence has lasted too long. The timer is touched only when there is nothing to read.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let limit = if self.phase == Phase::FirstByte { self.limits.first_byte } else { self.limits.idle };
        let silence = self.silence.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + limit)));
        if !self.is_waiting {
            silence.as_mut().reset(Instant::now() + limit);
            self.is_waiting = true;
        }
        silence.as_mut().poll(cx)
    }
}

impl Stream for UpstreamBody {
    type Item = Result<Bytes, UpstreamFault>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(incoming) = &mut self.incoming else { return Poll::Ready(None) };
            let Poll::Ready(frame) = Pin::new(incoming).poll_frame(cx) else {
                ready!(self.poll_silence(cx));
                let fault = Fault::TimedOut(self.phase);
                return self.end(fault);
            };
            self.is_waiting = false;
            match frame {
                None => {
                    self.incoming = None;
                    return Poll::Ready(None);
                }
                Some(Err(error)) => return self.end(Fault::BrokenOff(reason(&error))),
                Some(Ok(frame)) => {
                    // Trailers are dropped: nothing that an upstream says there is for a client.
                    let Ok(bytes) = frame.into_data() else { continue };
                    self.phase = Phase::Idle;
                    self.read += bytes.len() as u64;
                    if self.read > self.limits.bytes {
                        let limit = self.limits.bytes;
                        return self.end(Fault::TooLarge { limit });
                    }
                    return Poll::Ready(Some(Ok(bytes)));
                }
            }
        }
    }
}
