//! Bringing the tables up to what the log says, a slice at a time, so that no batch waits long behind one.
//!
//! A commit of a projection waits for the disk too, though what it writes stands in the log: a system that fails to
//! write a page may forget it, and SQLite must not believe in a commit that is gone. So slices are not small.

use std::convert::Infallible;
use std::sync::atomic::Ordering;

use rusqlite::Connection;
use tokio::sync::oneshot;
use units::WalletId;

use super::transaction::{Ended, in_transaction};
use super::writer::Writer;
use super::{log, save};
use crate::Fault;
use crate::log::{Page, Slice};
use crate::rows::Rows;

/// How many bytes of pages may wait under load. The more wait, the more are netted, and the longer the start takes after a
/// process died under such a load.
const MOST_WAITING: usize = 96 << 20;

/// How many bytes are projected at once, when no more must be: some milliseconds of work.
const A_SLICE: usize = 256 << 10;

const DOING: &str = "writing the books";

impl Writer {
    /// Learns from the file what is not in the tables.
    pub(super) fn read_log(&mut self) -> Result<(), Fault> {
        (self.tail, self.number) = log::read(&self.connection)?;
        self.refused = log::list_refused(&self.connection)?;
        self.is_behind.store(!self.tail.is_empty(), Ordering::SeqCst);
        Ok(())
    }

    /// Projects as much as the load allows, and whatever somebody waits for. Answers whether that went well.
    pub(super) fn project_some(&mut self, is_idle: bool) -> bool {
        let done = self.settle_doubt().and_then(|()| {
            let slices = self.tail.due(MOST_WAITING, A_SLICE, is_idle || !self.waiting.is_empty());
            self.project(slices)
        });
        if let Err(fault) = &done {
            tracing::error!(%fault, "the tables stay behind the log");
            // They hear that nobody answers, and read ahead of the tables.
            self.waiting.clear();
        }
        self.tell_waiting();
        done.is_ok()
    }

    /// Projects for somebody who is about to read: one wallet at once, all of them between the next batches.
    pub(super) fn project_for(&mut self, wallet: Option<WalletId>, done: oneshot::Sender<()>) {
        match wallet {
            None => self.waiting.push((self.number, done)),
            Some(wallet) => match self.project_wallets([wallet]) {
                // Whoever asked may have gone.
                Ok(()) => _ = done.send(()),
                // They hear that nobody answers, and read ahead of the tables.
                Err(fault) => tracing::error!(%fault, "the tables stay behind the log"),
            },
        }
        self.tell_waiting();
    }

    /// Projects everything of these wallets, which are different ones, in one transaction.
    pub(super) fn project_wallets(&mut self, wallets: impl IntoIterator<Item = WalletId>) -> Result<(), Fault> {
        self.settle_doubt()?;
        let slices = wallets.into_iter().filter_map(|wallet| self.tail.of(wallet)).collect();
        self.project(slices)
    }

    /// Projects everything.
    pub(super) fn project_all(&mut self) -> Result<(), Fault> {
        self.settle_doubt()?;
        while !self.tail.is_empty() {
            let slices = self.tail.sweep(A_SLICE);
            self.project(slices)?;
        }
        Ok(())
    }

    /// Reads what the tables say once the tail is in them, of one wallet or of all, and leaves them as they were: a
    /// disk that takes nothing can still be read.
    pub(super) fn read_ahead<T>(
        &mut self,
        wallet: Option<WalletId>,
        read: impl FnOnce(&mut Connection) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let set = |connection: &Connection, setting| {
            connection.execute_batch(setting).map_err(|error| super::fault("reading ahead of the tables", error))
        };
        // Pages stay in memory, however many they are.
        set(&self.connection, "PRAGMA cache_spill = OFF")?;
        let refused = &self.refused;
        let ended = in_transaction(&mut self.connection, DOING, |connection| {
            // What is in memory is not trusted when the disk has failed.
            let projected = log::read(connection).and_then(|(tail, _)| {
                let mut slices = match wallet {
                    Some(wallet) => tail.of(wallet).into_iter().collect(),
                    None => tail.into_slices(),
                };
                slices.retain(|slice| !refused.contains(&slice.wallet));
                lay_down(connection, &slices)
            });
            Err::<Infallible, _>(projected.and_then(|()| read(connection)))
        });
        set(&self.connection, "PRAGMA cache_spill = ON")?;
        match ended {
            Ok(never) => match never {},
            Err(Ended::Refused(answer)) => answer,
            Err(Ended::Failed(fault)) => Err(fault),
        }
    }

    /// Projects slices in one transaction. A wallet that the tables refuse is stopped alone.
    fn project(&mut self, slices: Vec<Slice>) -> Result<(), Fault> {
        let (refused, slices): (Vec<_>, Vec<_>) =
            slices.into_iter().partition(|slice| self.refused.contains(&slice.wallet));
        for slice in refused {
            self.put_aside(slice)?;
        }
        if slices.is_empty() {
            return Ok(());
        }
        match self.try_project(&slices) {
            Ok(()) => {
                self.forget(&slices);
                Ok(())
            }
            Err(fault @ (Fault::Rejected { .. } | Fault::Corrupt { .. })) if slices.len() == 1 => {
                let wallet = slices[0].wallet;
                tracing::error!(%wallet, %fault, "a wallet is stopped");
                slices.into_iter().try_for_each(|slice| self.put_aside(slice))
            }
            Err(Fault::Rejected { .. } | Fault::Corrupt { .. }) => {
                slices.into_iter().try_for_each(|slice| self.project(vec![slice]))
            }
            Err(fault) => {
                self.is_in_doubt = true;
                Err(fault)
            }
        }
    }

    fn try_project(&mut self, slices: &[Slice]) -> Result<(), Fault> {
        let is_all = slices.iter().map(Slice::size).sum::<usize>() == self.tail.size();
        let through = self.tail.oldest().filter(|_| !is_all).map_or(self.number, |oldest| oldest - 1);
        let done = in_transaction(&mut self.connection, DOING, |connection| {
            lay_down(connection, slices)?;
            log::forget(connection, through)
        });
        Ok(done?)
    }

    fn put_aside(&mut self, slice: Slice) -> Result<(), Fault> {
        let put = in_transaction(&mut self.connection, DOING, |connection| log::put_aside(connection, &slice));
        if let Err(ended) = put {
            self.is_in_doubt = true;
            return Err(ended.into());
        }
        self.refused.insert(slice.wallet);
        self.cache.forget([slice.wallet]);
        self.forget(&[slice]);
        Ok(())
    }

    fn forget(&mut self, slices: &[Slice]) {
        self.tail.forget(slices);
        self.is_behind.store(!self.tail.is_empty(), Ordering::SeqCst);
    }

    fn tell_waiting(&mut self) {
        let oldest = self.tail.oldest().unwrap_or(i64::MAX);
        for (_, done) in self.waiting.extract_if(.., |(number, _)| *number < oldest) {
            // Whoever asked may have gone.
            let _ = done.send(());
        }
    }
}

/// Writes the rows of slices of different wallets.
fn lay_down(connection: &Connection, slices: &[Slice]) -> Result<(), Fault> {
    let mut pages = slices.iter().map(Slice::fold).collect::<Result<Vec<Page>, Fault>>()?;
    pages.sort_unstable_by_key(|page| page.wallet);
    save::save(connection, &Rows::lay_out(&pages))
}
