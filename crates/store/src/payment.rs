//! Payments and the attempts to take them, cards, and events of processors.

use billing::invoice::Draft;
use billing::payment::AttemptState;
use units::{CardId, Cents, Instant, PaymentId, UserId, WalletId};

use crate::session::Session;
use crate::value::{Row, Value};
use crate::{Fault, Reader, Tx};

/// What somebody owes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRow {
    /// Its id; the grant that it brings has the same.
    pub id: PaymentId,
    /// Whose.
    pub wallet: WalletId,
    /// What for, such as `purchase`.
    pub purpose: String,
    /// Which processor takes it.
    pub processor: String,
    /// With which card.
    pub card: CardId,
    /// How much, with fee and tax: the total of its draft.
    pub amount: Cents,
    /// Who wished it.
    pub by: Option<UserId>,
    /// The SHA-256 of the caller's key. No two payments of a wallet have the same.
    pub key_hash: [u8; 32],
    /// The SHA-256 of what was wished.
    pub content: [u8; 32],
    /// When it was wished.
    pub created_at: Instant,
    /// When the money was there. Never taken back.
    pub paid_at: Option<Instant>,
    /// When its credits were in the books.
    pub credited_at: Option<Instant>,
}

/// One try to take a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptRow {
    /// Of which payment.
    pub payment: PaymentId,
    /// The first is 1.
    pub number: u32,
    /// At which processor.
    pub processor: String,
    /// Its id there, once it is known.
    pub foreign_id: Option<String>,
    /// Where it stands, by the name of `billing::payment::AttemptState`.
    pub state: String,
    /// Whether its fate is still open.
    pub is_live: bool,
    /// How often its fate was looked for.
    pub looks: u32,
    /// Where the person answers their bank.
    pub page: Option<String>,
    /// Why it was declined.
    pub code: Option<String>,
    /// The bank's own word for it.
    pub decline_code: Option<String>,
    /// When it began.
    pub began_at: Instant,
    /// When it last changed.
    pub changed_at: Instant,
}

impl AttemptRow {
    /// One that nobody outside has heard of.
    pub fn planned(payment: PaymentId, number: u32, processor: &str, now: Instant) -> Self {
        Self {
            payment,
            number,
            processor: processor.to_owned(),
            foreign_id: None,
            state: AttemptState::Planned.name().to_owned(),
            is_live: true,
            looks: 0,
            page: None,
            code: None,
            decline_code: None,
            began_at: now,
            changed_at: now,
        }
    }
}

/// A card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardRow {
    /// Its id.
    pub id: CardId,
    /// Whose wallet it pays for.
    pub wallet: WalletId,
    /// Which processor knows it.
    pub processor: String,
    /// Its id there.
    pub foreign_id: String,
    /// Such as `visa`.
    pub brand: String,
    /// The last four digits.
    pub last4: String,
    /// The month in which it expires.
    pub exp_month: u32,
    /// The year in which it expires.
    pub exp_year: u32,
    /// The same for the same card.
    pub fingerprint: String,
    /// Since when.
    pub added_at: Instant,
    /// When it was removed.
    pub removed_at: Option<Instant>,
}

pub(crate) const PAYMENT: &str =
    "id, wallet, purpose, processor, card, amount_cents, by_user, key_hash, content, created_at, paid_at, credited_at";
const ATTEMPT: &str =
    "payment, number, processor, foreign_id, state, is_live, looks, page, code, decline_code, began_at, changed_at";
const CARD: &str =
    "id, wallet, processor, foreign_id, brand, last4, exp_month, exp_year, fingerprint, added_at, removed_at";

impl Tx<'_> {
    /// Writes with which card, and at which processor, an unpaid payment is tried from now on.
    pub async fn set_payment_card(&mut self, row: &PaymentRow) -> Result<(), Fault> {
        let sql = "UPDATE payments SET card = $2, processor = $3 WHERE id = $1 AND paid_at IS NULL";
        self.session.execute(sql, &[row.id.into(), row.card.into(), (&row.processor).into()]).await.map(drop)
    }

    /// Adds a payment, with what its invoice will say.
    pub async fn insert_payment(&mut self, row: &PaymentRow, draft: &Draft) -> Result<(), Fault> {
        let sql = format!(
            "INSERT INTO payments ({PAYMENT}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
             ON CONFLICT DO NOTHING"
        );
        let values: [Value; 12] = [
            row.id.into(),
            row.wallet.into(),
            (&row.purpose).into(),
            (&row.processor).into(),
            row.card.into(),
            row.amount.into(),
            row.by.into(),
            row.key_hash.into(),
            row.content.into(),
            row.created_at.into(),
            row.paid_at.into(),
            row.credited_at.into(),
        ];
        match self.session.execute(&sql, &values).await? {
            0 => Err(Fault::Taken { what: "a payment of this key" }),
            _ => self.insert_invoice_draft(row.id, draft).await,
        }
    }

    /// Writes when the money was there, and when its credits were.
    pub async fn update_payment(&mut self, row: &PaymentRow) -> Result<(), Fault> {
        let sql = "UPDATE payments SET paid_at = $2, credited_at = $3 WHERE id = $1";
        let values = [row.id.into(), row.paid_at.into(), row.credited_at.into()];
        self.session.execute(sql, &values).await.map(drop)
    }

    /// The payment of this id.
    pub async fn find_payment(&mut self, id: PaymentId) -> Result<Option<PaymentRow>, Fault> {
        find_payment(&mut self.session, id).await
    }

    /// Adds an attempt, or writes how it stands now.
    pub async fn save_attempt(&mut self, row: &AttemptRow) -> Result<(), Fault> {
        let sql = format!(
            "INSERT INTO attempts ({ATTEMPT}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
             ON CONFLICT (payment, number) DO UPDATE SET foreign_id = excluded.foreign_id, state = excluded.state, \
             is_live = excluded.is_live, looks = excluded.looks, page = excluded.page, code = excluded.code, \
             decline_code = excluded.decline_code, changed_at = excluded.changed_at"
        );
        let values: [Value; 12] = [
            row.payment.into(),
            row.number.into(),
            (&row.processor).into(),
            row.foreign_id.as_ref().into(),
            (&row.state).into(),
            row.is_live.into(),
            row.looks.into(),
            row.page.as_ref().into(),
            row.code.as_ref().into(),
            row.decline_code.as_ref().into(),
            row.began_at.into(),
            row.changed_at.into(),
        ];
        self.session.execute(&sql, &values).await.map(drop)
    }

    /// The attempt of a payment that took the money, else the latest.
    pub async fn find_attempt(&mut self, payment: PaymentId) -> Result<Option<AttemptRow>, Fault> {
        find_attempt(&mut self.session, payment).await
    }

    /// The attempt of this number.
    pub async fn find_attempt_of(&mut self, payment: PaymentId, number: u32) -> Result<Option<AttemptRow>, Fault> {
        let sql = format!("SELECT {ATTEMPT} FROM attempts WHERE payment = $1 AND number = $2");
        self.session.find(&sql, &[payment.into(), number.into()]).await?.map(attempt).transpose()
    }

    /// Notes who a wallet is to a processor. Who it was already stays: two that note the same at once may meet at either
    /// of the table's keys.
    pub async fn insert_customer(
        &mut self,
        wallet: WalletId,
        processor: &str,
        foreign_id: &str,
        at: Instant,
    ) -> Result<(), Fault> {
        let sql = "INSERT INTO customers (wallet, processor, foreign_id, created_at) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT DO NOTHING";
        let values = [wallet.into(), processor.into(), foreign_id.into(), at.into()];
        self.session.execute(sql, &values).await.map(drop)
    }

    /// Adds a card. Adding it again changes nothing.
    pub async fn insert_card(&mut self, row: &CardRow) -> Result<(), Fault> {
        let sql = format!(
            "INSERT INTO cards ({CARD}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
             ON CONFLICT (processor, foreign_id) DO NOTHING"
        );
        let values: [Value; 11] = [
            row.id.into(),
            row.wallet.into(),
            (&row.processor).into(),
            (&row.foreign_id).into(),
            (&row.brand).into(),
            (&row.last4).into(),
            row.exp_month.into(),
            row.exp_year.into(),
            (&row.fingerprint).into(),
            row.added_at.into(),
            row.removed_at.into(),
        ];
        self.session.execute(&sql, &values).await.map(drop)
    }

    /// The card of this id at the processor.
    pub async fn find_card_by_foreign_id(
        &mut self,
        processor: &str,
        foreign_id: &str,
    ) -> Result<Option<CardRow>, Fault> {
        let sql = format!("SELECT {CARD} FROM cards WHERE processor = $1 AND foreign_id = $2");
        self.session.find(&sql, &[processor.into(), foreign_id.into()]).await?.map(card).transpose()
    }

    /// Notes that a card of the wallet was removed, and answers which. `None` when there is none of this id.
    pub async fn remove_card(&mut self, wallet: WalletId, id: CardId, at: Instant) -> Result<Option<CardRow>, Fault> {
        let sql = format!(
            "UPDATE cards SET removed_at = $3 WHERE id = $1 AND wallet = $2 AND removed_at IS NULL RETURNING {CARD}"
        );
        self.session.find(&sql, &[id.into(), wallet.into(), at.into()]).await?.map(card).transpose()
    }

    /// Notes up to when the events of a processor were asked for. It never goes back.
    pub async fn save_event_listing(&mut self, processor: &str, listed_until: Instant) -> Result<(), Fault> {
        let sql = "INSERT INTO event_listings (processor, listed_until) VALUES ($1, $2) ON CONFLICT (processor) \
                   DO UPDATE SET listed_until = excluded.listed_until \
                   WHERE event_listings.listed_until < excluded.listed_until";
        self.session.execute(sql, &[processor.into(), listed_until.into()]).await.map(drop)
    }

    /// Notes an event. Answers whether it is new.
    pub async fn insert_processor_event(
        &mut self,
        processor: &str,
        id: &str,
        object: &str,
        at: Instant,
    ) -> Result<bool, Fault> {
        let sql = "INSERT INTO processor_events (processor, id, object, received_at) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (processor, id) DO NOTHING";
        let values = [processor.into(), id.into(), object.into(), at.into()];
        Ok(self.session.execute(sql, &values).await? == 1)
    }
}

impl Reader {
    /// The payment of this id.
    pub async fn find_payment(&self, id: PaymentId) -> Result<Option<PaymentRow>, Fault> {
        self.read_beside("looking for a payment", move |session| Box::pin(find_payment(session, id))).await
    }

    /// Up to when the events of a processor were asked for; absent when they never were.
    pub async fn find_event_listing(&self, processor: &str) -> Result<Option<Instant>, Fault> {
        let processor = processor.to_owned();
        self.read_beside("looking up which events were asked for", move |session| {
            Box::pin(async move {
                let sql = "SELECT listed_until FROM event_listings WHERE processor = $1";
                session.find(sql, &[processor.into()]).await?.map(|mut row| row.take()).transpose()
            })
        })
        .await
    }

    /// The attempt of a payment that took the money, else the latest.
    pub async fn find_attempt(&self, payment: PaymentId) -> Result<Option<AttemptRow>, Fault> {
        self.read_beside("looking for an attempt", move |session| Box::pin(find_attempt(session, payment))).await
    }

    /// The payment whose attempt has this id at the processor.
    pub async fn find_payment_by_foreign_id(
        &self,
        processor: &str,
        foreign_id: &str,
    ) -> Result<Option<PaymentId>, Fault> {
        Ok(self.find_attempt_by_foreign_id(processor, foreign_id).await?.map(|attempt| attempt.payment))
    }

    /// The attempt that has this id at the processor.
    pub async fn find_attempt_by_foreign_id(
        &self,
        processor: &str,
        foreign_id: &str,
    ) -> Result<Option<AttemptRow>, Fault> {
        let sql = format!("SELECT {ATTEMPT} FROM attempts WHERE processor = $1 AND foreign_id = $2");
        let values = [Value::from(processor), Value::from(foreign_id)];
        self.read_beside("looking for an attempt", move |session| {
            Box::pin(async move { session.find(&sql, &values).await?.map(attempt).transpose() })
        })
        .await
    }

    /// A wallet's payments for credits, oldest first.
    pub async fn list_purchases(
        &self,
        wallet: WalletId,
        after: Option<PaymentId>,
        limit: u32,
    ) -> Result<Vec<PaymentRow>, Fault> {
        let after = after.map(|id| id.uuid()).unwrap_or_default();
        let sql = format!(
            "SELECT {PAYMENT} FROM payments WHERE wallet = $1 AND id > $2 \
             AND NOT EXISTS (SELECT 1 FROM bills WHERE payment = payments.id) ORDER BY id LIMIT $3"
        );
        self.read_beside("listing purchases", move |session| {
            Box::pin(async move {
                let rows = session.query(&sql, &[wallet.into(), after.into(), limit.into()]).await?;
                rows.into_iter().map(payment).collect()
            })
        })
        .await
    }

    /// A wallet's payments, oldest first.
    pub async fn list_payments(
        &self,
        wallet: WalletId,
        after: Option<PaymentId>,
        limit: u32,
    ) -> Result<Vec<PaymentRow>, Fault> {
        let after = after.map(|id| id.uuid()).unwrap_or_default();
        let sql = format!("SELECT {PAYMENT} FROM payments WHERE wallet = $1 AND id > $2 ORDER BY id LIMIT $3");
        self.read_beside("listing payments", move |session| {
            Box::pin(async move {
                let rows = session.query(&sql, &[wallet.into(), after.into(), limit.into()]).await?;
                rows.into_iter().map(payment).collect()
            })
        })
        .await
    }

    /// A wallet's last payments for credits, the newest first.
    pub async fn list_latest_purchases(&self, wallet: WalletId, limit: u32) -> Result<Vec<PaymentRow>, Fault> {
        let sql = format!(
            "SELECT {PAYMENT} FROM payments WHERE wallet = $1 \
             AND NOT EXISTS (SELECT 1 FROM bills WHERE payment = payments.id) ORDER BY id DESC LIMIT $2"
        );
        self.read_beside("listing purchases", move |session| {
            Box::pin(async move {
                let rows = session.query(&sql, &[wallet.into(), limit.into()]).await?;
                rows.into_iter().map(payment).collect()
            })
        })
        .await
    }

    /// Who a wallet is to a processor.
    pub async fn find_customer(&self, wallet: WalletId, processor: &str) -> Result<Option<String>, Fault> {
        let sql = "SELECT foreign_id FROM customers WHERE wallet = $1 AND processor = $2";
        let values = [Value::from(wallet), Value::from(processor)];
        self.read_beside("looking for a customer", move |session| {
            Box::pin(async move { session.find(sql, &values).await?.map(|mut row| row.take()).transpose() })
        })
        .await
    }

    /// The processors to whom somebody here is known.
    pub async fn list_processors(&self) -> Result<Vec<String>, Fault> {
        let sql = "SELECT DISTINCT processor FROM customers ORDER BY processor";
        self.read_beside("looking for processors", move |session| {
            Box::pin(async move { session.query(sql, &[]).await?.into_iter().map(|mut row| row.take()).collect() })
        })
        .await
    }

    /// The cards of a wallet that one processor knows and nobody has removed, oldest first.
    pub async fn list_cards(&self, wallet: WalletId, processor: &str) -> Result<Vec<CardRow>, Fault> {
        let sql =
            format!("SELECT {CARD} FROM cards WHERE wallet = $1 AND processor = $2 AND removed_at IS NULL ORDER BY id");
        let values = [Value::from(wallet), Value::from(processor)];
        self.read_beside("listing cards", move |session| {
            Box::pin(async move { session.query(&sql, &values).await?.into_iter().map(card).collect() })
        })
        .await
    }

    /// The card of this id, also when it was removed.
    pub async fn find_card(&self, id: CardId) -> Result<Option<CardRow>, Fault> {
        let sql = format!("SELECT {CARD} FROM cards WHERE id = $1");
        self.read_beside("looking for a card", move |session| {
            Box::pin(async move { session.find(&sql, &[id.into()]).await?.map(card).transpose() })
        })
        .await
    }
}

async fn find_payment(session: &mut Session<'_>, id: PaymentId) -> Result<Option<PaymentRow>, Fault> {
    let sql = format!("SELECT {PAYMENT} FROM payments WHERE id = $1");
    session.find(&sql, &[id.into()]).await?.map(payment).transpose()
}

async fn find_attempt(session: &mut Session<'_>, payment: PaymentId) -> Result<Option<AttemptRow>, Fault> {
    let sql = format!(
        "SELECT {ATTEMPT} FROM attempts WHERE payment = $1 \
         ORDER BY CASE WHEN state = 'succeeded' THEN 0 ELSE 1 END, number DESC LIMIT 1"
    );
    session.find(&sql, &[payment.into()]).await?.map(attempt).transpose()
}

pub(crate) fn payment(mut row: Row) -> Result<PaymentRow, Fault> {
    Ok(PaymentRow {
        id: row.take()?,
        wallet: row.take()?,
        purpose: row.take()?,
        processor: row.take()?,
        card: row.take()?,
        amount: row.take()?,
        by: row.take()?,
        key_hash: row.take()?,
        content: row.take()?,
        created_at: row.take()?,
        paid_at: row.take()?,
        credited_at: row.take()?,
    })
}

fn attempt(mut row: Row) -> Result<AttemptRow, Fault> {
    Ok(AttemptRow {
        payment: row.take()?,
        number: row.take()?,
        processor: row.take()?,
        foreign_id: row.take()?,
        state: row.take()?,
        is_live: row.take()?,
        looks: row.take()?,
        page: row.take()?,
        code: row.take()?,
        decline_code: row.take()?,
        began_at: row.take()?,
        changed_at: row.take()?,
    })
}

fn card(mut row: Row) -> Result<CardRow, Fault> {
    Ok(CardRow {
        id: row.take()?,
        wallet: row.take()?,
        processor: row.take()?,
        foreign_id: row.take()?,
        brand: row.take()?,
        last4: row.take()?,
        exp_month: row.take()?,
        exp_year: row.take()?,
        fingerprint: row.take()?,
        added_at: row.take()?,
        removed_at: row.take()?,
    })
}
