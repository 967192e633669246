//! The demo's own books: every call it was asked, and what an honest provider bills for it.
//!
//! A call is open from its admission to its end; what it bills is known only then. Numbers of calls
//! rise for ever, also after a reset, so that a call that ends late is never taken for another.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;
use tokio::sync::Notify;
use units::Cost;

use super::tokens::Tokens;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It still runs.
    Open,
    /// The answer was written to its end, right or wrong.
    Finished,
    /// The client left before the end.
    Left,
    /// The demo broke the connection itself.
    Broken,
    /// Answered with a status other than 200.
    Refused,
}

/// One call.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// Its number, rising from 1.
    pub n: u64,
    /// From `x-demo-tag`, `metadata.tag` or `user`; empty without any.
    pub tag: String,
    /// The first 16 hexadecimal digits of the SHA-256 of the bearer key; empty without one.
    pub key: String,
    /// The path.
    pub path: String,
    /// The model as it was asked for.
    pub model: String,
    /// Whether a stream was asked for.
    pub stream: bool,
    /// The status that was answered; 0 while none was.
    pub status: u16,
    /// How it ended.
    pub outcome: Outcome,
    /// The tokens that are billed.
    pub tokens: Tokens,
    /// What is billed, in dollars.
    pub billed: Cost,
    /// The headers, when the settings say so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
}

/// All calls since the last reset, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// Calls that were admitted or refused.
    pub calls: u64,
    /// Calls that still run.
    pub open: u64,
    /// Calls whose client left.
    pub left: u64,
    /// Requests that followed a redirect, which none should.
    pub trapped: u64,
    /// What is billed, in dollars.
    pub billed: Cost,
}

/// The books of one demo upstream.
#[derive(Debug)]
pub struct Truth {
    books: Mutex<Books>,
    ended: Notify,
    keep: usize,
}

#[derive(Debug, Default)]
struct Books {
    last: u64,
    calls: VecDeque<Call>,
    sum: Sum,
    /// Calls with a number up to this were forgotten by a reset.
    reset_at: u64,
    steps: HashMap<(String, String), usize>,
}

impl Truth {
    pub(super) fn keeping(keep: usize) -> Self {
        Self { books: Mutex::default(), ended: Notify::new(), keep }
    }

    /// The calls that are kept, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.list(0, None)
    }

    /// The calls after number `since`, and of that tag if one is named.
    pub fn list(&self, since: u64, tag: Option<&str>) -> Vec<Call> {
        let wanted = |call: &&Call| call.n > since && tag.is_none_or(|tag| call.tag == tag);
        self.books().calls.iter().filter(wanted).cloned().collect()
    }

    /// All calls added up.
    pub fn sum(&self) -> Sum {
        self.books().sum
    }

    /// Forgets all calls and the places in scripts.
    pub fn reset(&self) {
        let mut books = self.books();
        *books = Books { last: books.last, reset_at: books.last, ..Books::default() };
    }

    /// Waits until no call runs.
    pub async fn idle(&self) {
        loop {
            let ended = self.ended.notified();
            if self.sum().open == 0 {
                return;
            }
            ended.await;
        }
    }

    /// Opens a call and gives it its number.
    pub(super) fn open(&self, mut call: Call) -> u64 {
        let mut books = self.books();
        books.last += 1;
        call.n = books.last;
        books.sum.calls += 1;
        books.sum.open += 1;
        books.calls.push_back(call);
        if books.calls.len() > self.keep {
            books.calls.pop_front();
        }
        books.last
    }

    /// Ends a call.
    pub(super) fn end(&self, n: u64, status: u16, outcome: Outcome, tokens: Tokens, billed: Cost) {
        let mut books = self.books();
        if n <= books.reset_at {
            return;
        }
        books.sum.open -= 1;
        books.sum.left += u64::from(outcome == Outcome::Left);
        books.sum.billed = [books.sum.billed, billed].into_iter().sum();
        if let Some(call) = books.find(n) {
            (call.status, call.outcome, call.tokens, call.billed) = (status, outcome, tokens, billed);
        }
        drop(books);
        self.ended.notify_waiters();
    }

    pub(super) fn trap(&self) {
        self.books().sum.trapped += 1;
    }

    /// Which step of `script` it is this time for that tag.
    pub(super) fn next_step(&self, tag: &str, script: &str) -> usize {
        let mut books = self.books();
        let step = books.steps.entry((tag.to_owned(), script.to_owned())).or_default();
        *step += 1;
        *step - 1
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books {
    fn find(&mut self, n: u64) -> Option<&mut Call> {
        let first = self.calls.front()?.n;
        self.calls.get_mut(usize::try_from(n.checked_sub(first)?).ok()?)
    }
}
