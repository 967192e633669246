//! How readers of the same process see what was acknowledged, though it is not in the tables yet.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;
use tokio::sync::oneshot;
use units::WalletId;

use super::Job;
use crate::queue::Queue;
use crate::{Fault, PATIENCE};

/// The way to the writer.
#[derive(Clone)]
pub(crate) struct Ahead {
    jobs: Queue<Job>,
    is_behind: Arc<AtomicBool>,
}

impl Ahead {
    pub(crate) const fn new(jobs: Queue<Job>, is_behind: Arc<AtomicBool>) -> Self {
        Self { jobs, is_behind }
    }

    /// Waits until the tables have everything that was acknowledged before: of one wallet, or of all.
    pub(crate) async fn catch_up(&self, wallet: Option<WalletId>) -> Result<(), Fault> {
        if !self.is_behind.load(Ordering::SeqCst) {
            return Ok(());
        }
        let (done, told) = oneshot::channel();
        let asked = self.jobs.put(Job::Project(wallet, done), PATIENCE).await;
        let failed = |_| Fault::unavailable("bringing the tables up to date", "the disk failed");
        match asked {
            Ok(()) => told.await.map_err(failed),
            // The writer brought everything into the tables before it ended.
            Err(Fault::Closed) if !self.is_behind.load(Ordering::SeqCst) => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    /// Reads what the tables would say, at the writer's: for when the disk does not take what they lack.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        wallet: Option<WalletId>,
        read: impl FnOnce(&mut Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (answer, answered) = oneshot::channel();
        // Whoever asked may have gone.
        let job = Job::Write(Box::new(move |writer| _ = answer.send(writer.read_ahead(wallet, read))));
        self.jobs.put(job, PATIENCE).await?;
        answered.await.unwrap_or(Err(Fault::Closed))
    }
}
