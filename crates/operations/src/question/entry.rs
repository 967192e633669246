//! A line of the journal as answers show it: from the side of the wallet.

use ledger::{Transfer, TransferKind};
use serde::Serialize;
use units::{Amount, CorrectionId, DisputeId, GrantId, HoldId, Instant, MoveId, RefundId};

/// What one transfer did to the wallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EntryAnswer {
    /// Its place in the journal.
    pub seq: u64,
    /// When it counts.
    pub at: Instant,
    /// Why it moved.
    pub kind: &'static str,
    /// The grant that it moved on; none for a loss, which touches no credits.
    pub grant: Option<GrantId>,
    /// Where the value came from or went to.
    pub counterpart: &'static str,
    /// What it added to the grant; below zero what it took.
    pub amount: Amount,
    /// What caused it: the charge, the grant or the adjustment.
    pub reference: String,
    /// What is left on all grants of the wallet together after it, where the answer is in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_after: Option<Amount>,
    /// The seal over it and everything before it.
    pub seal: String,
}

impl EntryAnswer {
    pub(crate) fn of(transfer: &Transfer) -> Self {
        let taken = Amount::from_nanos(-transfer.amount.nanos());
        let (grant, counterpart, amount) = match (transfer.from.grant(), transfer.to.grant()) {
            (_, Some(grant)) => (Some(grant), transfer.from, transfer.amount),
            (Some(grant), None) => (Some(grant), transfer.to, taken),
            (None, None) => (None, transfer.from, Amount::ZERO),
        };
        Self {
            seq: transfer.seq,
            at: transfer.at,
            kind: transfer.kind.name(),
            grant,
            counterpart: counterpart.name(),
            amount,
            reference: reference(transfer),
            left_after: None,
            seal: transfer.hash.to_string(),
        }
    }
}

/// What a transfer refers to depends on why it moved.
fn reference(transfer: &Transfer) -> String {
    let uuid = uuid::Uuid::from_bytes(transfer.reference);
    match transfer.kind {
        TransferKind::Charge | TransferKind::Loss => HoldId::from_uuid(uuid).to_string(),
        TransferKind::Refund => RefundId::from_uuid(uuid).to_string(),
        TransferKind::Dispute => DisputeId::from_uuid(uuid).to_string(),
        TransferKind::Correction => CorrectionId::from_uuid(uuid).to_string(),
        TransferKind::Move => MoveId::from_uuid(uuid).to_string(),
        TransferKind::Grant | TransferKind::Expiry | TransferKind::Adjustment | TransferKind::Repayment => {
            GrantId::from_uuid(uuid).to_string()
        }
    }
}
