//! The model provider in a process of its own, and what it would bill.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use tokio::time::{sleep, timeout};
use units::Cost;

use crate::http::Client;
use crate::program::{Running, tare};

pub struct Upstream {
    pub address: SocketAddr,
    client: Client,
    _process: Running,
}

/// One call as the upstream has it.
#[derive(Debug, Deserialize)]
pub struct Call {
    pub tag: String,
    pub tokens: Tokens,
    pub billed: Cost,
}

/// What it counted.
#[derive(Debug, Deserialize)]
pub struct Tokens {
    pub prompt: u64,
    pub completion: u64,
}

/// All calls together.
#[derive(Debug, Deserialize)]
pub struct Sum {
    pub calls: u64,
    pub open: u64,
    pub billed: Cost,
}

impl Upstream {
    pub async fn start(folder: &Path) -> Self {
        let mut command = tare();
        command.args(["demo-upstream", "--listen", "127.0.0.1:0"]);
        let mut process = Running::start(&mut command, folder.join("upstream.log"));
        let line = process.line().await;
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        let address = address.and_then(|text| text.parse().ok());
        let address = address.unwrap_or_else(|| panic!("no address in {line:?}"));
        Self { address, client: Client::new(), _process: process }
    }

    pub async fn sum(&self) -> Sum {
        serde_json::from_value(self.client.get(&format!("http://{}/_truth/sum", self.address)).await).unwrap()
    }

    /// All calls by their tags. Each tag was sent once, so one that came twice was asked twice.
    pub async fn calls(&self) -> HashMap<String, Call> {
        let mut truth = self.client.get(&format!("http://{}/_truth", self.address)).await;
        let calls: Vec<Call> = serde_json::from_value(truth["calls"].take()).unwrap();
        assert_eq!(calls.len() as u64, self.sum().await.calls, "the upstream keeps every call");
        let mut by_tag = HashMap::new();
        for call in calls {
            if let Some(other) = by_tag.insert(call.tag.clone(), call) {
                panic!("one request reached the upstream twice: {other:?}");
            }
        }
        by_tag
    }

    /// Waits until no call runs: what it bills for a call is known when the call has ended.
    pub async fn idle(&self) {
        let waiting = async {
            while self.sum().await.open > 0 {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(Duration::from_secs(60), waiting).await.expect("the upstream comes to rest");
    }
}
