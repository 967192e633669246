//! `now` and what is random enter at the door, once a request or job, and are handed down.
//!
//! So a test, a scenario and a sandbox account can walk through years, and a replay gives the same answer. Timeouts
//! on tokio's clock are no exception to that: they decide how long to wait, never what is written. The standard
//! library's `Instant` is refused even for measuring; the few files that need it are exceptions with a reason.

use crate::{Code, Exception, Seen, Violation};

/// Where the clock and the random source live, and the world of the tests.
const ROOMS_WITH_A_CLOCK: &[&str] = &["tare", "sim", "house"];

/// The last two names of a call that reads a clock or makes something random.
const CALLS: &[(&str, &str)] = &[
    ("SystemTime", "now"),
    ("Instant", "now"),
    ("Timestamp", "now"),
    ("Zoned", "now"),
    ("Uuid", "now_v1"),
    ("Uuid", "now_v6"),
    ("Uuid", "now_v7"),
    ("Uuid", "new_v4"),
    ("RandomState", "new"),
];

/// Crates that are a source of randomness, whatever is called.
const RANDOM: &[&str] = &["rand", "rand_core", "getrandom", "fastrand", "oorandom"];

/// No clock and no randomness outside `tare` and the tests, but in the excepted files; and no exception without need.
#[must_use]
pub fn no_clock(code: &[Code], excepted: &[Exception]) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in code.iter().filter(|file| !ROOMS_WITH_A_CLOCK.contains(&file.room())) {
        for fact in file.facts.iter().filter(|fact| !fact.in_test) {
            let Seen::Path(path) = &fact.seen else { continue };
            if let Some(full) = file.meanings(path).into_iter().find(|full| reads_the_world(full)) {
                found.push(Violation {
                    file: file.file.clone(),
                    line: fact.line,
                    rule: "no clock and no randomness below the door",
                    found: format!("`{}`", full.join("::")),
                    instead: "take `now` or the id as an argument; `tare` makes it once a request or job".to_owned(),
                });
            }
        }
    }
    Exception::apply(excepted, found)
}

fn reads_the_world(full: &[String]) -> bool {
    if full.first().is_some_and(|first| RANDOM.contains(&first.as_str())) {
        return true;
    }
    let is_tokio = full.first().is_some_and(|first| first == "tokio");
    let [.., of, call] = full else { return false };
    !is_tokio && CALLS.contains(&(of.as_str(), call.as_str()))
}
