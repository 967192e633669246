//! An issued invoice or credit note.

use serde::{Deserialize, Serialize};
use units::{Instant, InvoiceId, PaymentId, RefundId, WalletId};

use super::{Draft, Number, Series};

/// A document as it was issued. It never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its id. Later ones sort behind earlier ones.
    pub id: InvoiceId,
    /// Its number.
    pub number: Number,
    /// When it was issued. Within a series, never before the one with the number before.
    pub issued_at: Instant,
    /// Whose wallet it is about.
    pub wallet: WalletId,
    /// The payment that it is about.
    pub payment: PaymentId,
    /// With what it was paid, as the payer knows it: `visa 4242`.
    pub paid_with: String,
    /// Of a credit note: the invoice that it corrects.
    pub corrects: Option<Number>,
    /// Of a credit note: the refund that it is about.
    pub refund: Option<RefundId>,
    /// Who, whom, what for, how much.
    pub content: Draft,
}

impl Document {
    /// Counted with which others.
    pub const fn series(&self) -> Series {
        self.number.series
    }
}
