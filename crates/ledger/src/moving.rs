//! Credits move from one wallet to another, both sides in one transaction of the store.
//!
//! They leave in the order of use, grant by grant, and arrive as new grants that are paid or free as before
//! and end when they did. Between the two journals they are on the account of transit.

use sha2::{Digest, Sha256};
use units::{Amount, GrantId, Instant, MoveId};
use uuid::Uuid;

use crate::journal::{self, Move};
use crate::{
    Account, Changes, Grant, Marks, MoveIn, MoveOut, Moved, Outcome, Part, Refusal, Source, TransferKind, Wallet,
    expire, issue,
};

pub(crate) fn move_out(
    wallet: &mut Wallet,
    changes: &mut Changes,
    asked: &MoveOut,
    now: Instant,
) -> Result<Outcome, Refusal> {
    let out_of_range =
        |what, given, allowed: &str| Err(Refusal::AmountOutOfRange { what, given, allowed: allowed.to_owned() });
    if asked.to == wallet.id {
        return out_of_range("the wallet to move to", asked.to.to_string(), "another wallet");
    }
    if !asked.amount.is_positive() {
        return out_of_range("the amount to move", asked.amount.to_string(), "more than 0");
    }
    let available = wallet.available(now);
    if available < asked.amount {
        return Err(Refusal::InsufficientCredits { needed: asked.amount, available });
    }

    expire::book_due(wallet, changes, now);
    let mut parts = Vec::new();
    for draw in journal::plan_available(wallet, asked.amount, now) {
        let grant = wallet.grant_mut(draw.grant);
        parts.push(Part {
            grant: moved_grant(asked.id, parts.len()),
            amount: draw.amount,
            paid: grant.paid,
            effective_at: grant.effective_at,
            expires_at: grant.expires_at,
        });
        let left = (now, TransferKind::Move, draw.amount, asked.id.uuid().into_bytes());
        journal::draw(wallet, changes, draw.grant, Account::Transit, left);
    }
    wallet.drop_empty_grants();
    Ok(Outcome::Moved(Moved { parts, available: wallet.available(now) }))
}

pub(crate) fn move_in(
    wallet: &mut Wallet,
    changes: &mut Changes,
    asked: &MoveIn,
    now: Instant,
) -> Result<Outcome, Refusal> {
    let amount: Amount = asked.parts.iter().map(|part| part.amount).sum();
    issue::refuse_too_much(wallet, "the amount to move", amount, now)?;
    if let Some(part) = asked.parts.iter().find(|part| wallet.find_grant(part.grant).is_some()) {
        return Err(Refusal::id_taken(part.grant));
    }

    expire::book_due(wallet, changes, now);
    for part in &asked.parts {
        arrive(wallet, changes, asked.id, part, now);
    }
    // This wallet's clock may be ahead of the other's.
    expire::book_freed(wallet, changes, now);
    Ok(Outcome::Moved(Moved { parts: asked.parts.clone(), available: wallet.available(now) }))
}

fn arrive(wallet: &mut Wallet, changes: &mut Changes, id: MoveId, part: &Part, now: Instant) {
    let grant = Grant {
        id: part.grant,
        source: Source::Moved,
        amount: part.amount,
        left: part.amount,
        held: Amount::ZERO,
        marks: Marks::default(),
        paid: part.paid,
        effective_at: part.effective_at,
        expires_at: part.expires_at,
    };
    changes.issued.insert((wallet.id, grant.id), grant.clone());
    wallet.insert_grant(grant);
    let (kind, reference) = (TransferKind::Move, id.uuid().into_bytes());
    let (from, to) = (Account::Transit, Account::Grant(part.grant));
    journal::post(wallet, changes, Move { at: now, kind, from, to, amount: part.amount, reference });
}

/// The id of the grant that a part of a move becomes. Drawn from the move's id, since how many parts there
/// are is only known when it is decided; its first half is kept, so it is as ordered in time.
pub fn moved_grant(id: MoveId, part: usize) -> GrantId {
    let mut bytes = id.uuid().into_bytes();
    let hash = Sha256::new().chain_update(bytes).chain_update((part as u64).to_be_bytes()).finalize();
    bytes[8..].copy_from_slice(&hash[..8]);
    GrantId::from_uuid(Uuid::from_bytes(bytes))
}
