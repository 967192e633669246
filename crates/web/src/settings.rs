//! What an operator can set about the API and the pages, each number with its reason.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use http::HeaderMap;

/// Says which address a request comes from: the socket's, or what a trusted proxy wrote.
pub type ClientOf = Arc<dyn Fn(IpAddr, &HeaderMap) -> IpAddr + Send + Sync>;

/// Settings of the API and the pages.
#[derive(Clone)]
pub struct Settings {
    /// Where people reach the pages, without a slash at the end.
    pub public_url: String,
    /// Which address a request comes from.
    pub client_of: ClientOf,
    /// Bytes of all header names and values of a request together. Common servers take 8 to 32 KiB.
    pub header_limit: usize,
    /// Bytes of a body. A thousand calls of the metering API at once have a fifth of it.
    pub body_limit: usize,
    /// How long a client may take to send its body.
    pub body_timeout: Duration,
    /// How long a request waits for the books before it is sent away. What was asked may still happen; the
    /// same key finds out.
    pub books_patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8787".to_owned(),
            client_of: Arc::new(|socket, _| socket),
            header_limit: 32 << 10,
            body_limit: 1 << 20,
            body_timeout: Duration::from_secs(30),
            books_patience: Duration::from_secs(15),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("public_url", &self.public_url).finish_non_exhaustive()
    }
}
