//! T1: random worlds against the books.
//!
//! `cargo run -p sim -- --seed N` plays one seed again and prints its story.

use std::{env, thread};

use sim::{Plan, Report, soak};

/// Every case that a command can meet. One that comes too seldom is as good as untested.
const CASES: [(&str, &[&str]); 9] = [
    ("grant", &["granted", "amount_out_of_range", "expiry_before_start", "idempotency_conflict"]),
    (
        "hold",
        &[
            "reserved",
            "reserved in part",
            "again",
            "amount_out_of_range",
            "hold_closed",
            "idempotency_conflict",
            "insufficient_credits",
        ],
    ),
    (
        "settle",
        &[
            "below the hold",
            "the whole hold",
            "above the hold, covered",
            "above the hold, some lost",
            "paid by what expired since",
            "after a lapse, covered",
            "after a lapse, some lost",
            "without a hold, covered",
            "without a hold, some lost",
            "again",
            "amount_out_of_range",
            "hold_closed",
            "hold_unknown",
        ],
    ),
    ("release", &["freed", "freed, some expired", "again", "hold_closed", "hold_unknown"]),
    ("renew", &["moved on", "not shortened", "hold_closed", "hold_unknown"]),
    ("lapse", &["freed", "still leased", "nothing to close"]),
    ("expire", &["booked", "nothing due"]),
    ("adjust", &["added", "taken", "amount_out_of_range", "idempotency_conflict", "insufficient_credits"]),
    ("(journal)", &["grant", "charge", "loss", "expiry", "adjustment"]),
];

fn play(seeds: u64, commands: usize) -> Report {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let report = soak(Plan { first_seed: 0, seeds, commands, threads }, |_| ());
    println!("{}\n{}", report.tally, report.line());
    assert!(report.failures.is_empty(), "{}\n{}", report.line(), report.story().unwrap_or_default());
    report
}

/// A quick look, for builds that test a fault.
#[test]
fn t1_quick_look() {
    play(40, 2_000);
}

/// 2,000 seeds x 5,000 commands; a thousand million commands with `TARE_TEST_SIZE=release`.
#[test]
fn t1_per_change_size() {
    let is_release = env::var("TARE_TEST_SIZE").is_ok_and(|size| size == "release");
    let report = play(if is_release { 200_000 } else { 2_000 }, 5_000);
    for (verb, cases) in CASES {
        for case in cases {
            let seen = report.tally.of(verb, case);
            assert!(seen >= 1_000, "{verb} met the case `{case}` only {seen} times");
        }
    }
}
