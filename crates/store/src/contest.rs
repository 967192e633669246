//! Payments that a bank has something to say about, as the processor sees them.

use units::{Cents, DisputeId, Instant, PaymentId, WalletId};

use crate::session::Session;
use crate::value::{Row, Value};
use crate::{Fault, Reader, Tx};

/// A dispute, an inquiry or a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContestRow {
    /// Its id, the same as that of what it freezes in the books.
    pub id: DisputeId,
    /// About which payment.
    pub payment: PaymentId,
    /// Whose.
    pub wallet: WalletId,
    /// Which processor knows it.
    pub processor: String,
    /// Its id there.
    pub foreign_id: String,
    /// What it is, by the name of `billing::contest::ContestKind`.
    pub kind: String,
    /// Why, in the processor's word.
    pub reason: String,
    /// How much of the payment.
    pub amount: Cents,
    /// How far it is, by the name of `billing::contest::ContestState`.
    pub state: String,
    /// Whether its card pays nothing more.
    pub is_blocking: bool,
    /// When it was first seen.
    pub opened_at: Instant,
    /// When it last changed.
    pub changed_at: Instant,
}

const CONTEST: &str =
    "id, payment, wallet, processor, foreign_id, kind, reason, amount_cents, state, is_blocking, opened_at, changed_at";

impl Tx<'_> {
    /// Adds it, or writes how far it is.
    pub async fn save_contest(&mut self, row: &ContestRow) -> Result<(), Fault> {
        let sql = format!(
            "INSERT INTO contests ({CONTEST}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
             ON CONFLICT (id) DO UPDATE SET state = excluded.state, is_blocking = excluded.is_blocking, \
             amount_cents = excluded.amount_cents, changed_at = excluded.changed_at"
        );
        let values: [Value; 12] = [
            row.id.into(),
            row.payment.into(),
            row.wallet.into(),
            (&row.processor).into(),
            (&row.foreign_id).into(),
            (&row.kind).into(),
            Value::Text(row.reason.replace('\0', " ")),
            row.amount.into(),
            (&row.state).into(),
            row.is_blocking.into(),
            row.opened_at.into(),
            row.changed_at.into(),
        ];
        self.session.execute(&sql, &values).await.map(drop)
    }

    /// What is known under this id.
    pub async fn find_contest(&mut self, id: DisputeId) -> Result<Option<ContestRow>, Fault> {
        let sql = format!("SELECT {CONTEST} FROM contests WHERE id = $1");
        self.session.find(&sql, &[id.into()]).await?.map(contest).transpose()
    }

    /// What was said about a payment, in the order of ids.
    pub async fn list_contests(&mut self, payment: PaymentId) -> Result<Vec<ContestRow>, Fault> {
        list(&mut self.session, payment).await
    }

    /// Whether payments of this wallet with this card, under whatever id it was added, are contested.
    pub async fn is_card_blocked(
        &mut self,
        wallet: WalletId,
        processor: &str,
        fingerprint: &str,
    ) -> Result<bool, Fault> {
        let sql = "SELECT 1 FROM contests t JOIN payments p ON p.id = t.payment JOIN cards c ON c.id = p.card \
                   WHERE t.wallet = $1 AND t.is_blocking = 1 AND c.processor = $2 AND c.fingerprint = $3 LIMIT 1";
        let values = [Value::from(wallet), processor.into(), fingerprint.into()];
        Ok(self.session.find(sql, &values).await?.is_some())
    }
}

impl Reader {
    /// What is known under this id.
    pub async fn find_contest(&self, id: DisputeId) -> Result<Option<ContestRow>, Fault> {
        let sql = format!("SELECT {CONTEST} FROM contests WHERE id = $1");
        self.read_beside("looking for a dispute", move |session| {
            Box::pin(async move { session.find(&sql, &[id.into()]).await?.map(contest).transpose() })
        })
        .await
    }

    /// What was said about a payment, in the order of ids.
    pub async fn list_contests(&self, payment: PaymentId) -> Result<Vec<ContestRow>, Fault> {
        self.read_beside("listing disputes", move |session| Box::pin(list(session, payment))).await
    }

    /// What was said about a wallet's payments from one to another, in the order of ids.
    pub async fn list_contests_of_payments(
        &self,
        wallet: WalletId,
        (first, last): (PaymentId, PaymentId),
    ) -> Result<Vec<ContestRow>, Fault> {
        let sql = format!("SELECT {CONTEST} FROM contests WHERE wallet = $1 AND payment BETWEEN $2 AND $3 ORDER BY id");
        self.read_beside("listing disputes", move |session| {
            Box::pin(async move {
                let rows = session.query(&sql, &[wallet.into(), first.into(), last.into()]).await?;
                rows.into_iter().map(contest).collect()
            })
        })
        .await
    }
}

async fn list(session: &mut Session<'_>, payment: PaymentId) -> Result<Vec<ContestRow>, Fault> {
    let sql = format!("SELECT {CONTEST} FROM contests WHERE payment = $1 ORDER BY id");
    session.query(&sql, &[payment.into()]).await?.into_iter().map(contest).collect()
}

fn contest(mut row: Row) -> Result<ContestRow, Fault> {
    Ok(ContestRow {
        id: row.take()?,
        payment: row.take()?,
        wallet: row.take()?,
        processor: row.take()?,
        foreign_id: row.take()?,
        kind: row.take()?,
        reason: row.take()?,
        amount: row.take()?,
        state: row.take()?,
        is_blocking: row.take()?,
        opened_at: row.take()?,
        changed_at: row.take()?,
    })
}
