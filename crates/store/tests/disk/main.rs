//! T2 and T7 of RELIABILITY.md: the store on a disk that fails, stops or loses power at any of its changes.
//!
//! The store and SQLite are those that ship; the disk below them is ours. Scripts are drawn by the simulator. What is
//! found after a restart is compared to the byte with the books of a run without faults, at the command that was
//! acknowledged last or one that was asked for since; then whoever was not answered asks again.

mod disk;
mod full;
mod place;
mod script;
mod trial;
mod vfs;

use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::disk::Disk;
use crate::place::Place;
use crate::script::Script;
use crate::trial::{Fault, Moment};

/// How many commands a script has.
const COMMANDS: usize = 12;
const SEEDS: u64 = 200;

const ERRORS: [Fault; 4] = [
    Fault::Error { is_full: false, forgets: false },
    Fault::Error { is_full: false, forgets: true },
    Fault::Error { is_full: true, forgets: false },
    Fault::Kill,
];

fn is_release_size() -> bool {
    std::env::var("TARE_TEST_SIZE").is_ok_and(|size| size == "release")
}

/// What came of many moments.
#[derive(Default)]
struct Tally {
    moments: AtomicU64,
    wrong: Mutex<Vec<String>>,
}

/// Plays each seed with every fault in turns, at `moments` changes spread over its script; all of them with `None`.
fn play(seeds: std::ops::Range<u64>, moments: Option<u64>, faults: &'static [Fault], enough: u64) -> Tally {
    let tally = Arc::new(Tally::default());
    let next = Arc::new(AtomicU64::new(seeds.start));
    let work = || {
        let (tally, next) = (Arc::clone(&tally), Arc::clone(&next));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let place = Place::new();
            let blank = script::blank(&place).await;
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= seeds.end || tally.moments.load(Ordering::Relaxed) >= enough {
                    return;
                }
                play_one(&place, &blank, seed, moments, faults, &tally).await;
            }
        });
    };
    std::thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(work))));
    Arc::into_inner(tally).expect("the threads have ended")
}

async fn play_one(place: &Place, blank: &Disk, seed: u64, moments: Option<u64>, faults: &[Fault], tally: &Tally) {
    let script = Script::learn(place, seed, COMMANDS, blank).await;
    let count = moments.unwrap_or(script.changes);
    for nth in 0..count {
        // Spread evenly, and not at the same places for every seed.
        let change = 1 + (nth * script.changes + seed % script.changes) / count % script.changes;
        let turn = (seed + nth) as usize;
        let chosen = if moments.is_some() { &faults[turn % faults.len()..][..1] } else { faults };
        for fault in chosen {
            let at_once = if matches!(fault, Fault::Error { .. }) { 1 } else { [1, 3, COMMANDS][turn % 3] };
            let moment = Moment { change, fault: *fault, at_once };
            if let Err(wrong) = trial::play(place, &script, moment).await {
                tally
                    .wrong
                    .lock()
                    .unwrap()
                    .push(format!("seed {seed} of {} changes, {moment:?}: {wrong}", script.changes));
            }
            tally.moments.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Says what was seen; and nothing may have been wrong.
fn judge(what: &str, tally: &Tally) {
    let (moments, wrong) = (tally.moments.load(Ordering::Relaxed), tally.wrong.lock().unwrap());
    println!("{what}: {moments} moments, {} wrong", wrong.len());
    assert!(
        wrong.is_empty(),
        "{} of {moments}; the first ones:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(5)].join("\n")
    );
}

/// T2, a few moments of many seeds; 50,000 with `TARE_TEST_SIZE=release`.
#[test]
fn an_error_or_a_kill_at_any_change_loses_and_doubles_nothing() {
    let (seeds, moments) = if is_release_size() { (0..10_000, None) } else { (0..SEEDS, Some(8)) };
    judge("T2, many seeds", &play(seeds, moments, &ERRORS, 50_000));
}

/// T2, every moment of one seed.
#[test]
fn an_error_or_a_kill_at_every_change_of_a_script_loses_and_doubles_nothing() {
    judge("T2, every change of a script", &play(3..4, None, &ERRORS, u64::MAX));
}

/// T7; 5,000 moments with `TARE_TEST_SIZE=release`.
#[test]
fn a_loss_of_power_takes_nothing_that_was_acknowledged() {
    let (seeds, moments) = if is_release_size() { (0..10_000, None) } else { (0..SEEDS, Some(4)) };
    judge("T7", &play(seeds, moments, &[Fault::Power], if is_release_size() { 5_000 } else { u64::MAX }));
}

/// The rig bites: the same test fails when commits do not wait for the disk.
#[test]
fn without_waiting_for_the_disk_the_loss_of_power_is_noticed() {
    let test = "a_loss_of_power_takes_nothing_that_was_acknowledged";
    let mut rigged = Command::new(std::env::current_exe().unwrap());
    rigged.args([test, "--exact", "--nocapture"]).env("TARE_RIG_SYNCHRONOUS", "NORMAL").env_remove("TARE_TEST_SIZE");
    let ended = rigged.output().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    let line = said.lines().find(|line| line.starts_with("T7:")).unwrap_or_else(|| panic!("{ended:?}"));
    println!("with synchronous=NORMAL, {line}");
    assert!(!ended.status.success(), "it was not noticed: {said}");
    assert!(String::from_utf8_lossy(&ended.stderr).contains("were answered"), "{ended:?}");
}

/// The rig bites: on a disk that only says that it has synced, acknowledged changes are lost, and it notices.
#[test]
fn a_disk_that_lies_is_found_out() {
    let tally = play(0..20, Some(4), &[Fault::PowerOfALiar], u64::MAX);
    let (moments, wrong) = (tally.moments.load(Ordering::Relaxed), tally.wrong.lock().unwrap());
    println!("a disk that lies: {} of {moments} moments show it", wrong.len());
    assert!(wrong.len() as u64 > moments / 4, "{wrong:?}");
}
