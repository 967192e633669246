//! Clients that never stop asking, and remember what they were told.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;
use units::Cost;

use crate::dice::Dice;
use crate::http::{Answer, Client};
use crate::servers::Person;

/// How many ask at once.
const AT_ONCE: u64 = 12;

/// What clients were told, by the tags of their requests.
#[derive(Default)]
pub struct Journal {
    /// Answers that came to their end and named cost and balance.
    pub acknowledged: HashMap<String, Told>,
    /// Answers that came to their end without: nothing was promised.
    pub unsure: HashSet<String>,
    /// Requests that were refused or failed upstream: they cost nothing.
    pub refused: HashSet<String>,
    /// Requests whose connection broke.
    pub broken: HashSet<String>,
}

/// What an acknowledged answer said.
#[derive(Clone, Debug)]
pub struct Told {
    pub cost: Cost,
    pub request: String,
}

/// The clients.
pub struct Driver {
    shared: Arc<Shared>,
    workers: JoinSet<()>,
}

struct Shared {
    seed: u64,
    key: String,
    /// Where the servers listen; a killed one may still stand here for a moment.
    urls: Mutex<Vec<String>>,
    next: AtomicU64,
    is_over: AtomicBool,
    journal: Mutex<Journal>,
}

impl Driver {
    pub fn start(seed: u64, person: &Person) -> Self {
        let shared = Arc::new(Shared {
            seed,
            key: person.key.clone(),
            urls: Mutex::default(),
            next: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
            journal: Mutex::default(),
        });
        let workers = (0..AT_ONCE).map(|_| work(shared.clone())).collect();
        Self { shared, workers }
    }

    /// Where to ask from now on.
    pub fn aim(&self, urls: Vec<String>) {
        *self.shared.urls.lock().unwrap() = urls;
    }

    /// What was acknowledged so far.
    pub fn acknowledged(&self) -> HashMap<String, Told> {
        self.shared.journal.lock().unwrap().acknowledged.clone()
    }

    /// How many requests were refused so far.
    pub fn refused(&self) -> usize {
        self.shared.journal.lock().unwrap().refused.len()
    }

    /// Lets everybody finish what they began.
    pub async fn stop(self) -> Journal {
        self.shared.is_over.store(true, Ordering::Relaxed);
        self.workers.join_all().await;
        std::mem::take(&mut *self.shared.journal.lock().unwrap())
    }
}

async fn work(shared: Arc<Shared>) {
    let client = Client::new();
    while !shared.is_over.load(Ordering::Relaxed) {
        let n = shared.next.fetch_add(1, Ordering::Relaxed);
        let url = {
            let urls = shared.urls.lock().unwrap();
            urls.get(n as usize % urls.len().max(1)).cloned()
        };
        let Some(url) = url else {
            sleep(Duration::from_millis(5)).await;
            continue;
        };
        let tag = format!("request-{n}");
        let answer = client.chat(&url, &shared.key, &tag, &make_request(shared.seed, n)).await;
        let is_broken = answer.is_err();
        shared.journal.lock().unwrap().note(tag, answer);
        if is_broken {
            sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Journal {
    fn note(&mut self, tag: String, answer: Result<Answer, String>) {
        let Ok(answer) = answer else {
            self.broken.insert(tag);
            return;
        };
        if answer.status != 200 {
            assert!([402, 502, 503].contains(&answer.status), "{tag}: {answer:?}");
            self.refused.insert(tag);
            return;
        }
        match answer.bill() {
            Some(bill) if bill.balance.is_some() => {
                let request = answer.header("x-tare-request-id").expect("every answer has one").to_owned();
                self.acknowledged.insert(tag, Told { cost: bill.cost, request });
            }
            _ => {
                self.unsure.insert(tag);
            }
        }
    }
}

/// The request with this number: short and long, streamed and not, so that a kill meets every stage.
fn make_request(seed: u64, n: u64) -> Value {
    let mut dice = Dice::new(seed, n);
    let script = match dice.between(0, 9) {
        0..3 => String::new(),
        3..7 => format!("[[chunks={} delay_ms={}]]", dice.between(2, 8), dice.between(5, 40)),
        7 | 8 => format!("[[first_ms={}]]", dice.between(10, 200)),
        _ => "[[fail:500]]".to_owned(),
    };
    json!({
        "model": dice.pick(&["demo/small", "demo/large", "demo/reports-cost"]),
        "stream": dice.between(0, 2) > 0,
        "max_tokens": dice.between(16, 400),
        "messages": [{"role": "user", "content": format!("What does number {n} weigh? {script}")}],
    })
}
