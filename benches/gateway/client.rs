//! One connection of a client, over which it asks one thing after the other.

use std::net::SocketAddr;

use benches::Failure;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Where calls go.
pub struct Way {
    pub name: &'static str,
    pub address: SocketAddr,
    /// The API key, where one is asked for.
    pub key: Option<String>,
}

impl Way {
    pub const fn direct(address: SocketAddr) -> Self {
        Self { name: "direct", address, key: None }
    }

    pub fn through_tare(address: SocketAddr, key: &str) -> Self {
        Self { name: "Tare", address, key: Some(key.to_owned()) }
    }

    pub async fn open(&self) -> Result<Line, Failure> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Line { sender })
    }
}

/// A connection.
pub struct Line {
    sender: SendRequest<Full<Bytes>>,
}

impl Line {
    /// Asks, and reads the answer to its end. Answers with the end of it.
    pub async fn ask(&mut self, request: &Request<Full<Bytes>>) -> Result<Bytes, Failure> {
        let mut body = self.begin(request).await?;
        let mut last = Bytes::new();
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame?.into_data() {
                last = match last.len() + data.len() {
                    // The end may have come in pieces.
                    ..=1_000 => [last, data].concat().into(),
                    _ => data,
                };
            }
        }
        Ok(last)
    }

    /// Asks, and answers as soon as the head of the answer is there.
    pub async fn begin(&mut self, request: &Request<Full<Bytes>>) -> Result<Incoming, Failure> {
        self.sender.ready().await?;
        let response = self.sender.send_request(request.clone()).await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response.into_body());
        }
        let said = response.into_body().collect().await?.to_bytes();
        Err(format!("{status}: {}", String::from_utf8_lossy(&said)).into())
    }
}
