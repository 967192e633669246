//! Invoices and credit notes, the drafts that they come from, their numbers, and who buys.

use std::fmt::Write as _;

use billing::invoice::{BillingDetails, Document, Draft, InvoiceKind, Number, Series};
use serde::Serialize;
use serde::de::DeserializeOwned;
use units::{CardId, Instant, InvoiceId, PaymentId, RefundId, WalletId};

use crate::people::text;
use crate::session::{Dialect, Session};
use crate::value::{Row, Value};
use crate::{Fault, Reader, Tx};

/// Which documents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvoiceFilter {
    /// Only of this wallet.
    pub wallet: Option<WalletId>,
    /// Only invoices, or only credit notes.
    pub series: Option<Series>,
    /// Only those for this.
    pub kind: Option<InvoiceKind>,
    /// Issued not before.
    pub from: Option<Instant>,
    /// Issued before.
    pub until: Option<Instant>,
}

impl Tx<'_> {
    /// Lets nobody else give numbers until this transaction ends. As the first thing that a transaction does, it
    /// spares PostgreSQL the retries of writers who read the last number at the same time.
    pub(crate) async fn lock_invoice_numbers(&mut self) -> Result<(), Fault> {
        match self.session.dialect() {
            // There is one writer.
            Dialect::Sqlite => Ok(()),
            // Not a query: the transaction sees what was committed until it has the lock.
            Dialect::Postgres => self.session.run("LOCK TABLE invoice_numbers IN EXCLUSIVE MODE").await,
        }
    }

    /// Gives the next number of a series, and the moment of issue: `now`, but not before that of the number before.
    pub async fn next_invoice_number(&mut self, series: Series, now: Instant) -> Result<(Number, Instant), Fault> {
        let year = now.year();
        let sql = "INSERT INTO invoice_numbers (series, year, last, last_at) VALUES ($1, $2, 1, $3) \
                   ON CONFLICT (series, year) DO UPDATE SET last = invoice_numbers.last + 1, \
                   last_at = CASE WHEN excluded.last_at > invoice_numbers.last_at THEN excluded.last_at \
                   ELSE invoice_numbers.last_at END RETURNING last, last_at";
        let row = self.session.find(sql, &[series.name().into(), year.into(), now.into()]).await?;
        let mut row = row.ok_or_else(|| Fault::corrupt("no number was given"))?;
        Ok((Number { year, series, count: row.take()? }, row.take()?))
    }

    /// Adds a document. Its number must be the one that was given last.
    pub async fn insert_invoice(&mut self, document: &Document) -> Result<(), Fault> {
        let sql = "INSERT INTO invoices (id, series, year, number, wallet, payment, refund, kind, issued_at, \
                   total_cents, document) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let values: [Value; 11] = [
            document.id.into(),
            document.number.series.name().into(),
            document.number.year.into(),
            document.number.count.into(),
            document.wallet.into(),
            document.payment.into(),
            document.refund.into(),
            document.content.kind.name().into(),
            document.issued_at.into(),
            document.content.total.into(),
            json(document)?,
        ];
        self.session.execute(sql, &values).await.map(drop)
    }

    /// The invoice of a payment.
    pub async fn find_invoice_of_payment(&mut self, payment: PaymentId) -> Result<Option<Document>, Fault> {
        let sql = "SELECT document FROM invoices WHERE payment = $1 AND series = 'invoice'";
        self.session.find(sql, &[payment.into()]).await?.map(document).transpose()
    }

    /// The credit note of a refund.
    pub async fn find_credit_note(&mut self, refund: RefundId) -> Result<Option<Document>, Fault> {
        let sql = "SELECT document FROM invoices WHERE refund = $1";
        self.session.find(sql, &[refund.into()]).await?.map(document).transpose()
    }

    /// The credit notes about a payment, oldest first.
    pub async fn list_credit_notes(&mut self, payment: PaymentId) -> Result<Vec<Document>, Fault> {
        list_credit_notes(&mut self.session, payment).await
    }

    /// Keeps what the invoice of a payment will say.
    pub async fn insert_invoice_draft(&mut self, payment: PaymentId, draft: &Draft) -> Result<(), Fault> {
        let sql = "INSERT INTO invoice_drafts (payment, draft) VALUES ($1, $2)";
        self.session.execute(sql, &[payment.into(), json(draft)?]).await.map(drop)
    }

    /// What the invoice of a payment says, or will say.
    pub async fn find_invoice_draft(&mut self, payment: PaymentId) -> Result<Option<Draft>, Fault> {
        find_invoice_draft(&mut self.session, payment).await
    }

    /// What a card is called by who pays with it, such as `visa 4242`.
    pub async fn name_card(&mut self, card: CardId) -> Result<Option<String>, Fault> {
        let sql = "SELECT brand || ' ' || last4 FROM cards WHERE id = $1";
        self.session.find(sql, &[card.into()]).await?.map(|mut row| row.take()).transpose()
    }

    /// Writes a wallet's details over the ones before.
    pub async fn save_billing_details(
        &mut self,
        wallet: WalletId,
        details: &BillingDetails,
        now: Instant,
    ) -> Result<(), Fault> {
        let sql = "INSERT INTO billing_details (wallet, details, changed_at) VALUES ($1, $2, $3) \
                   ON CONFLICT (wallet) DO UPDATE SET details = excluded.details, changed_at = excluded.changed_at";
        self.session.execute(sql, &[wallet.into(), json(details)?, now.into()]).await.map(drop)
    }

    /// A wallet's details, when its holder has given any.
    pub async fn find_billing_details(&mut self, wallet: WalletId) -> Result<Option<BillingDetails>, Fault> {
        find_billing_details(&mut self.session, wallet).await
    }
}

impl Reader {
    /// The document of this number.
    pub async fn find_invoice(&self, number: Number) -> Result<Option<Document>, Fault> {
        let sql = "SELECT document FROM invoices WHERE series = $1 AND year = $2 AND number = $3";
        let values = [number.series.name().into(), number.year.into(), number.count.into()];
        self.read_beside("looking for an invoice", move |session| {
            Box::pin(async move { session.find(sql, &values).await?.map(document).transpose() })
        })
        .await
    }

    /// The document of this id.
    pub async fn find_invoice_by_id(&self, id: InvoiceId) -> Result<Option<Document>, Fault> {
        let sql = "SELECT document FROM invoices WHERE id = $1";
        self.read_beside("looking for an invoice", move |session| {
            Box::pin(async move { session.find(sql, &[id.into()]).await?.map(document).transpose() })
        })
        .await
    }

    /// Documents, the newest first, from before one of them.
    pub async fn list_invoices(
        &self,
        filter: InvoiceFilter,
        before: Option<InvoiceId>,
        limit: u32,
    ) -> Result<Vec<Document>, Fault> {
        self.read_beside("listing invoices", move |session| {
            Box::pin(async move { list_invoices(session, &filter, before, limit).await })
        })
        .await
    }

    /// The credit notes about a payment, oldest first.
    pub async fn list_credit_notes(&self, payment: PaymentId) -> Result<Vec<Document>, Fault> {
        self.read_beside("listing credit notes", move |session| Box::pin(list_credit_notes(session, payment))).await
    }

    /// What the invoice of a payment says, or will say.
    pub async fn find_invoice_draft(&self, payment: PaymentId) -> Result<Option<Draft>, Fault> {
        self.read_beside("looking for a draft", move |session| Box::pin(find_invoice_draft(session, payment))).await
    }

    /// A wallet's details, when its holder has given any.
    pub async fn find_billing_details(&self, wallet: WalletId) -> Result<Option<BillingDetails>, Fault> {
        let doing = "looking for billing details";
        self.read_beside(doing, move |session| Box::pin(find_billing_details(session, wallet))).await
    }
}

async fn list_invoices(
    session: &mut Session<'_>,
    filter: &InvoiceFilter,
    before: Option<InvoiceId>,
    limit: u32,
) -> Result<Vec<Document>, Fault> {
    let wanted: [(&str, Option<Value>); 6] = [
        ("wallet =", filter.wallet.map(Value::from)),
        ("series =", filter.series.map(|series| series.name().into())),
        ("kind =", filter.kind.map(|kind| kind.name().into())),
        ("issued_at >=", filter.from.map(Value::from)),
        ("issued_at <", filter.until.map(Value::from)),
        ("id <", before.map(Value::from)),
    ];
    let mut sql = "SELECT document FROM invoices WHERE true".to_owned();
    let mut values = Vec::new();
    for (condition, value) in wanted {
        let Some(value) = value else { continue };
        values.push(value);
        // Writing to a string cannot fail.
        _ = write!(sql, " AND {condition} ${}", values.len());
    }
    values.push(limit.into());
    _ = write!(sql, " ORDER BY id DESC LIMIT ${}", values.len());
    session.query(&sql, &values).await?.into_iter().map(document).collect()
}

async fn list_credit_notes(session: &mut Session<'_>, payment: PaymentId) -> Result<Vec<Document>, Fault> {
    let sql = "SELECT document FROM invoices WHERE payment = $1 AND series = 'credit_note' ORDER BY id";
    session.query(sql, &[payment.into()]).await?.into_iter().map(document).collect()
}

async fn find_invoice_draft(session: &mut Session<'_>, payment: PaymentId) -> Result<Option<Draft>, Fault> {
    let sql = "SELECT draft FROM invoice_drafts WHERE payment = $1";
    session.find(sql, &[payment.into()]).await?.map(|row| read(row, "a draft")).transpose()
}

async fn find_billing_details(session: &mut Session<'_>, wallet: WalletId) -> Result<Option<BillingDetails>, Fault> {
    let sql = "SELECT details FROM billing_details WHERE wallet = $1";
    session.find(sql, &[wallet.into()]).await?.map(|row| read(row, "billing details")).transpose()
}

fn document(row: Row) -> Result<Document, Fault> {
    read(row, "a document")
}

/// A value as it is kept.
pub(crate) fn json(value: &impl Serialize) -> Result<Value, Fault> {
    serde_json::to_string(value).map(|json| text(&json)).map_err(|error| Fault::corrupt(error.to_string()))
}

/// The value that the next column keeps.
pub(crate) fn read<T: DeserializeOwned>(mut row: Row, what: &str) -> Result<T, Fault> {
    parse(&row.take::<String>()?, what)
}

/// A value that was kept.
pub(crate) fn parse<T: DeserializeOwned>(json: &str, what: &str) -> Result<T, Fault> {
    serde_json::from_str(json).map_err(|error| Fault::corrupt(format!("{what}: {error}")))
}
