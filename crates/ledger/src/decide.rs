//! One command in, one answer out: the heart of the books.

use units::{HoldId, Instant};

use crate::{
    Changes, Command, Outcome, Refusal, Wallet, adjust, correct, dispute, expire, issue, moving, place, refund,
    release, settle,
};

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
        Command::MoveOut(asked) => moving::move_out(wallet, changes, asked, now),
        Command::MoveIn(asked) => moving::move_in(wallet, changes, asked, now),
        Command::ReserveRefund(_) | Command::FinishRefund(_) | Command::Contest(_) | Command::Correct(_) => {
            look_back(wallet, command, now, changes)
        }
    }?;
    // Available is a sum of differences that `Grant::unheld` refuses to take below zero.
    assert!(!wallet.available(now).is_negative(), "available of {} is below zero", wallet.id);
    Ok(outcome)
}

/// Decides a command that needs the past, with the grants of the past at hand.
fn look_back(wallet: &mut Wallet, command: &Command, now: Instant, changes: &mut Changes) -> Result<Outcome, Refusal> {
    let past = wallet.recall_past();
    let outcome = match command {
        Command::ReserveRefund(asked) => refund::reserve(wallet, changes, &past, asked, now),
        Command::FinishRefund(asked) => refund::finish(wallet, changes, &past, asked, now),
        Command::Contest(asked) => dispute::contest(wallet, changes, &past, asked, now),
        Command::Correct(asked) => correct::correct(wallet, changes, &past, asked, now),
        _ => unreachable!("other commands need no past"),
    };
    wallet.forget_past();
    outcome
}

impl Command {
    /// Whether the store must decide this command by itself, after everything before it is written: it
    /// looks back at what is over ([`crate::Past`]), or concerns two wallets.
    pub const fn stands_alone(&self) -> bool {
        matches!(
            self,
            Self::ReserveRefund(_) | Self::FinishRefund(_) | Self::Contest(_) | Self::Correct(_) | Self::MoveOut(_)
        )
    }

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
