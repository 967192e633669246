//! Writing what amends the books, as the columns of its statements.

use super::save::{Columns, columns};
use crate::past::{dispute_code, refund_code};
use crate::rows::Rows;

/// What is left and what is marked change together, since the constraints look at both.
pub(super) fn grants(rows: &Rows<'_>) -> Columns {
    columns! { rows.amended, (wallet, grant, left, marks) =>
        wallet.uuid(),
        grant.uuid(),
        left.map(|left| left.nanos()),
        marks.map(|marks| marks.refunding.nanos()),
        marks.map(|marks| marks.refunded.nanos()),
        marks.map(|marks| marks.expired.nanos()),
        marks.map(|marks| marks.taken.nanos()),
        marks.map(|marks| i64::from(marks.disputes)),
        marks.map(|marks| i64::from(marks.is_lost)),
    }
}

pub(super) fn receivables(rows: &Rows<'_>) -> Columns {
    columns! { rows.receivables, (wallet, owed) => wallet.uuid(), owed.nanos() }
}

pub(super) fn refunds(rows: &Rows<'_>) -> Columns {
    columns! { rows.refunds, refund =>
        refund.wallet.uuid(),
        refund.id.uuid(),
        refund.grant.uuid(),
        refund.amount.nanos(),
        refund_code(refund.state),
    }
}

pub(super) fn disputes(rows: &Rows<'_>) -> Columns {
    columns! { rows.disputes, dispute =>
        dispute.wallet.uuid(),
        dispute.id.uuid(),
        dispute.grant.uuid(),
        dispute_code(dispute.state),
    }
}

pub(super) fn corrections(rows: &Rows<'_>) -> Columns {
    columns! { rows.corrections, correction =>
        correction.wallet.uuid(),
        correction.charge.uuid(),
        correction.id.uuid(),
        correction.at.micros(),
        correction.amount.nanos(),
        correction.first_seq as i64,
        i64::from(correction.transfers),
    }
}
