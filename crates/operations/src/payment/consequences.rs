//! What follows when real money has moved, in the transaction that notes it: the one place for each.
//!
//! Whatever belongs to such a moment (an invoice, a credit note, a pause) is written here, with the tables or as a
//! job, so that it happens with the change or not at all. Each function is called at most once for its row. Nobody
//! outside is called here, and the books follow by a job that may run again.

use store::{PaymentRow, Tx};

use crate::jobs::Task;
use crate::{Context, Error, invoice};

/// A payment has become paid: `row.paid_at` is set in this transaction, and never was before.
pub(super) async fn paid(tx: &mut Tx<'_>, ctx: &Context, row: &PaymentRow) -> Result<(), Error> {
    invoice::issue(tx, ctx, row).await?;
    tx.insert_job(&Task::Credit { payment: row.id }.job(ctx)).await?;
    Ok(())
}
