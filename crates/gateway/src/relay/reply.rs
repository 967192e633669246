//! Where the answer to a request goes, once.

use std::future::pending;

use axum::response::Response;
use tokio::sync::oneshot;

use crate::error::Error;

/// The client, as long as it waits for the head of an answer.
#[derive(Debug)]
pub(crate) struct Reply(Option<oneshot::Sender<Result<Response, Error>>>);

impl Reply {
    /// A place to answer to, and the answer.
    pub(crate) fn new() -> (Self, oneshot::Receiver<Result<Response, Error>>) {
        let (sender, receiver) = oneshot::channel();
        (Self(Some(sender)), receiver)
    }

    /// Answers. A client that has left does not mind.
    pub(crate) fn send(mut self, answer: Result<Response, Error>) {
        if let Some(sender) = self.0.take() {
            // What comes back was meant for somebody who is gone.
            let _ = sender.send(answer);
        }
    }

    /// Whether nobody waits any more.
    pub(crate) fn is_left(&self) -> bool {
        self.0.as_ref().is_none_or(oneshot::Sender::is_closed)
    }

    /// Ready once, when the client leaves.
    pub(crate) async fn left(&mut self) {
        match &mut self.0 {
            Some(sender) => sender.closed().await,
            None => pending().await,
        }
        self.0 = None;
    }
}
