//! What a command that amends the books must know of the past, read where its wallet is locked.
//!
//! These commands are rare and decided by themselves, so one question after the other is asked.

use ledger::{Command, Correction, Dispute, DisputeState, Fate, Grant, Past, Refund, RefundState, moved_grant};
use units::{CorrectionId, DisputeId, GrantId, HoldId, RefundId, WalletId};

use crate::batch::Known;
use crate::session::Session;
use crate::value::Row;
use crate::{Fault, Posting, books};

pub(crate) const REFUND: &str = "wallet, id, grant_id, amount_nanos, state";
pub(crate) const DISPUTE: &str = "wallet, id, grant_id, state";
pub(crate) const CORRECTION: &str = "wallet, charge, id, corrected_at, amount_nanos, first_seq, transfer_count";

/// Finds what the command needs, if it is one that stands alone.
pub(crate) async fn recall(session: &mut Session<'_>, known: &mut Known, posting: &Posting) -> Result<(), Fault> {
    let wallet = posting.wallet;
    let mut past = Past::default();
    let mut grants: Vec<GrantId> = Vec::new();
    match &posting.command {
        Command::ReserveRefund(asked) => {
            past.refund = find_refund(session, wallet, asked.refund).await?;
            grants.push(asked.grant);
        }
        Command::FinishRefund(asked) => {
            past.refund = find_refund(session, wallet, asked.refund).await?;
            grants.extend(past.refund.iter().map(|refund| refund.grant));
        }
        Command::Contest(asked) => {
            past.dispute = find_dispute(session, wallet, asked.dispute).await?;
            grants.push(asked.grant);
        }
        Command::Correct(asked) => {
            recall_charge(session, &mut past, wallet, asked.charge).await?;
            grants.extend(past.draws.iter().map(|draw| draw.grant));
        }
        Command::MoveOut(asked) => {
            let first = moved_grant(asked.id, 0);
            if books::has_grant(session, asked.to, first).await? {
                known.grants.insert((asked.to, first));
            }
        }
        _ => return Ok(()),
    }
    for grant in grants {
        past.grants.extend(find_grant(session, wallet, grant).await?);
    }
    known.past = Some(past);
    Ok(())
}

async fn recall_charge(
    session: &mut Session<'_>,
    past: &mut Past,
    wallet: WalletId,
    charge: HoldId,
) -> Result<(), Fault> {
    let Some(Fate::Settled(charge)) = books::find_fate(session, wallet, charge).await? else { return Ok(()) };
    past.draws = books::draws_of(session, &charge).await?;
    let sql = format!("SELECT {CORRECTION} FROM corrections WHERE wallet = $1 AND charge = $2 ORDER BY first_seq");
    let rows = session.query(&sql, &[wallet.into(), charge.id.into()]).await?;
    past.corrections = rows.into_iter().map(|mut row| correction(&mut row)).collect::<Result<_, _>>()?;
    past.charge = Some(charge);
    Ok(())
}

async fn find_grant(session: &mut Session<'_>, wallet: WalletId, grant: GrantId) -> Result<Option<Grant>, Fault> {
    let sql = format!("SELECT {} FROM grants WHERE wallet = $1 AND id = $2", books::GRANT);
    let found = session.find(&sql, &[wallet.into(), grant.into()]).await?;
    found.map(|mut row| Ok(books::grant(&mut row)?.1)).transpose()
}

async fn find_refund(session: &mut Session<'_>, wallet: WalletId, id: RefundId) -> Result<Option<Refund>, Fault> {
    let sql = format!("SELECT {REFUND} FROM refunds WHERE wallet = $1 AND id = $2");
    session.find(&sql, &[wallet.into(), id.into()]).await?.map(|mut row| refund(&mut row)).transpose()
}

async fn find_dispute(session: &mut Session<'_>, wallet: WalletId, id: DisputeId) -> Result<Option<Dispute>, Fault> {
    let sql = format!("SELECT {DISPUTE} FROM disputes WHERE wallet = $1 AND id = $2");
    session.find(&sql, &[wallet.into(), id.into()]).await?.map(|mut row| dispute(&mut row)).transpose()
}

pub(crate) fn refund(row: &mut Row) -> Result<Refund, Fault> {
    let (wallet, id): (WalletId, RefundId) = (row.take()?, row.take()?);
    let (grant, amount, state) = (row.take()?, row.take()?, row.take::<i64>()?);
    let state = refund_state(state).ok_or_else(|| Fault::corrupt(format!("the state of {id} in {wallet}")))?;
    Ok(Refund { id, wallet, grant, amount, state })
}

pub(crate) fn dispute(row: &mut Row) -> Result<Dispute, Fault> {
    let (wallet, id): (WalletId, DisputeId) = (row.take()?, row.take()?);
    let (grant, state) = (row.take()?, row.take::<i64>()?);
    let state = dispute_state(state).ok_or_else(|| Fault::corrupt(format!("the state of {id} in {wallet}")))?;
    Ok(Dispute { id, wallet, grant, state })
}

pub(crate) fn correction(row: &mut Row) -> Result<Correction, Fault> {
    let (wallet, charge, id): (WalletId, HoldId, CorrectionId) = (row.take()?, row.take()?, row.take()?);
    let (at, amount) = (row.take()?, row.take()?);
    Ok(Correction { id, wallet, charge, at, amount, first_seq: row.take()?, transfers: row.take()? })
}

/// The number that stands for how far a refund is.
pub(crate) const fn refund_code(state: RefundState) -> i64 {
    match state {
        RefundState::Reserved => 1,
        RefundState::Paid => 2,
        RefundState::Failed => 3,
    }
}

/// How far a refund is, from its number.
pub(crate) fn refund_state(code: i64) -> Option<RefundState> {
    [RefundState::Reserved, RefundState::Paid, RefundState::Failed]
        .into_iter()
        .find(|state| refund_code(*state) == code)
}

/// The number that stands for how far a dispute is.
pub(crate) const fn dispute_code(state: DisputeState) -> i64 {
    match state {
        DisputeState::Open => 1,
        DisputeState::Won => 2,
        DisputeState::Lost => 3,
    }
}

/// How far a dispute is, from its number.
pub(crate) fn dispute_state(code: i64) -> Option<DisputeState> {
    [DisputeState::Open, DisputeState::Won, DisputeState::Lost].into_iter().find(|state| dispute_code(*state) == code)
}
