//! Telling everybody in a batch what became of it. To wake hundreds of callers takes long enough that another thread does
//! it, while the next batch is decided.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use crate::Fault;
use crate::batch::{Answer, Waiting};

type Answers = (Vec<Waiting>, Vec<Answer>);

/// The thread, and the way to it.
pub(super) struct Answering {
    answers: SyncSender<Answers>,
    thread: JoinHandle<()>,
}

/// Who waits in a smaller batch is told at once: the other thread would have to wake first.
const FEW: usize = 16;

/// So many batches may wait to be told before the writer waits too.
const MOST_UNTOLD: usize = 64;

impl Answering {
    pub(super) fn start() -> Result<Self, Fault> {
        let (answers, taken) = sync_channel(MOST_UNTOLD);
        let work = move || taken.into_iter().for_each(|(waiting, answers)| tell(waiting, answers));
        let started = std::thread::Builder::new().name("tare-answers".to_owned()).spawn(work);
        let thread = started.map_err(|error| Fault::unavailable("starting to answer", error))?;
        Ok(Self { answers, thread })
    }

    /// Has everybody told.
    pub(super) fn answer(&self, waiting: Vec<Waiting>, answers: Vec<Answer>) {
        let untold = match waiting.len() < FEW {
            true => Some((waiting, answers)),
            // A thread that is gone, after a panic, gives back what it was handed.
            false => self.answers.send((waiting, answers)).err().map(|lost| lost.0),
        };
        if let Some((waiting, answers)) = untold {
            tell(waiting, answers);
        }
    }

    /// Waits until everybody was told.
    pub(super) fn end(self) {
        drop(self.answers);
        if self.thread.join().is_err() {
            tracing::error!("the thread that answers ended with a panic");
        }
    }
}

fn tell(waiting: Vec<Waiting>, answers: Vec<Answer>) {
    waiting.into_iter().zip(answers).for_each(|(waiting, answer)| waiting.answer(answer));
}
