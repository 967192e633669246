//! What payments buy that is not credits.

use billing::{pass, seat};
use serde::{Deserialize, Serialize};
use units::{OrganizationId, PaymentId, WalletId};

use crate::invoice::{json, read};
use crate::{Fault, Reader, Tx};

/// What a payment buys when that is not credits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "buys", rename_all = "snake_case")]
pub enum Buys {
    /// A change of an organization's seats, which happens with the payment.
    SeatsOrder {
        /// Whose seats.
        organization: OrganizationId,
        /// What changes.
        order: seat::Order,
        /// What stands on the invoice.
        line: seat::Line,
    },
    /// A further term of an organization's seats.
    SeatsTerm {
        /// Whose seats.
        organization: OrganizationId,
        /// Which term, and what stands on the invoice.
        bill: seat::Bill,
    },
    /// The first term of a pass, which begins with the payment.
    PassOffer {
        /// What was offered.
        offer: pass::Offer,
    },
    /// A further term of a pass.
    PassTerm {
        /// Which term.
        bill: pass::Bill,
    },
}

impl Tx<'_> {
    /// Writes what a payment buys, with the payment.
    pub async fn insert_bill(&mut self, payment: PaymentId, wallet: WalletId, buys: &Buys) -> Result<(), Fault> {
        let sql = "INSERT INTO bills (payment, wallet, content) VALUES ($1, $2, $3)";
        self.session.execute(sql, &[payment.into(), wallet.into(), json(buys)?]).await.map(drop)
    }

    /// A payment of a wallet for this whose fate is open.
    pub async fn find_live_payment(&mut self, wallet: WalletId, purpose: &str) -> Result<Option<PaymentId>, Fault> {
        let sql = "SELECT id FROM payments WHERE wallet = $1 AND purpose = $2 AND paid_at IS NULL AND EXISTS ( \
                       SELECT 1 FROM attempts WHERE attempts.payment = payments.id AND is_live = 1) ORDER BY id LIMIT 1";
        self.session.find(sql, &[wallet.into(), purpose.into()]).await?.map(|mut row| row.take()).transpose()
    }

    /// What a payment buys. `None` when that is credits.
    pub async fn find_bill(&mut self, payment: PaymentId) -> Result<Option<Buys>, Fault> {
        let sql = "SELECT content FROM bills WHERE payment = $1";
        self.session.find(sql, &[payment.into()]).await?.map(|row| read(row, "a bill")).transpose()
    }
}

impl Reader {
    /// What a payment buys. `None` when that is credits.
    pub async fn find_bill(&self, payment: PaymentId) -> Result<Option<Buys>, Fault> {
        let sql = "SELECT content FROM bills WHERE payment = $1";
        self.read_beside("looking for a bill", move |session| {
            Box::pin(
                async move { session.find(sql, &[payment.into()]).await?.map(|row| read(row, "a bill")).transpose() },
            )
        })
        .await
    }
}
