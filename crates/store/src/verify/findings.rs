//! What was found in one wallet: the first difference in full, and how many follow it.

use std::fmt;

use ledger::{ChainHead, Discrepancy, Transfer, altered};
use units::WalletId;

use super::{Checked, Wrong};
use crate::Fault;

/// Where stored books disagree with themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// In which wallet; none for what belongs to all of them.
    pub wallet: Option<WalletId>,
    /// At which transfer of its journal, where it is one.
    pub seq: Option<u64>,
    /// What is wrong: what was expected, and what stands there.
    pub what: String,
    /// How many more differences the wallet has behind this first one. One wrong number can show in several.
    pub more: u64,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(wallet) = self.wallet {
            write!(f, "{wallet}: ")?;
        }
        f.write_str(&self.what)?;
        match self.more {
            0 => Ok(()),
            1 => f.write_str("; and 1 more in this wallet"),
            more => write!(f, "; and {more} more in this wallet"),
        }
    }
}

/// The differences of one wallet, in the order in which they were found.
#[derive(Default)]
pub(super) struct Findings {
    first: Option<(Option<u64>, String)>,
    more: u64,
}

impl Findings {
    pub(super) fn add(&mut self, seq: Option<u64>, what: impl FnOnce() -> String) {
        match self.first {
            Some(_) => self.more += 1,
            None => self.first = Some((seq, what())),
        }
    }

    /// Notes what a part of the check found, and answers with what it made when it found nothing.
    pub(super) fn note<T>(&mut self, checked: Checked<T>) -> Result<Option<T>, Fault> {
        match checked {
            Ok(value) => Ok(Some(value)),
            Err(Wrong::Different(what)) => {
                self.add(None, || what);
                Ok(None)
            }
            Err(Wrong::Fault(fault)) => Err(fault),
        }
    }

    /// Notes what is wrong with a transfer, with what stood there when that can be found out.
    pub(super) fn wrong(
        &mut self,
        found: Discrepancy,
        before: ChainHead,
        transfer: &Transfer,
        next: Option<&Transfer>,
    ) {
        let seq = transfer.seq;
        match found {
            Discrepancy::Gap { expected, .. } if seq > expected => {
                let what = || format!("transfer {expected} is missing: expected {expected}, stands {seq}");
                self.add(Some(expected), what);
                // Each row that is missing is a difference.
                self.more += seq - expected - 1;
            }
            Discrepancy::Seal { .. } => {
                self.add(Some(seq), || format!("transfer {seq}: {}", altered(before.hash, transfer, next)));
            }
            other => self.add(Some(seq), || without_wallet(&other, transfer.wallet)),
        }
    }

    pub(super) fn difference(self, wallet: WalletId) -> Option<Difference> {
        let (seq, what) = self.first?;
        Some(Difference { wallet: Some(wallet), seq, what, more: self.more })
    }
}

/// A difference names its wallet itself.
pub(super) fn without_wallet(found: &Discrepancy, wallet: WalletId) -> String {
    let text = found.to_string();
    text.strip_prefix(&format!("{wallet}: ")).map_or(text.clone(), ToOwned::to_owned)
}
