//! A receipt from the books.

use billing::{PriceVersion, UsageRecord};
use ledger::Charge;
use store::{ChargeRow, Reader};
use units::{HoldId, WalletId};

use super::key::hex;
use super::{Part, Position, PublicKey, Receipt, RootSeen, SignedReceipt, Used};
use crate::{Error, Services, question};

/// The receipt of a charge, signed.
///
/// # Errors
/// [`Error::NoReceiptKey`] when this server signs none.
pub async fn issue(services: &Services, wallet: WalletId, charge: HoldId) -> Result<SignedReceipt, Error> {
    let key = services.receipt_key.as_deref().ok_or(Error::NoReceiptKey)?;
    let receipt = load(services.store.reader(), &services.prices.current(), wallet, charge).await?;
    Ok(SignedReceipt::sign(receipt, key))
}

/// The half of the key with which anybody can check this server's receipts.
///
/// # Errors
/// [`Error::NoReceiptKey`] when this server signs none.
pub fn public_key(services: &Services) -> Result<PublicKey, Error> {
    services.receipt_key.as_ref().map(|key| key.public()).ok_or(Error::NoReceiptKey)
}

/// What the receipt of a charge says.
pub async fn load(
    reader: &Reader,
    prices: &billing::PriceBook,
    wallet: WalletId,
    hold: HoldId,
) -> Result<Receipt, Error> {
    let unknown = || Error::NotFound { what: "charge", name: hold.to_string() };
    let row = reader.find_charge(wallet, hold).await?.ok_or_else(unknown)?;
    write(reader, prices, row).await
}

/// The same of a charge that is loaded.
pub async fn write(reader: &Reader, prices: &billing::PriceBook, row: ChargeRow) -> Result<Receipt, Error> {
    let ChargeRow { charge, usage } = row;
    let version = usage.as_ref().and_then(|record| record.price_version.clone());
    let list = version.and_then(|version| prices.find_version(&PriceVersion::from_stored(version)));
    let parts = question::paid_by(reader, &charge).await?.into_iter().map(|payer| Part {
        grant: payer.grant,
        source: payer.source.to_owned(),
        paid: payer.paid,
        amount: payer.amount,
    });
    Ok(Receipt {
        charge: charge.id,
        wallet: charge.wallet,
        settled_at: charge.at,
        used: usage.map(used),
        prices: list.map(|list| serde_json::to_value(list).expect("a price list is plain data")),
        provider_cost: charge.cost,
        debited: charge.debited,
        lost: charge.lost,
        paid_by: parts.collect(),
        position: position(reader, &charge).await?,
        root: root(reader, &charge).await?,
    })
}

fn used(record: UsageRecord) -> Used {
    let usage = record.usage;
    Used {
        request: record.request,
        model: record.model,
        provider: record.provider,
        admitted_at: record.admitted_at,
        price_version: record.price_version,
        cost_source: record.cost_source,
        input: usage.input,
        cache_read: usage.cache_read,
        cache_write: usage.cache_write,
        cache_write_1h: usage.cache_write_1h,
        output: usage.output,
        reasoning: usage.reasoning,
        reported_cost: usage.reported_cost,
        estimated: usage.estimated,
    }
}

async fn position(reader: &Reader, charge: &Charge) -> Result<Position, Error> {
    let mut seal = None;
    if let Some(before_last) = last_seq(charge).map(|last| last - 1) {
        let last = reader.list_transfers(charge.wallet, before_last, 1).await?.pop();
        seal = last.map(|transfer| transfer.hash.to_string());
    }
    Ok(Position { first_seq: charge.first_seq, transfers: charge.transfers, seal })
}

async fn root(reader: &Reader, charge: &Charge) -> Result<Option<RootSeen>, Error> {
    let Some(last) = last_seq(charge) else { return Ok(None) };
    let found = reader.find_root_over(charge.wallet, last).await?;
    Ok(found.map(|(row, head_seq)| RootSeen { day: row.day, root: hex(&row.root), head_seq }))
}

/// The seq of a charge's last transfer, when it has any.
fn last_seq(charge: &Charge) -> Option<u64> {
    (charge.transfers > 0).then(|| charge.first_seq + u64::from(charge.transfers) - 1)
}
