//! The books as pure rules.
//!
//! A [`Wallet`] is the whole state that a decision needs. [`decide`] takes a command and the time,
//! changes the wallet in memory, and notes in [`Changes`] what the store must write. A refusal leaves
//! both untouched. Nothing here waits, reads a clock, makes an id, or knows SQL, plans or tokens.
//!
//! What is kept true, at every step: available is never below zero; every transfer moves one positive
//! amount between two accounts, so the books sum to zero by construction; a hold ends once; transfers
//! are only appended, each sealed by the hash of the one before it.

mod account;
pub use account::Account;

mod transfer;
pub use transfer::{ChainHash, Transfer, TransferKind};

mod grant;
pub use grant::{Grant, Marks, OrderOfUse, Source};

mod hold;
pub use hold::{Charge, Draw, Fate, Hold};

mod past;
pub use past::{Correction, Dispute, DisputeState, Past, Refund, RefundState};

mod refusal;
pub use refusal::{Contents, Refusal};

mod wallet;
pub use wallet::{ChainHead, Wallet};

mod spender;
pub use spender::{Cap, Capped, Spender};

mod amend;
pub use amend::{
    Contest, Contested, Correct, Corrected, FinishRefund, MoveIn, MoveOut, Moved, Part, RefundFinished, RefundReserved,
    ReserveRefund,
};

mod command;
pub use command::{
    Adjust, Adjusted, Command, Freed, Granted, Issue, LateSettle, Lease, Outcome, Place, Placed, Settle, Settled,
};

mod changes;
pub use changes::Changes;

mod journal;

mod expire;
mod owed;

mod adjust;
mod issue;
mod place;
mod release;
mod settle;

mod correct;
mod dispute;
mod refund;

mod moving;
pub use moving::moved_grant;

mod decide;
pub use decide::decide;

mod audit;
pub use audit::{Auditor, Discrepancy};

mod altered;
pub use altered::{Altered, altered};

pub mod merkle;
