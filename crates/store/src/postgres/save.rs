//! Writing the rows of a projection: one statement for each table that changes, all on their way at once, and then the
//! rows that nothing ever changes as streams.
//!
//! Counts of changed rows are not looked at: the pages were decided on rows that are there, and a wallet that went
//! has its pages in the journal's chain for `tare verify`.

use std::pin::Pin;

use futures_util::future::join_all;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Statement};

use super::amend;
use super::statements::Writing;
use super::stream;
use crate::rows::{ACCOUNTS, Rows, pack};

type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>>;

/// Arrays, one for each column.
pub(super) type Columns = Vec<Box<dyn ToSql + Sync + Send>>;

/// Writes everything inside the caller's transaction. The first error is what went wrong; those after it only say
/// that the transaction was given up.
pub(super) async fn save(client: &Client, statements: &Writing, rows: &Rows<'_>) -> Result<(), Error> {
    let mut sending: Vec<Sending<'_>> = Vec::new();
    let mut add = |statement, is_needed: bool, columns: &dyn Fn() -> Columns| {
        if is_needed {
            sending.push(send(client, statement, columns()));
        }
    };
    add(&statements.save_heads, rows.pages.iter().any(|page| page.head.is_some()), &|| heads(rows));
    add(&statements.save_grants, !rows.issued.is_empty(), &|| issued(rows));
    add(&statements.spend_grants, !rows.spent.is_empty(), &|| spent(rows));
    add(&statements.amend_grants, !rows.amended.is_empty(), &|| amend::grants(rows));
    add(&statements.save_receivables, !rows.receivables.is_empty(), &|| amend::receivables(rows));
    add(&statements.save_refunds, !rows.refunds.is_empty(), &|| amend::refunds(rows));
    add(&statements.save_disputes, !rows.disputes.is_empty(), &|| amend::disputes(rows));
    add(&statements.save_corrections, !rows.corrections.is_empty(), &|| amend::corrections(rows));
    add(&statements.save_holds, !rows.opened.is_empty(), &|| opened(rows));
    add(&statements.renew_holds, !rows.renewed.is_empty(), &|| renewed(rows));
    add(&statements.close_holds, !rows.closed.is_empty(), &|| closed(rows));
    add(&statements.end_holds, !rows.ended.is_empty(), &|| ended(rows));
    add(&statements.add_usage, !rows.usage.is_empty(), &|| usage(rows));
    add(&statements.add_accounts, !rows.accounts.is_empty(), &|| accounts(rows));
    add(&statements.save_keys, !rows.keys.is_empty(), &|| keys(rows));
    add(&statements.cross_watches, !rows.fallen.is_empty(), &|| fallen(rows));
    add(&statements.count_gauges, !rows.taken.is_empty(), &|| taken(rows));
    add(&statements.arm_watches, !rows.risen.is_empty(), &|| risen(rows));
    join_all(sending).await.into_iter().collect::<Result<(), Error>>()?;
    stream::transfers(client, &rows.transfers).await?;
    stream::charges(client, &rows.charges).await
}

fn send<'a>(client: &'a Client, statement: &'a Statement, columns: Columns) -> Sending<'a> {
    Box::pin(async move {
        let parameters: Vec<&(dyn ToSql + Sync)> = columns.iter().map(|column| &**column as _).collect();
        client.execute(statement, &parameters).await.map(drop)
    })
}

/// Turns rows into columns.
macro_rules! columns {
    ($rows:expr, $row:pat => $($value:expr),* $(,)?) => {{
        // Each column looks at its own part of the row.
        #[allow(unused_variables)]
        let columns: Columns = vec![$(Box::new($rows.iter().map(|$row| $value).collect::<Vec<_>>())),*];
        columns
    }};
}

pub(super) use columns;

/// Only of wallets whose journal grew: the mark of the log says how far the others are.
fn heads(rows: &Rows<'_>) -> Columns {
    let grown: Vec<_> = rows.pages.iter().filter_map(|page| Some((page, page.head?))).collect();
    columns! { grown, (page, head) =>
        page.wallet.uuid(),
        page.number,
        i64::from(head.remainder.attos()),
        head.head.seq as i64,
        head.head.hash.0.to_vec(),
        head.head.at.micros(),
    }
}

fn issued(rows: &Rows<'_>) -> Columns {
    columns! { rows.issued, (wallet, grant) =>
        wallet.uuid(),
        grant.id.uuid(),
        grant.source.name(),
        i64::from(grant.paid),
        grant.amount.nanos(),
        grant.left.nanos(),
        i64::from(grant.left.is_zero()),
        grant.effective_at.micros(),
        grant.expires_at.map(|end| end.micros()),
    }
}

fn spent(rows: &Rows<'_>) -> Columns {
    columns! { rows.spent, (wallet, grant, left) => wallet.uuid(), grant.uuid(), left.nanos() }
}

fn opened(rows: &Rows<'_>) -> Columns {
    columns! { rows.opened, hold =>
        hold.wallet.uuid(),
        hold.id.uuid(),
        hold.wanted.nanos(),
        hold.least.nanos(),
        pack(&hold.draws),
        hold.placed_at.micros(),
        hold.lease_until.micros(),
        hold.user.map(|user| user.uuid()),
        hold.api_key.map(|key| key.uuid()),
    }
}

fn renewed(rows: &Rows<'_>) -> Columns {
    columns! { rows.renewed, (wallet, hold, until) => wallet.uuid(), hold.uuid(), until.micros() }
}

fn closed(rows: &Rows<'_>) -> Columns {
    columns! { rows.closed, (wallet, hold) => wallet.uuid(), hold.uuid() }
}

fn ended(rows: &Rows<'_>) -> Columns {
    columns! { rows.ended, (wallet, hold, how) => wallet.uuid(), hold.uuid(), *how }
}

fn usage(rows: &Rows<'_>) -> Columns {
    columns! { rows.usage, (key, sum) =>
        key.wallet.uuid(),
        key.day,
        key.model.to_string(),
        key.provider.to_string(),
        key.project.to_string(),
        key.user,
        key.api_key,
        sum.requests,
        sum.input,
        sum.cache_read,
        sum.cache_write,
        sum.output,
        sum.reasoning,
        sum.cost_nanos,
        sum.cost_attos,
        sum.debited_nanos,
        sum.lost_nanos,
    }
}

fn accounts(rows: &Rows<'_>) -> Columns {
    let mut columns = columns! { rows.accounts, ((wallet, day), _) => wallet.uuid(), *day };
    for place in 0..ACCOUNTS {
        columns.push(Box::new(rows.accounts.values().map(|accounts| accounts[place]).collect::<Vec<_>>()));
    }
    columns
}

fn keys(rows: &Rows<'_>) -> Columns {
    columns! { rows.keys, key =>
        key.wallet.uuid(),
        key.hash.to_vec(),
        key.content.to_vec(),
        key.outcome.clone(),
        key.at.micros(),
    }
}

fn fallen(rows: &Rows<'_>) -> Columns {
    columns! { rows.fallen, (wallet, available, at) => wallet.uuid(), available.nanos(), at.micros() }
}

fn risen(rows: &Rows<'_>) -> Columns {
    columns! { rows.risen, (wallet, available) => wallet.uuid(), available.nanos() }
}

fn taken(rows: &Rows<'_>) -> Columns {
    columns! { rows.taken, taken =>
        taken.wallet.uuid(),
        taken.amount.nanos(),
        taken.seq as i64,
        taken.at.micros(),
    }
}
