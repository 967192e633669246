//! T6 of RELIABILITY.md: reads go on when the disk is full, though the tables cannot follow the log any more.

use store::{Database, Reader, Store, dump};

use crate::disk::{Disk, Plan};
use crate::place::Place;
use crate::script::{self, Books, Script, digest, is_fault};
use crate::{COMMANDS, is_release_size};

/// What was seen.
#[derive(Debug, Default)]
struct Seen {
    moments: u64,
    /// How often the tables did not have what was acknowledged, so that it was read ahead of them.
    behind: u64,
}

#[tokio::test]
async fn a_full_disk_is_read_to_the_last_acknowledged_command() {
    let place = Place::new();
    let blank = script::blank(&place).await;
    let mut seen = Seen::default();
    for seed in 0..if is_release_size() { 200 } else { 5 } {
        let script = Script::learn(&place, seed, COMMANDS, &blank).await;
        // Spread over the script, and not at the same places for every seed.
        for change in (1 + seed % 5..script.changes).step_by(5) {
            fill_up(&place, &script, &blank, change, &mut seen).await;
        }
    }
    println!("{seen:?}");
    assert!(seen.behind > seen.moments / 20, "the tables were hardly ever behind: {seen:?}");
}

/// Plays a script until the disk is full, looks, makes room, and plays on.
async fn fill_up(place: &Place, script: &Script, blank: &Disk, change: u64, seen: &mut Seen) {
    let disk = place.mount(blank.after_a_kill());
    let Ok(store) = place.open().await else { return };
    disk.lock().unwrap().follow(Plan::IsFullFrom { change });
    let mut answered = 0;
    for (posting, due) in script.postings.iter().zip(&script.answers) {
        let answer = store.post(posting.clone()).await;
        if is_fault(&answer) {
            break;
        }
        assert_eq!(&answer, due, "seed {}, full from {change}", script.seed);
        answered += 1;
    }
    let due = script.books[answered];
    seen.moments += 1;
    seen.behind += u64::from(tables(place).await != due);
    for _ in 0..2 {
        let found = script::books(&store).await;
        assert!(found == due, "seed {}, full from {change}: not the books after {answered} commands", script.seed);
    }
    disk.lock().unwrap().follow(Plan::Sound);
    go_on(&store, script, answered).await;
    store.close().await;
}

/// The books as the tables alone have them.
async fn tables(place: &Place) -> Books {
    let reader = Reader::open(&Database::Sqlite(place.path())).await.unwrap();
    let mut text = Vec::new();
    dump(&reader, &mut text).await.unwrap();
    digest(&text)
}

async fn go_on(store: &Store, script: &Script, answered: usize) {
    for posting in &script.postings[answered..] {
        let answer = store.post(posting.clone()).await;
        assert!(!is_fault(&answer), "seed {}: there is room again, and yet {answer:?}", script.seed);
    }
    assert!(script::books(store).await == script.books[script.postings.len()], "seed {}", script.seed);
}
