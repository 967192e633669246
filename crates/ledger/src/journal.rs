//! The one place that appends transfers, moves what is left on grants with them, and marks grants.

use units::{Amount, GrantId, Instant};

use crate::{Account, ChainHash, ChainHead, Changes, Marks, Transfer, TransferKind, Wallet};

/// What moves, without its place in the chain.
pub(crate) struct Move {
    pub at: Instant,
    pub kind: TransferKind,
    pub from: Account,
    pub to: Account,
    pub amount: Amount,
    pub reference: [u8; 16],
}

/// Appends one transfer to the wallet's journal.
pub(crate) fn post(wallet: &mut Wallet, changes: &mut Changes, movement: Move) {
    assert!(movement.amount.is_positive(), "a transfer moves more than nothing");
    // Time never runs backwards in a journal, even when the wall clock does.
    let at = movement.at.max(wallet.head.at);
    let mut transfer = Transfer {
        wallet: wallet.id,
        seq: wallet.head.seq + 1,
        at,
        kind: movement.kind,
        from: movement.from,
        to: movement.to,
        amount: movement.amount,
        reference: movement.reference,
        hash: ChainHash::START,
    };
    transfer.hash = transfer.seal(wallet.head.hash);
    wallet.head = ChainHead { seq: transfer.seq, hash: transfer.hash, at };
    changes.transfers.push(transfer);
}

/// Moves an amount out of a grant, which must have that much left beside what is held.
pub(crate) fn draw(
    wallet: &mut Wallet,
    changes: &mut Changes,
    grant: GrantId,
    to: Account,
    movement: (Instant, TransferKind, Amount, [u8; 16]),
) {
    let (at, kind, amount, reference) = movement;
    let row = wallet.grant_mut(grant);
    assert!(amount <= row.unheld(), "grant {grant} cannot give {amount}");
    row.left = row.left.checked_sub(amount).expect("just compared");
    let left = row.left;
    changes.grant_left(wallet.id, grant, left);
    post(wallet, changes, Move { at, kind, from: Account::Grant(grant), to, amount, reference });
}

/// Moves an amount back into a grant that gave it before.
pub(crate) fn give_back(
    wallet: &mut Wallet,
    changes: &mut Changes,
    grant: GrantId,
    from: Account,
    movement: (Instant, TransferKind, Amount, [u8; 16]),
) {
    let (at, kind, amount, reference) = movement;
    let row = wallet.grant_mut(grant);
    let was_used_up = row.left.is_zero();
    row.left = row.left.checked_add(amount).expect("a grant gets back what it gave");
    assert!(row.left <= row.amount, "grant {grant} gets back more than it gave");
    let left = row.left;
    match was_used_up {
        true => _ = changes.revived.insert((wallet.id, grant), left),
        false => changes.grant_left(wallet.id, grant, left),
    }
    post(wallet, changes, Move { at, kind, from, to: Account::Grant(grant), amount, reference });
}

/// Changes what is marked on a grant beside what is left.
pub(crate) fn mark(wallet: &mut Wallet, changes: &mut Changes, grant: GrantId, change: impl FnOnce(&mut Marks)) {
    let key = (wallet.id, grant);
    let marks = &mut wallet.grant_mut(grant).marks;
    change(marks);
    changes.marked.insert(key, *marks);
}

/// What a part of a grant adds to a mark: the parts together are at most what the grant brought.
pub(crate) fn add_part(mark: &mut Amount, part: Amount) {
    *mark = mark.checked_add(part).expect("at most what the grant brought");
}

/// Takes up to `amount` from what is available, in the order of use, and answers what each grant gave.
pub(crate) fn plan_available(wallet: &Wallet, amount: Amount, now: Instant) -> Vec<crate::Draw> {
    let mut missing = amount;
    let mut draws = Vec::new();
    for grant in wallet.grants() {
        if !missing.is_positive() {
            break;
        }
        let give = grant.available(now).min(missing);
        if give.is_positive() {
            draws.push(crate::Draw { grant: grant.id, amount: give });
            missing = missing.checked_sub(give).expect("at most what is missing");
        }
    }
    draws
}
