//! Invoices against the payments that they are about, and their numbers against the count.

use billing::invoice::Document;
use units::{Cents, InvoiceId, PaymentId, WalletId};

use super::{Difference, ROWS_A_PAGE};
use crate::session::Session;
use crate::{Fault, Reader};

/// Every series has each number once; every paid payment has one invoice over what was paid, and every invoice such a
/// payment; credit notes are within their invoice; and each document says what stands beside it. Answers how many
/// documents there are.
pub(super) async fn check(reader: &Reader) -> Result<(u64, Vec<Difference>), Fault> {
    let mut found = reader.snapshot_beside("checking invoices", |session| Box::pin(check_sets(session))).await?;
    let (mut documents, mut after) = (0, None);
    loop {
        let page = reader.read_beside("checking invoices", move |session| Box::pin(check_page(session, after))).await?;
        found.extend(page.differences);
        documents += page.documents;
        after = page.last;
        if after.is_none() {
            return Ok((documents, found));
        }
    }
}

async fn check_sets(session: &mut Session<'_>) -> Result<Vec<Difference>, Fault> {
    let mut found = Vec::new();
    let sql = "SELECT s.series, s.year, coalesce(n.last, 0), s.documents, s.highest FROM \
               (SELECT series, year, count(*) AS documents, max(number) AS highest FROM invoices GROUP BY series, year) s \
               LEFT JOIN invoice_numbers n ON n.series = s.series AND n.year = s.year \
               UNION ALL SELECT n.series, n.year, n.last, 0, 0 FROM invoice_numbers n WHERE NOT EXISTS \
               (SELECT 1 FROM invoices i WHERE i.series = n.series AND i.year = n.year)";
    for mut row in session.query(sql, &[]).await? {
        let (series, year): (String, u32) = (row.take()?, row.take()?);
        let (last, documents, highest): (i64, i64, i64) = (row.take()?, row.take()?, row.take()?);
        if last != documents || last != highest {
            let what = format!(
                "the numbers of series {series} in {year} go to {last}, but {documents} are there, up to {highest}"
            );
            found.push(Difference { wallet: None, seq: None, what, more: 0 });
        }
    }
    let paid = "SELECT p.wallet, p.id FROM payments p WHERE p.paid_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM \
                invoices i WHERE i.payment = p.id AND i.series = 'invoice' AND i.wallet = p.wallet \
                AND i.total_cents = p.amount_cents) LIMIT 1000";
    let unpaid = "SELECT i.wallet, i.payment FROM invoices i WHERE NOT EXISTS (SELECT 1 FROM payments p \
                  WHERE p.id = i.payment AND p.paid_at IS NOT NULL) LIMIT 1000";
    let credited = "SELECT i.wallet, i.payment FROM invoices i GROUP BY i.wallet, i.payment HAVING \
                    sum(CASE i.series WHEN 'credit_note' THEN i.total_cents ELSE 0 END) > \
                    sum(CASE i.series WHEN 'invoice' THEN i.total_cents ELSE 0 END) LIMIT 1000";
    for (sql, wrong) in [
        (paid, "is paid and has no invoice over the same amount"),
        (unpaid, "has an invoice or a credit note and was never paid"),
        (credited, "was credited more than its invoice is over"),
    ] {
        for mut row in session.query(sql, &[]).await? {
            let (wallet, payment): (WalletId, PaymentId) = (row.take()?, row.take()?);
            found.push(Difference { wallet: Some(wallet), seq: None, what: format!("{payment} {wrong}"), more: 0 });
        }
    }
    Ok(found)
}

struct Page {
    documents: u64,
    /// The last row, unless there is nothing behind it.
    last: Option<InvoiceId>,
    differences: Vec<Difference>,
}

async fn check_page(session: &mut Session<'_>, after: Option<InvoiceId>) -> Result<Page, Fault> {
    let sql = "SELECT id, wallet, payment, series, year, number, total_cents, document FROM invoices WHERE id > $1 \
               ORDER BY id LIMIT $2";
    let after = after.map(InvoiceId::uuid).unwrap_or_default();
    let rows = session.query(sql, &[after.into(), ROWS_A_PAGE.into()]).await?;
    let is_last = rows.len() < ROWS_A_PAGE as usize;
    let mut page = Page { documents: 0, last: None, differences: Vec::new() };
    for mut row in rows {
        let (id, wallet, payment): (InvoiceId, WalletId, PaymentId) = (row.take()?, row.take()?, row.take()?);
        let (series, year, number): (String, u32, u32) = (row.take()?, row.take()?, row.take()?);
        let (total, text): (Cents, String) = (row.take()?, row.take()?);
        let says = serde_json::from_str::<Document>(&text).is_ok_and(|document| {
            let sum: i64 = document.content.lines.iter().map(|line| line.amount.count()).sum();
            (document.id, document.wallet, document.payment) == (id, wallet, payment)
                && document.number.series.name() == series
                && (document.number.year, document.number.count) == (year, number)
                && document.content.total == total
                && sum == total.count()
        });
        if !says {
            let what = format!("the document {id} does not say what stands beside it, or does not add up");
            page.differences.push(Difference { wallet: Some(wallet), seq: None, what, more: 0 });
        }
        page.documents += 1;
        page.last = Some(id);
    }
    page.last = page.last.filter(|_| !is_last);
    Ok(page)
}
