//! The body of an answer: a list of acts, played one after the other.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use super::{call::OpenCall, wire::Wire};

/// One thing to do.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// Writes bytes; after them so many completion tokens were sent in all.
    Send(Bytes, u64),
    /// Writes so many blocks of padding.
    Pad(usize),
    /// Lets what was written go out on its own.
    Flush,
    /// Pauses, in milliseconds.
    Wait(u64),
    /// Nothing more, until the client leaves.
    Hang,
    /// Resets the connection.
    Reset,
    /// Closes the connection without an end of the body.
    Cut,
}

/// The size of one block of padding.
pub(super) const PAD: usize = 64 * 1024;
static PADDING: [u8; PAD] = [b'x'; PAD];

/// A body that plays acts, and ends its call.
pub(super) struct Playback {
    acts: VecDeque<Act>,
    exact: Option<u64>,
    pause: Option<Pin<Box<Sleep>>>,
    wire: Wire,
    call: Option<OpenCall>,
}

impl Playback {
    /// A body of unknown length.
    pub(super) fn of(acts: VecDeque<Act>, wire: Wire, call: Option<OpenCall>) -> Self {
        Self { acts, exact: None, pause: None, wire, call }
    }

    /// One text and nothing else.
    pub(super) fn text(text: impl Into<Bytes>) -> Self {
        let text = text.into();
        let exact = Some(text.len() as u64);
        let acts = if text.is_empty() { VecDeque::new() } else { [Act::Send(text, 0)].into() };
        Self { exact, ..Self::of(acts, Wire::default(), None) }
    }

    /// The same body with its length announced, whether it will be reached or not.
    pub(super) fn announcing(self, length: u64) -> Self {
        Self { exact: Some(length), ..self }
    }

    fn data(&mut self, bytes: Bytes) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        // The server may stop asking at the announced length, so the call ends with its last bytes.
        if self.acts.is_empty() {
            self.finish();
        }
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn finish(&mut self) {
        if let Some(call) = &mut self.call {
            call.finish();
        }
    }

    fn break_off(&mut self, error: io::Error) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(call) = &mut self.call {
            call.broken();
        }
        Poll::Ready(Some(Err(error)))
    }
}

impl Body for Playback {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            match self.acts.pop_front() {
                None => {
                    self.finish();
                    return Poll::Ready(None);
                }
                Some(Act::Send(bytes, sent)) => {
                    if let Some(call) = &mut self.call {
                        call.sent = sent;
                    }
                    return self.data(bytes);
                }
                Some(Act::Pad(0)) => {}
                Some(Act::Pad(blocks)) => {
                    self.acts.push_front(Act::Pad(blocks - 1));
                    return self.data(Bytes::from_static(&PADDING));
                }
                Some(Act::Flush) => {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Some(Act::Wait(ms)) => self.pause = Some(Box::pin(sleep(Duration::from_millis(ms)))),
                Some(Act::Hang) => {
                    self.acts.push_front(Act::Hang);
                    return Poll::Pending;
                }
                Some(Act::Reset) => {
                    let error = self.wire.reset();
                    return self.break_off(error);
                }
                Some(Act::Cut) => return self.break_off(io::ErrorKind::UnexpectedEof.into()),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.acts.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.exact.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
