//! One command in, one answer out: the heart of the books.

use units::{HoldId, Instant};

use crate::{Changes, Command, Outcome, Refusal, Wallet, adjust, expire, issue, place, release, settle};

/// Decides one command on a wallet at a time.
///
/// On success the wallet is as it will be and `changes` has what to write. On refusal both are
/// untouched. Time never goes behind the wallet's last transfer, so a wall clock that jumps back
/// cannot make expired credits spendable again.
pub fn decide(wallet: &mut Wallet, command: &Command, now: Instant, changes: &mut Changes) -> Result<Outcome, Refusal> {
    let now = now.max(wallet.head.at);
    let outcome = match command {
        Command::Issue(issue) => issue::issue(wallet, changes, issue, now),
        Command::Place(place) => place::place(wallet, changes, place, now),
        Command::Settle(settle) => settle::settle(wallet, changes, settle, now),
        Command::Release(hold) => release::release(wallet, changes, *hold, now),
        Command::Renew(lease) => release::renew(wallet, changes, *lease),
        Command::Lapse(hold) => Ok(release::lapse(wallet, changes, *hold, now)),
        Command::Expire => Ok(expire::expire(wallet, changes, now)),
        Command::Adjust(adjust) => adjust::adjust(wallet, changes, adjust, now),
    }?;
    // Available is a sum of differences that `Grant::unheld` refuses to take below zero.
    assert!(!wallet.available(now).is_negative(), "available of {} is below zero", wallet.id);
    Ok(outcome)
}

impl Command {
    /// The hold whose fate the store must look up before this command can be decided: the one it names,
    /// when it is not open and could have ended before.
    pub fn needs_fate(&self, wallet: &Wallet) -> Option<HoldId> {
        let named = match self {
            Self::Place(place) if !place.is_fresh => place.hold,
            Self::Settle(settle) => settle.hold,
            Self::Release(hold) => *hold,
            Self::Renew(lease) => lease.hold,
            _ => return None,
        };
        (wallet.hold(named).is_none() && wallet.fate(named).is_none()).then_some(named)
    }
}
