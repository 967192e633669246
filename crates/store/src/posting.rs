//! What is asked of the books, and how they refuse.

use ledger::{Command, Refusal};
use thiserror::Error;
use units::{Instant, WalletId};

use crate::Fault;

/// One command for one wallet, at a time that was read once at the door.
#[derive(Clone, Debug)]
pub struct Posting {
    /// Whose books.
    pub wallet: WalletId,
    /// When it counts.
    pub now: Instant,
    /// What is asked.
    pub command: Command,
    /// The caller's key, when it sent one.
    pub key: Option<IdempotencyKey>,
    /// What the request used; written with the charge of a [`Command::Settle`].
    ///
    /// The names of model, provider and project are kept to [`crate::LONGEST_LABEL`] bytes.
    pub usage: Option<billing::UsageRecord>,
}

impl Posting {
    /// The wallets that the command is about.
    pub(crate) fn wallets(&self) -> impl Iterator<Item = WalletId> {
        let other = match &self.command {
            Command::MoveOut(asked) => Some(asked.to),
            _ => None,
        };
        std::iter::once(self.wallet).chain(other)
    }
}

/// The caller's name for a change, so that the same change sent twice happens once.
///
/// Keys are scoped to the wallet. The same key with the same content answers the first outcome; with
/// other content it is refused. A refused command leaves no key behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The key as the caller sent it.
    pub key: String,
    /// A SHA-256 over all that the caller asked for.
    pub content: [u8; 32],
}

/// Why a posting changed nothing that was acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PostError {
    /// The rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no such wallet.
    #[error("{0} is not known")]
    UnknownWallet(WalletId),
    /// The world fails. After [`Fault::Unavailable`] the change may or may not have happened; the same
    /// posting again finds out.
    #[error(transparent)]
    Fault(#[from] Fault),
}
