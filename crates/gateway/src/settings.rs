//! What an operator can set about the doors beside the catalog's limits, each number with its reason.
//!
//! Two limits are not settings: JSON may nest 127 deep (the parser's own bound), and a request may have
//! 256 fields at its top level.

use std::time::Duration;

use crate::client::Network;

/// Settings of the doors.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people reach the pages, without a slash at the end: refusals name it.
    pub public_url: String,
    /// Proxies whose `X-Forwarded-For` is believed. Without any, the client is who holds the socket.
    pub trusted_proxies: Vec<Network>,
    /// Bytes of all header names and values of a request together. Common servers take 8 to 32 KiB.
    pub header_limit: usize,
    /// How long a client may take to send its body.
    pub body_timeout: Duration,
    /// How long a client may leave a chunk untaken before it counts as gone.
    pub stall_timeout: Duration,
    /// How long an answer is read on for a client that left.
    pub drain_timeout: Duration,
    /// How often a running request renews its hold at least; it does so three times within a lease too.
    pub renew_every: Duration,
    /// How long a request waits for the books: beyond it, a new one is refused, and an answer goes out without
    /// a balance while its settlement goes on.
    pub books_patience: Duration,
    /// The longest pause between two attempts of a settlement that the store could not take.
    pub settle_backoff: Duration,
    /// Settlements that may wait for the store. Beyond them no new request is taken.
    pub unsettled: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            trusted_proxies: Vec::new(),
            header_limit: 32 << 10,
            body_timeout: Duration::from_secs(60),
            stall_timeout: Duration::from_secs(120),
            drain_timeout: Duration::from_secs(600),
            renew_every: Duration::from_secs(100),
            books_patience: Duration::from_secs(5),
            settle_backoff: Duration::from_secs(10),
            unsettled: 10_000,
        }
    }
}
