//! One movement of value between two accounts, sealed into the wallet's hash chain.
//!
//! A transfer stands for two entries: minus the amount on `from`, plus the amount on `to`. It cannot
//! be unbalanced. It is appended and never changed; a correction is a new transfer.

use std::fmt;

use sha2::{Digest, Sha256};
use units::{Amount, Instant, WalletId};

use crate::Account;

/// Why value moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TransferKind {
    /// Credits entered the wallet.
    Grant,
    /// A request was charged.
    Charge,
    /// A request cost more than all credits could pay; the platform bears the rest.
    Loss,
    /// Credits expired.
    Expiry,
    /// An operator took credits away.
    Adjustment,
    /// Credits went back to the card that paid for them.
    Refund,
    /// The bank took a payment back.
    Dispute,
    /// What the wallet owed was repaid.
    Repayment,
    /// A charge was taken back.
    Correction,
    /// Credits left for another wallet, or came from one.
    Move,
}

impl TransferKind {
    /// Every kind, for readers of the store.
    pub const ALL: [Self; 10] = [
        Self::Grant,
        Self::Charge,
        Self::Loss,
        Self::Expiry,
        Self::Adjustment,
        Self::Refund,
        Self::Dispute,
        Self::Repayment,
        Self::Correction,
        Self::Move,
    ];

    /// The number that stands for it in the store and in the hash chain. Never reused.
    pub const fn code(self) -> u8 {
        match self {
            Self::Grant => 1,
            Self::Charge => 2,
            Self::Loss => 3,
            Self::Expiry => 4,
            Self::Adjustment => 5,
            Self::Refund => 6,
            Self::Dispute => 7,
            Self::Repayment => 8,
            Self::Correction => 9,
            Self::Move => 10,
        }
    }

    /// The kind of a stored code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Charge => "charge",
            Self::Loss => "loss",
            Self::Expiry => "expiry",
            Self::Adjustment => "adjustment",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
            Self::Repayment => "repayment",
            Self::Correction => "correction",
            Self::Move => "move",
        }
    }
}

/// The SHA-256 that seals a transfer and everything before it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChainHash(pub [u8; 32]);

impl ChainHash {
    /// What the first transfer of a wallet builds on.
    pub const START: Self = Self([0; 32]);
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One line pair of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Whose books.
    pub wallet: WalletId,
    /// 1 for the wallet's first transfer, then without gaps.
    pub seq: u64,
    /// When it counts. Never earlier than the transfer before it.
    pub at: Instant,
    /// Why.
    pub kind: TransferKind,
    /// Where the value was.
    pub from: Account,
    /// Where the value is now.
    pub to: Account,
    /// How much; always more than zero.
    pub amount: Amount,
    /// The UUID of what caused it: the grant, the charge, the adjustment, or what amended an older one.
    pub reference: [u8; 16],
    /// The seal over this transfer and all before it.
    pub hash: ChainHash,
}

impl Transfer {
    /// The seal that belongs on this transfer, given the seal of the one before it.
    ///
    /// Hashed are fixed-width big-endian fields in the order of the struct, so that nobody can move a
    /// byte from one field to the next.
    pub fn seal(&self, previous: ChainHash) -> ChainHash {
        let mut bytes = [0u8; 32 + 16 + 8 + 8 + 3 + 32 + 8 + 16];
        let mut at = 0;
        let mut put = |field: &[u8]| {
            bytes[at..at + field.len()].copy_from_slice(field);
            at += field.len();
        };
        put(&previous.0);
        put(self.wallet.uuid().as_bytes());
        put(&self.seq.to_be_bytes());
        put(&self.at.micros().to_be_bytes());
        put(&[self.kind.code(), self.from.code(), self.to.code()]);
        for account in [self.from, self.to] {
            put(account.grant().map(|grant| grant.uuid().into_bytes()).unwrap_or_default().as_slice());
        }
        put(&self.amount.nanos().to_be_bytes());
        put(&self.reference);
        ChainHash(Sha256::digest(bytes).into())
    }
}
