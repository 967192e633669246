//! Many seeds on all cores.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use crate::trial::{self, Failure};
use crate::{Tally, story};

/// After so many seeds that went wrong, the rest would say the same.
const ENOUGH_FAILURES: usize = 5;

/// How much to play.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The first seed.
    pub first_seed: u64,
    /// How many seeds.
    pub seeds: u64,
    /// How many commands in each.
    pub commands: usize,
    /// On how many threads.
    pub threads: usize,
}

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// What was planned.
    pub plan: Plan,
    /// How many seeds were played: fewer than planned, when too many went wrong.
    pub seeds: u64,
    /// What was seen in the seeds without a violation.
    pub tally: Tally,
    /// The seeds that went wrong, in order.
    pub failures: Vec<Failure>,
    /// How long it took.
    pub seconds: f64,
}

/// Plays the plan, and tells now and then how many seeds are done.
pub fn soak(plan: Plan, progress: impl Fn(u64) + Sync) -> Report {
    let begun = Instant::now();
    let next = AtomicU64::new(0);
    let seen = Mutex::new((Tally::default(), Vec::new(), 0));
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= plan.seeds {
                return;
            }
            let outcome = trial::run(plan.first_seed + number, plan.commands);
            let mut seen = seen.lock().expect("no thread panics while it counts");
            match outcome {
                Ok(tally) => seen.0.add(&tally),
                Err(failure) => seen.1.push(*failure),
            }
            seen.2 += 1;
            if seen.1.len() >= ENOUGH_FAILURES {
                next.store(plan.seeds, Ordering::Relaxed);
            }
            progress(seen.2);
        }
    };
    thread::scope(|scope| (0..plan.threads.max(1)).for_each(|_| drop(scope.spawn(work))));
    let (tally, mut failures, seeds) = seen.into_inner().expect("no thread panics while it counts");
    failures.sort_by_key(|failure| failure.seed);
    Report { plan, seeds, tally, failures, seconds: begun.elapsed().as_secs_f64() }
}

impl Report {
    /// The one line that is published.
    pub fn line(&self) -> String {
        let Plan { first_seed, commands, threads, .. } = self.plan;
        let seeds = self.seeds;
        format!(
            "T1: {seeds} seeds from {first_seed} x {commands} commands = {} commands, {} violations, {:.1} s on {threads} threads",
            seeds * commands as u64,
            self.failures.len(),
            self.seconds
        )
    }

    /// The first failure, as a story; nothing when there is none.
    pub fn story(&self) -> Option<String> {
        self.failures.first().map(story::of_failure)
    }
}
