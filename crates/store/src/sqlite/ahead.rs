//! How readers of the same process see what was acknowledged, though it is not in the tables yet.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
}
