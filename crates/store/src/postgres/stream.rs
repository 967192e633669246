//! Charges and transfers are written once and never changed, and are most of what is written: they come as a stream,
//! which is less work for the server than arrays are.

use std::pin::pin;

use ledger::{Charge, Transfer};
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error};
use uuid::Uuid;

use crate::books;
use crate::rows::{Used, grant_of, label, split, tokens};

const ID: Type = Type::UUID;
const COUNT: Type = Type::INT8;
const TEXT: Type = Type::TEXT;
const BYTES: Type = Type::BYTEA;

const TRANSFER: [Type; 10] = [ID, COUNT, COUNT, COUNT, COUNT, COUNT, ID, COUNT, ID, BYTES];

pub(super) async fn transfers(client: &Client, transfers: &[&Transfer]) -> Result<(), Error> {
    if transfers.is_empty() {
        return Ok(());
    }
    let mut rows = pin!(open(client, "COPY transfers FROM STDIN BINARY", &TRANSFER).await?);
    for transfer in transfers {
        let row: [&(dyn ToSql + Sync); 10] = [
            &transfer.wallet.uuid(),
            &(transfer.seq as i64),
            &transfer.at.micros(),
            &i64::from(transfer.kind.code()),
            &i64::from(transfer.from.code()),
            &i64::from(transfer.to.code()),
            &grant_of(transfer),
            &transfer.amount.nanos(),
            &Uuid::from_bytes(transfer.reference),
            &&transfer.hash.0[..],
        ];
        rows.as_mut().write(&row).await?;
    }
    rows.finish().await.map(drop)
}

const CHARGE: [Type; 28] = [
    ID, ID, COUNT, COUNT, COUNT, COUNT, COUNT, COUNT, COUNT, COUNT, ID, ID, ID, TEXT, TEXT, TEXT, COUNT, TEXT, TEXT,
    COUNT, COUNT, COUNT, COUNT, COUNT, COUNT, TEXT, COUNT, TEXT,
];

pub(super) async fn charges(client: &Client, charges: &[(&Charge, Option<Used<'_>>)]) -> Result<(), Error> {
    if charges.is_empty() {
        return Ok(());
    }
    let mut rows = pin!(open(client, "COPY charges FROM STDIN BINARY", &CHARGE).await?);
    for (charge, used) in charges {
        let (cost_nanos, cost_attos) = split(charge.cost);
        let record = used.as_ref().map(|used| used.record);
        let usage = record.map(|record| &record.usage);
        let row: [&(dyn ToSql + Sync); 28] = [
            &charge.wallet.uuid(),
            &charge.id.uuid(),
            &charge.at.micros(),
            &cost_nanos,
            &cost_attos,
            &charge.debited.nanos(),
            &charge.lost.nanos(),
            &charge.held.nanos(),
            &(charge.first_seq as i64),
            &i64::from(charge.transfers),
            &record.map(|record| record.request.uuid()),
            &record.and_then(|record| record.user).map(|user| user.uuid()),
            &record.and_then(|record| record.api_key).map(|key| key.uuid()),
            &used.as_ref().map(|used| &*used.model),
            &used.as_ref().map(|used| &*used.provider),
            &used.as_ref().map(|used| &*used.project),
            &record.map(|record| record.admitted_at.micros()),
            &record.and_then(|record| record.price_version.as_deref()).map(label),
            &record.map(|record| books::cost_source_name(record.cost_source)),
            &usage.map(|usage| tokens(usage.input)),
            &usage.map(|usage| tokens(usage.cache_read)),
            &usage.map(|usage| tokens(usage.cache_write)),
            &usage.map(|usage| tokens(usage.cache_write_1h)),
            &usage.map(|usage| tokens(usage.output)),
            &usage.map(|usage| tokens(usage.reasoning)),
            &usage.and_then(|usage| usage.reported_cost).map(|cost| cost.to_string()),
            &usage.map(|usage| i64::from(usage.estimated)),
            &record.and_then(|record| record.own_cost).map(|cost| cost.to_string()),
        ];
        rows.as_mut().write(&row).await?;
    }
    rows.finish().await.map(drop)
}

async fn open(client: &Client, statement: &str, row: &[Type]) -> Result<BinaryCopyInWriter, Error> {
    Ok(BinaryCopyInWriter::new(client.copy_in(statement).await?, row))
}
