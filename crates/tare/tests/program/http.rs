//! A client that tells a whole answer from one that broke off.

use std::time::Duration;

use axum::http::{HeaderMap, Request, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client as Hyper, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::time::timeout;
use units::{Amount, Cost};

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(300);

/// Clones share their connections.
#[derive(Clone)]
pub struct Client {
    hyper: Hyper<HttpConnector, Full<Bytes>>,
}

/// An answer that came to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

/// What the end of an answer says about money.
#[derive(Debug)]
pub struct Bill {
    pub cost: Cost,
    /// Absent when the settlement was not committed yet: then nothing is promised.
    pub balance: Option<Amount>,
}

impl Client {
    pub fn new() -> Self {
        Self { hyper: Hyper::builder(TokioExecutor::new()).build_http() }
    }

    /// Gets JSON from an address that answers.
    pub async fn get(&self, url: &str) -> Value {
        self.get_with(url, "none").await
    }

    /// The same with an API key.
    pub async fn get_with(&self, url: &str, key: &str) -> Value {
        let request = Request::get(url).header(header::AUTHORIZATION, format!("Bearer {key}"));
        let request = request.body(Full::default()).unwrap();
        let answer = self.send(request).await.unwrap_or_else(|error| panic!("{url}: {error}"));
        assert_eq!(answer.status, 200, "{url}: {}", answer.text);
        serde_json::from_str(&answer.text).unwrap()
    }

    /// Sends JSON to an API that asks for an idempotency key.
    pub async fn post(&self, url: &str, key: &str, once: &str, body: &Value) -> Result<Answer, String> {
        let request = Request::post(url)
            .header(header::AUTHORIZATION, format!("Bearer {key}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", once)
            .body(Full::from(body.to_string()))
            .unwrap();
        self.send(request).await
    }

    /// Sends a chat request. An error means that the answer broke off, or that there was none.
    pub async fn chat(&self, url: &str, key: &str, tag: &str, body: &Value) -> Result<Answer, String> {
        let request = Request::post(format!("{url}/v1/chat/completions"))
            .header(header::AUTHORIZATION, format!("Bearer {key}"))
            .header(header::CONTENT_TYPE, "application/json")
            // The upstream's truth and the charge both carry the tag, so that they can be laid side by side.
            .header("x-demo-tag", tag)
            .header("x-tare-project", tag)
            .body(Full::from(body.to_string()))
            .unwrap();
        self.send(request).await
    }

    /// Sends any request. An error means that the answer broke off, or that there was none.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Answer, String> {
        let sending = async {
            let response = self.hyper.request(request).await.map_err(|error| format!("{error:?}"))?;
            let (head, body) = response.into_parts();
            let body = body.collect().await.map_err(|error| format!("{error:?}"))?.to_bytes();
            let text = String::from_utf8(body.into()).expect("answers are UTF-8");
            Ok(Answer { status: head.status.as_u16(), headers: head.headers, text })
        };
        timeout(PATIENCE, sending).await.unwrap_or_else(|_| panic!("no end of an answer after {PATIENCE:?}"))
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The bill: in the head, or for a stream in its last comment.
    pub fn bill(&self) -> Option<Bill> {
        if let Some(cost) = self.header("x-tare-cost") {
            let balance = self.header("x-tare-balance").map(|text| text.parse().unwrap());
            return Some(Bill { cost: cost.parse().unwrap(), balance });
        }
        let comment = self.text.lines().rfind(|line| line.starts_with(": tare "))?;
        let find = |key: &str| comment.split(' ').find_map(|word| word.strip_prefix(key));
        let balance = find("balance=").map(|text| text.parse().unwrap());
        Some(Bill { cost: find("cost=")?.parse().unwrap(), balance })
    }
}
