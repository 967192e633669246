//! One thing that happens in a random world. A list of them is a whole run, and can be played again.

use ledger::Command;
use units::{Instant, WalletId};

use crate::names;

/// What happens, where and when.
#[derive(Clone, Debug)]
pub struct Step {
    /// What the wall clock says. It may say less than before.
    pub at: Instant,
    /// Which wallet, counted from 0. A save concerns all.
    pub wallet: usize,
    /// What.
    pub action: Action,
}

/// What happens in a step.
#[derive(Clone, Debug)]
pub enum Action {
    /// Somebody asks something of the wallet.
    Command(Command),
    /// The batch is written, and the wallets are loaded again.
    Save,
}

/// The wallet of a step: `a`, `b`, `c`.
///
/// # Panics
/// Beyond 26 wallets.
pub fn wallet_id(index: usize) -> WalletId {
    let letter = u8::try_from(index).ok().and_then(|index| b'a'.checked_add(index)).expect("a world is small");
    WalletId::from_uuid(names::uuid(&char::from(letter).to_string()).expect("a letter is a name"))
}

/// What is asked, in the words of stories.
pub(crate) const fn verb(command: &Command) -> &'static str {
    match command {
        Command::Issue(_) => "grant",
        Command::Place(_) => "hold",
        Command::Settle(_) => "settle",
        Command::Release(_) => "release",
        Command::Renew(_) => "renew",
        Command::Lapse(_) => "lapse",
        Command::Expire => "expire",
        Command::Adjust(_) => "adjust",
        Command::ReserveRefund(_) => "refund",
        Command::FinishRefund(finish) if finish.is_paid => "refund-paid",
        Command::FinishRefund(_) => "refund-failed",
        Command::Contest(_) => "dispute",
        Command::Correct(_) => "correct",
        Command::MoveOut(_) => "move",
        Command::MoveIn(_) => "arrive",
    }
}
