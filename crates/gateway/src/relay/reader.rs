//! Reads an upstream's answer to its end, for a client or without one.

use std::{pin::Pin, time::Duration};

use bytes::Bytes;
use connectors::upstream::{UpstreamBody, UpstreamFault};
use futures_util::StreamExt;
use tokio::{
    sync::SemaphorePermit,
    time::{Instant, Sleep, sleep, timeout},
};

use crate::doors::Shared;

/// An answer that is being read.
pub(crate) struct Reader<'a> {
    doors: &'a Shared,
    body: UpstreamBody,
    deadline: Pin<Box<Sleep>>,
    /// How many bytes more may come.
    left: u64,
    /// The place among those that are read on without a client.
    drain: Option<SemaphorePermit<'a>>,
}

/// Why an answer is not read further.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stopped {
    /// The upstream failed.
    #[error("{0}")]
    Fault(UpstreamFault),
    /// The answer took longer than one may.
    #[error("it took too long")]
    TooLong,
    /// The answer was larger than one may be.
    #[error("it was larger than an answer may be")]
    TooLarge,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(doors: &'a Shared, body: UpstreamBody) -> Self {
        let limits = doors.limits();
        let deadline = Box::pin(sleep(Duration::from_secs(limits.answer_seconds.into())));
        Self { doors, body, deadline, left: limits.max_answer_bytes, drain: None }
    }

    /// The next bytes; `None` at the end. May be dropped while it waits.
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, Stopped>> {
        let read = tokio::select! {
            biased;
            read = self.body.next() => read?,
            () = &mut self.deadline => return Some(Err(Stopped::TooLong)),
        };
        Some(read.map_err(Stopped::Fault).and_then(|bytes| self.count(bytes)))
    }

    /// Whoever sends without end is stopped, whatever it is read for.
    fn count(&mut self, bytes: Bytes) -> Result<Bytes, Stopped> {
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or(Stopped::TooLarge)?;
        Ok(bytes)
    }

    /// The client has left: from now on the answer is read for its usage only, for a limited time and
    /// together with a limited number of others.
    pub(crate) async fn start_drain(&mut self) {
        let patience = self.doors.gateway.settings.drain_timeout;
        let end = Instant::now() + patience;
        if end < self.deadline.deadline() {
            self.deadline.as_mut().reset(end);
        }
        if self.drain.is_none() {
            // Without a place in time the deadline has come too, and the next read says so.
            self.drain = timeout(patience, self.doors.drains.acquire()).await.ok().and_then(Result::ok);
        }
    }
}
