//! What a node remembers between batches: wallets, and how far it has read the log.
//!
//! Other nodes append to the log too. Behind the fence everything that they appended is read and applied, so what
//! is remembered is what the log says. The memory belongs to one connection: when the server loses the last holds
//! in a crash, it loses the connection too, and with it everything that was remembered.

use std::collections::VecDeque;

use foldhash::{HashMap, HashSet};
use ledger::Wallet;
use units::WalletId;

use crate::Fault;
use crate::cache::Cache;
use crate::log::{Tail, pages};

/// For how many batches another node is remembered.
const TURNS: u32 = 8;

#[derive(Default)]
pub(super) struct Memory {
    pub cache: Cache,
    /// The last batch of the log that is part of what is remembered.
    pub seen: i64,
    /// The last batch that is in the tables whole, when it was last looked at.
    projected: i64,
    /// Wallets of which the tables do not have everything, with the last batch that changed them.
    behind: HashMap<WalletId, i64>,
    /// For how many more batches other nodes are expected to append between ours.
    turns: u32,
    /// Batches that are not in the tables, and their bytes.
    waiting: VecDeque<(i64, usize)>,
}

impl Memory {
    /// Remembers nothing; what is not in the tables begins behind a batch.
    pub(super) fn new(projected: i64) -> Self {
        Self { seen: projected, projected, ..Self::default() }
    }

    /// The wallets of the batch at hand.
    pub(super) fn wallets(&mut self) -> &mut HashMap<WalletId, Wallet> {
        &mut self.cache.young
    }

    /// The tables have everything up to a batch.
    pub(super) fn projected(&mut self, through: i64) {
        if through > self.projected {
            self.projected = through;
            self.behind.retain(|_, number| *number > through);
            while self.waiting.front().is_some_and(|(number, _)| *number <= through) {
                self.waiting.pop_front();
            }
        }
    }

    /// Applies what other nodes appended. When some of it is gone from the log already, everything is forgotten.
    pub(super) fn read_on(&mut self, batches: Vec<(i64, Vec<u8>)>) -> Result<(), Fault> {
        self.turns = if batches.is_empty() { self.turns.saturating_sub(1) } else { TURNS };
        let next = batches.first().map_or(self.projected + 1, |(number, _)| *number);
        if next > self.seen + 1 {
            self.cache.clear();
            self.seen = next - 1;
        }
        let mut tail = Tail::default();
        for (number, body) in &batches {
            tail.push(*number, body, |_| false)?;
            self.note(*number, body)?;
        }
        for slice in tail.into_slices() {
            let Some(wallet) = self.cache.take(slice.wallet) else { continue };
            // Where that fails it is read anew with its next posting.
            if let Ok(wallet) = slice.fold().and_then(|page| page.apply(wallet)) {
                self.cache.young.insert(slice.wallet, wallet);
            }
        }
        Ok(())
    }

    /// Whether other nodes append between our batches.
    pub(super) const fn takes_turns(&self) -> bool {
        self.turns > 0
    }

    /// A batch was committed, of which the wallets in memory have everything.
    pub(super) fn note(&mut self, number: i64, body: &[u8]) -> Result<(), Fault> {
        self.seen = number;
        if number > self.projected {
            self.behind.extend(pages(number, body)?.into_iter().map(|(wallet, _)| (wallet, number)));
            self.waiting.push_back((number, body.len()));
        }
        Ok(())
    }

    /// Whether the tables do not have everything of one of these wallets.
    pub(super) fn is_behind(&self, wallets: &HashSet<WalletId>) -> bool {
        wallets.iter().any(|wallet| self.behind.contains_key(wallet))
    }

    /// Bytes of the log that are not in the tables.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.iter().map(|(_, bytes)| bytes).sum()
    }

    /// The batch up to which the tables must come so that at most so many bytes of the log wait for them.
    pub(super) fn too_far_behind(&self, most: usize) -> Option<i64> {
        let mut bytes = 0;
        let is_too_much = |(_, size): &&(i64, usize)| {
            bytes += size;
            bytes > most
        };
        self.waiting.iter().rev().find(is_too_much).map(|(number, _)| *number)
    }

    /// After a batch.
    pub(super) fn rest(&mut self, touched: impl Iterator<Item = WalletId>) {
        self.cache.forget_fates(touched);
        self.cache.age();
    }
}
