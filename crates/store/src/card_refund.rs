//! Payments that go back to their card, as the processor sees them. Their credits are the books' business.

use units::{Cents, Instant, PaymentId, RefundId, UserId, WalletId};
use uuid::Uuid;

use crate::session::Session;
use crate::value::{Row, Value};
use crate::{Fault, Reader, Tx};

/// One refund of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardRefundRow {
    /// Its id, the same as that of the credits that are set aside.
    pub id: RefundId,
    /// Of which payment.
    pub payment: PaymentId,
    /// Whose.
    pub wallet: WalletId,
    /// How much the card gets back.
    pub amount: Cents,
    /// How much of the credits goes for it: less than the amount where tax was paid.
    pub credits: Cents,
    /// Where it stands, by the name of `billing::refund::RefundState`.
    pub state: String,
    /// Its id at the processor, once it has one.
    pub foreign_id: Option<String>,
    /// How often somebody has looked since it last changed.
    pub looks: u32,
    /// Why.
    pub reason: String,
    /// Who wished it.
    pub by: Option<UserId>,
    /// The SHA-256 of the caller's key. No two refunds of a payment have the same.
    pub key_hash: [u8; 32],
    /// The SHA-256 of what was wished.
    pub content: [u8; 32],
    /// When it was wished.
    pub created_at: Instant,
    /// When it last changed.
    pub changed_at: Instant,
}

const REFUND: &str = "id, payment, wallet, amount_cents, credits_cents, state, foreign_id, looks, reason, by_user, key_hash, content, \
                      created_at, changed_at";

impl Tx<'_> {
    /// Adds a refund.
    pub async fn insert_card_refund(&mut self, row: &CardRefundRow) -> Result<(), Fault> {
        let sql = format!(
            "INSERT INTO card_refunds ({REFUND}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
             ON CONFLICT DO NOTHING"
        );
        let values: [Value; 14] = [
            row.id.into(),
            row.payment.into(),
            row.wallet.into(),
            row.amount.into(),
            row.credits.into(),
            (&row.state).into(),
            row.foreign_id.as_ref().into(),
            row.looks.into(),
            Value::Text(row.reason.replace('\0', " ")),
            row.by.into(),
            row.key_hash.into(),
            row.content.into(),
            row.created_at.into(),
            row.changed_at.into(),
        ];
        match self.session.execute(&sql, &values).await? {
            0 => Err(Fault::Taken { what: "a refund of this key" }),
            _ => Ok(()),
        }
    }

    /// Writes how a refund stands.
    pub async fn update_card_refund(&mut self, row: &CardRefundRow) -> Result<(), Fault> {
        let sql = "UPDATE card_refunds SET state = $2, foreign_id = $3, looks = $4, changed_at = $5 WHERE id = $1";
        let values = [
            row.id.into(),
            (&row.state).into(),
            row.foreign_id.as_ref().into(),
            row.looks.into(),
            row.changed_at.into(),
        ];
        self.session.execute(sql, &values).await.map(drop)
    }

    /// The refund of this id.
    pub async fn find_card_refund(&mut self, id: RefundId) -> Result<Option<CardRefundRow>, Fault> {
        find(&mut self.session, id).await
    }

    /// The refund that was wished under this key.
    pub async fn find_card_refund_by_key(
        &mut self,
        payment: PaymentId,
        key_hash: [u8; 32],
    ) -> Result<Option<CardRefundRow>, Fault> {
        let sql = format!("SELECT {REFUND} FROM card_refunds WHERE payment = $1 AND key_hash = $2");
        self.session.find(&sql, &[payment.into(), key_hash.into()]).await?.map(refund).transpose()
    }

    /// The refunds of a payment, oldest first.
    pub async fn list_card_refunds(&mut self, payment: PaymentId) -> Result<Vec<CardRefundRow>, Fault> {
        list(&mut self.session, payment).await
    }
}

impl Reader {
    /// The refund of this id.
    pub async fn find_card_refund(&self, id: RefundId) -> Result<Option<CardRefundRow>, Fault> {
        self.read_beside("looking for a refund", move |session| Box::pin(find(session, id))).await
    }

    /// The refunds of a payment, oldest first.
    pub async fn list_card_refunds(&self, payment: PaymentId) -> Result<Vec<CardRefundRow>, Fault> {
        self.read_beside("listing refunds", move |session| Box::pin(list(session, payment))).await
    }
}

impl Reader {
    /// The refunds of a wallet, the newest first, from before one.
    pub async fn list_refunds_of_wallet(
        &self,
        wallet: WalletId,
        before: Option<RefundId>,
        limit: u32,
    ) -> Result<Vec<CardRefundRow>, Fault> {
        let before = before.map_or(Uuid::max(), |id| id.uuid());
        let sql = format!("SELECT {REFUND} FROM card_refunds WHERE wallet = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
        self.read_beside("listing refunds", move |session| {
            Box::pin(async move {
                let rows = session.query(&sql, &[wallet.into(), before.into(), limit.into()]).await?;
                rows.into_iter().map(refund).collect()
            })
        })
        .await
    }

    /// The refunds of a wallet's payments from one to another, oldest first.
    pub async fn list_refunds_of_payments(
        &self,
        wallet: WalletId,
        (first, last): (PaymentId, PaymentId),
    ) -> Result<Vec<CardRefundRow>, Fault> {
        let sql =
            format!("SELECT {REFUND} FROM card_refunds WHERE wallet = $1 AND payment BETWEEN $2 AND $3 ORDER BY id");
        self.read_beside("listing refunds", move |session| {
            Box::pin(async move {
                let rows = session.query(&sql, &[wallet.into(), first.into(), last.into()]).await?;
                rows.into_iter().map(refund).collect()
            })
        })
        .await
    }
}

async fn find(session: &mut Session<'_>, id: RefundId) -> Result<Option<CardRefundRow>, Fault> {
    let sql = format!("SELECT {REFUND} FROM card_refunds WHERE id = $1");
    session.find(&sql, &[id.into()]).await?.map(refund).transpose()
}

async fn list(session: &mut Session<'_>, payment: PaymentId) -> Result<Vec<CardRefundRow>, Fault> {
    let sql = format!("SELECT {REFUND} FROM card_refunds WHERE payment = $1 ORDER BY id");
    session.query(&sql, &[payment.into()]).await?.into_iter().map(refund).collect()
}

fn refund(mut row: Row) -> Result<CardRefundRow, Fault> {
    Ok(CardRefundRow {
        id: row.take()?,
        payment: row.take()?,
        wallet: row.take()?,
        amount: row.take()?,
        credits: row.take()?,
        state: row.take()?,
        foreign_id: row.take()?,
        looks: row.take()?,
        reason: row.take()?,
        by: row.take()?,
        key_hash: row.take()?,
        content: row.take()?,
        created_at: row.take()?,
        changed_at: row.take()?,
    })
}
