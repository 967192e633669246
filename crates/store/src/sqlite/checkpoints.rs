//! Moving SQLite's write-ahead log into the file beside the thread that writes it.
//!
//! The writer does it itself when that log is full, and nobody is answered meanwhile. So another thread moves what is
//! there long before, and the writer finds little left to do. If that thread fails, nothing is lost: what it did not move
//! stays in the log until somebody does.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;

use crate::Fault;

/// The thread, and the way to it.
pub(super) struct Checkpoints {
    bell: SyncSender<()>,
    thread: JoinHandle<()>,
}

/// It is rung after so many bytes of pages. Their rows are about twice as much of the write-ahead log, a fifth of what the
/// writer lets it grow to.
const MANY: usize = 8 << 20;

impl Checkpoints {
    pub(super) fn start(path: &Path) -> Result<Self, Fault> {
        let connection = super::open_mover(path)?;
        let (bell, rings) = sync_channel(1);
        let started = std::thread::Builder::new().name("tare-checkpoint".to_owned());
        let thread = started.spawn(move || work(&connection, &rings));
        let thread = thread.map_err(|error| Fault::unavailable("starting to move the log", error))?;
        Ok(Self { bell, thread })
    }

    /// Has the log moved when much was written since.
    pub(super) fn ring(&self, written: &mut usize) {
        if *written >= MANY {
            *written = 0;
            // Where it is rung already, it will find this too.
            let _ = self.bell.try_send(());
        }
    }

    /// Waits for what is being moved.
    pub(super) fn end(self) {
        drop(self.bell);
        if self.thread.join().is_err() {
            tracing::error!("the thread that moves the log ended with a panic");
        }
    }
}

fn work(connection: &Connection, rings: &Receiver<()>) {
    for () in rings {
        if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
            tracing::debug!(%error, "the log is not moved yet");
        }
    }
}
