//! A bounded queue from tasks to a thread that may wait, and need not wait for ever.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::Fault;

/// Where work is put in. Clones share the queue.
pub(crate) struct Queue<T> {
    work: mpsc::SyncSender<T>,
    places: Arc<Semaphore>,
}

/// Where it is taken out.
pub(crate) struct Taker<T> {
    work: mpsc::Receiver<T>,
    places: Arc<Semaphore>,
}

/// What came of waiting for work.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// There was some.
    Work,
    /// There was none in time.
    Nothing,
    /// There will never be any.
    Ended,
}

/// A queue for so much work.
pub(crate) fn queue<T>(longest: usize) -> (Queue<T>, Taker<T>) {
    let (sender, receiver) = mpsc::sync_channel(longest);
    let places = Arc::new(Semaphore::new(longest));
    (Queue { work: sender, places: Arc::clone(&places) }, Taker { work: receiver, places })
}

impl<T> Clone for Queue<T> {
    fn clone(&self) -> Self {
        Self { work: self.work.clone(), places: Arc::clone(&self.places) }
    }
}

impl<T> Queue<T> {
    /// Queues work. A full queue holds its callers back; one that stays full sends them away.
    pub(crate) async fn put(&self, work: T, patience: Duration) -> Result<(), Fault> {
        let place = match self.places.try_acquire() {
            Ok(place) => place,
            Err(_) => {
                let waited = tokio::time::timeout(patience, self.places.acquire()).await;
                waited.map_err(|_| Fault::Busy { doing: "queueing a change" })?.map_err(|_| Fault::Closed)?
            }
        };
        place.forget();
        self.work.send(work).map_err(|_| Fault::Closed)
    }
}

impl<T> Taker<T> {
    /// Waits for work, and takes all that is there up to `most`.
    pub(crate) fn take(&self, into: &mut Vec<T>, most: usize, patience: Option<Duration>) -> Taken {
        let first = match patience {
            None => self.work.recv().map_err(RecvTimeoutError::from),
            Some(patience) => self.work.recv_timeout(patience),
        };
        let before = into.len();
        match first {
            Ok(work) => into.push(work),
            Err(RecvTimeoutError::Timeout) => return Taken::Nothing,
            Err(RecvTimeoutError::Disconnected) => return Taken::Ended,
        }
        into.extend(self.work.try_iter().take(most - 1));
        self.places.add_permits(into.len() - before);
        Taken::Work
    }

    /// Lets nobody queue any more. What is queued can still be taken.
    pub(crate) fn close(&self) {
        self.places.close();
    }
}

/// Whoever waits for a place will get none.
impl<T> Drop for Taker<T> {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn a_queue_that_stays_full_sends_its_callers_away() {
        let (queue, taker) = queue(1);
        assert_eq!(queue.put(1, PATIENCE).await, Ok(()));
        assert_eq!(queue.put(2, PATIENCE).await, Err(Fault::Busy { doing: "queueing a change" }));
        let mut taken = Vec::new();
        assert_eq!((taker.take(&mut taken, 10, None), &*taken), (Taken::Work, &[1][..]));
        assert_eq!(queue.put(3, PATIENCE).await, Ok(()));
        drop(taker);
        assert_eq!(queue.put(4, PATIENCE).await, Err(Fault::Closed));
    }

    #[tokio::test]
    async fn what_was_queued_before_the_end_is_taken() {
        let (queue, taker) = queue(4);
        let mut taken = Vec::new();
        assert_eq!(taker.take(&mut taken, 10, Some(Duration::ZERO)), Taken::Nothing);
        for work in 0..3 {
            queue.put(work, PATIENCE).await.unwrap();
        }
        taker.close();
        assert_eq!(queue.put(3, PATIENCE).await, Err(Fault::Closed));
        assert_eq!((taker.take(&mut taken, 2, None), taken.len()), (Taken::Work, 2));
        drop(queue);
        assert_eq!((taker.take(&mut taken, 2, None), taken.len()), (Taken::Work, 3));
        assert_eq!(taker.take(&mut taken, 2, None), Taken::Ended);
    }
}
