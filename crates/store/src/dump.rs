//! The books as text: every row of every table of the ledger in the order of its key, the same bytes from
//! both databases after the same commands.
//!
//! For a database that nobody is writing: pages are read one after the other.

use std::fmt::Write as _;
use std::io::Write;

use crate::session::Session;
use crate::value::{Row, Value};
use crate::{Fault, Reader, books, past, rows};

const ROWS_A_PAGE: u32 = 5_000;

/// A table: its name, its columns with the key in front, and how many of them are the key.
struct Table {
    name: &'static str,
    columns: &'static str,
    key: usize,
}

const TABLES: [Table; 12] = [
    Table {
        name: "wallets",
        columns: "id, holder_kind, holder, created_at, remainder, receivable_nanos, head_seq, head_hash, \
                  head_at",
        key: 1,
    },
    Table {
        name: "grants",
        columns: "wallet, id, source, paid, amount_nanos, left_nanos, drained, effective_at, expires_at, \
                  refunding_nanos, refunded_nanos, expired_nanos, taken_nanos, disputes, lost",
        key: 2,
    },
    Table { name: "open_holds", columns: books::HOLD, key: 2 },
    Table { name: "ended_holds", columns: "wallet, id, how", key: 2 },
    Table {
        name: "charges",
        columns: "wallet, id, settled_at, cost_nanos, cost_attos, debited_nanos, lost_nanos, held_nanos, first_seq, \
                  transfer_count, request, user_id, api_key, model, provider, project, admitted_at, price_version, \
                  cost_source, input, cache_read, cache_write, cache_write_1h, output, reasoning, reported_cost, estimated, \
                  own_cost",
        key: 2,
    },
    Table { name: "transfers", columns: books::TRANSFER, key: 2 },
    Table { name: "usage_daily", columns: crate::reader::USAGE_DAILY, key: 7 },
    Table { name: "account_daily", columns: rows::ACCOUNT_DAILY, key: 2 },
    Table { name: "refunds", columns: past::REFUND, key: 2 },
    Table { name: "disputes", columns: past::DISPUTE, key: 2 },
    Table { name: "corrections", columns: past::CORRECTION, key: 3 },
    Table { name: "idempotency", columns: "wallet, key_hash, content, outcome, created_at", key: 2 },
];

/// Writes the books. Ids and bytes are hexadecimal, text is quoted as in JSON, what is absent is `-`.
pub async fn dump(reader: &Reader, out: &mut impl Write) -> Result<(), Fault> {
    for table in &TABLES {
        write(out, &format!("# {}: {}\n", table.name, table.columns))?;
        let mut after: Option<Vec<Value>> = None;
        loop {
            let (lines, last) = reader
                .read("reading the books", move |session| Box::pin(page(session, table, after.unwrap_or_default())))
                .await?;
            write(out, &lines)?;
            after = match last {
                Some(last) => Some(last),
                None => break,
            };
        }
    }
    Ok(())
}

fn write(out: &mut impl Write, text: &str) -> Result<(), Fault> {
    out.write_all(text.as_bytes()).map_err(|error| Fault::unavailable("writing the dump", error))
}

/// One page as text, and the key of its last row when there may be more.
async fn page(
    session: &mut Session<'_>,
    table: &Table,
    after: Vec<Value>,
) -> Result<(String, Option<Vec<Value>>), Fault> {
    let Table { name, columns, key } = table;
    let keys: Vec<&str> = columns.split(", ").take(*key).collect();
    let keys = keys.join(", ");
    let places: Vec<String> = (1..=after.len()).map(|place| format!("${place}")).collect();
    let bound = if after.is_empty() { String::new() } else { format!("WHERE ({keys}) > ({})", places.join(", ")) };
    let sql = format!("SELECT {columns} FROM {name} {bound} ORDER BY {keys} LIMIT {ROWS_A_PAGE}");

    let width = columns.split(", ").count();
    let (mut lines, mut last, mut count) = (String::new(), Vec::new(), 0);
    for mut row in session.query(&sql, &after).await? {
        let values = take(&mut row, width)?;
        line(&mut lines, name, &values);
        last = values.into_iter().take(*key).collect();
        count += 1;
    }
    Ok((lines, Some(last).filter(|_| count == ROWS_A_PAGE)))
}

fn take(row: &mut Row, width: usize) -> Result<Vec<Value>, Fault> {
    (0..width).map(|_| row.take()).collect()
}

fn line(lines: &mut String, table: &str, values: &[Value]) {
    lines.push_str(table);
    for value in values {
        lines.push(' ');
        match value {
            Value::Null => lines.push('-'),
            // Writing to a string cannot fail.
            Value::Int(number) => _ = write!(lines, "{number}"),
            Value::Text(text) => lines.push_str(&serde_json::to_string(text).expect("text is JSON")),
            Value::Bytes(bytes) => bytes.iter().for_each(|byte| _ = write!(lines, "{byte:02x}")),
            Value::Id(id) => _ = write!(lines, "{}", id.simple()),
        }
    }
    lines.push('\n');
}
