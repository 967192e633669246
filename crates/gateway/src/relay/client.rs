//! The way back to a client that may be slow, or gone.
//!
//! Between the upstream and the client waits at most one chunk: a client that does not read stops the
//! upstream from being read, and memory stays bounded. A stream that ends without [`Client::end`] breaks
//! off, so that no client takes half an answer for a whole one.

use std::{future::pending, io, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use tokio::{sync::mpsc, time::timeout};

const CHUNKS: usize = 1;

/// The client's end of a stream, seen from the walk that feeds it.
#[derive(Debug)]
pub(crate) struct Client {
    /// Empty once the client is gone.
    sender: Option<mpsc::Sender<Piece>>,
    stall: Duration,
}

#[derive(Debug)]
enum Piece {
    Bytes(Bytes),
    End,
}

impl Client {
    /// A client that may leave a chunk untaken for as long as `stall`, and the body to give it.
    pub(crate) fn new(stall: Duration) -> (Self, Body) {
        let (sender, receiver) = mpsc::channel(CHUNKS);
        let pieces = stream::unfold(Some(receiver), |receiver| async {
            let mut receiver: mpsc::Receiver<Piece> = receiver?;
            match receiver.recv().await {
                Some(Piece::Bytes(bytes)) => Some((Ok(bytes), Some(receiver))),
                Some(Piece::End) => None,
                None => Some((Err(io::Error::from(io::ErrorKind::UnexpectedEof)), None)),
            }
        });
        (Self { sender: Some(sender), stall }, Body::from_stream(pieces))
    }

    /// Ready when the client has left; never if that is known already.
    pub(crate) async fn left(&self) {
        match &self.sender {
            Some(sender) => sender.closed().await,
            None => pending().await,
        }
    }

    /// From now on nothing is sent.
    pub(crate) fn let_go(&mut self) {
        self.sender = None;
    }

    /// Sends bytes, waiting until the client takes them. A client that does not counts as gone.
    pub(crate) async fn send(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.pass(Piece::Bytes(bytes)).await;
        }
    }

    /// Ends the stream properly.
    pub(crate) async fn end(mut self) {
        self.pass(Piece::End).await;
    }

    async fn pass(&mut self, piece: Piece) {
        let Some(sender) = &self.sender else { return };
        if !matches!(timeout(self.stall, sender.send(piece)).await, Ok(Ok(()))) {
            self.sender = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn a_stream_that_does_not_end_breaks_off() {
        let (mut client, body) = Client::new(Duration::from_secs(1));
        client.send(Bytes::from_static(b"half")).await;
        drop(client);
        assert!(body.collect().await.is_err());
        let (mut client, body) = Client::new(Duration::from_secs(1));
        let feeding = async move {
            client.send(Bytes::from_static(b"whole")).await;
            client.end().await;
        };
        let ((), body) = tokio::join!(feeding, body.collect());
        assert_eq!(body.unwrap().to_bytes(), "whole");
    }

    #[tokio::test]
    async fn a_client_that_takes_nothing_is_gone_after_a_while() {
        let (mut client, body) = Client::new(Duration::from_millis(20));
        for _ in 0..CHUNKS {
            client.send(Bytes::from_static(b"x")).await;
        }
        assert!(client.sender.is_some());
        client.send(Bytes::from_static(b"x")).await;
        assert!(client.sender.is_none());
        drop(body);
    }
}
