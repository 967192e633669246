//! The payment that was wished under a key: whoever wishes it again finds it.

use units::WalletId;

use crate::payment::{PAYMENT, payment};
use crate::session::Session;
use crate::{Fault, PaymentRow, Reader, Tx};

impl Tx<'_> {
    /// The payment that was wished under this key.
    pub async fn find_payment_by_key(
        &mut self,
        wallet: WalletId,
        key_hash: [u8; 32],
    ) -> Result<Option<PaymentRow>, Fault> {
        find_payment_by_key(&mut self.session, wallet, key_hash).await
    }
}

impl Reader {
    /// The payment that was wished under this key.
    pub async fn find_payment_by_key(&self, wallet: WalletId, key_hash: [u8; 32]) -> Result<Option<PaymentRow>, Fault> {
        self.read_beside("looking for a payment", move |session| {
            Box::pin(find_payment_by_key(session, wallet, key_hash))
        })
        .await
    }
}

async fn find_payment_by_key(
    session: &mut Session<'_>,
    wallet: WalletId,
    key_hash: [u8; 32],
) -> Result<Option<PaymentRow>, Fault> {
    let sql = format!("SELECT {PAYMENT} FROM payments WHERE wallet = $1 AND key_hash = $2");
    session.find(&sql, &[wallet.into(), key_hash.into()]).await?.map(payment).transpose()
}
