//! Which grants paid for a charge.

use ledger::{Charge, Draw, Grant};
use serde::Serialize;
use store::{ChargeRow, Reader};
use units::{Amount, Cost, GrantId, HoldId, Instant, WalletId};

use crate::Error;

/// A charge, and who paid it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChargeAnswer {
    /// Its id, which is that of the hold that it ended.
    pub id: HoldId,
    /// When it was settled.
    pub at: Instant,
    /// The model, when there is a usage record.
    pub model: Option<String>,
    /// What the provider charges, exactly.
    pub cost: Cost,
    /// What was taken from grants.
    pub debited: Amount,
    /// What no credits covered.
    pub lost: Amount,
    /// Its first transfer in the journal.
    pub first_seq: u64,
    /// How many transfers it has.
    pub transfers: u32,
    /// The grants that paid, in the order in which they were used.
    pub paid_by: Vec<Payer>,
}

/// A grant's part of a charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Payer {
    /// The grant.
    pub grant: GrantId,
    /// Where it came from.
    pub source: &'static str,
    /// Whether real money paid for it.
    pub paid: bool,
    /// Its part.
    pub amount: Amount,
}

/// The charge that ended a hold.
pub async fn payers(reader: &Reader, wallet: WalletId, hold: HoldId) -> Result<ChargeAnswer, Error> {
    let unknown = || Error::NotFound { what: "charge", name: hold.to_string() };
    let ChargeRow { charge, usage } = reader.find_charge(wallet, hold).await?.ok_or_else(unknown)?;
    Ok(ChargeAnswer {
        id: charge.id,
        at: charge.at,
        model: usage.map(|record| record.model),
        cost: charge.cost,
        debited: charge.debited,
        lost: charge.lost,
        first_seq: charge.first_seq,
        transfers: charge.transfers,
        paid_by: paid_by(reader, &charge).await?,
    })
}

/// The grants that paid for a charge, in the order in which they were used.
pub(crate) async fn paid_by(reader: &Reader, charge: &Charge) -> Result<Vec<Payer>, Error> {
    let draws = reader.draws_of(charge).await?;
    let grants = reader.find_grants(charge.wallet, draws.iter().map(|draw| draw.grant).collect()).await?;
    let payer = |(draw, grant): (&Draw, &Grant)| Payer {
        grant: draw.grant,
        source: grant.source.name(),
        paid: grant.paid,
        amount: draw.amount,
    };
    Ok(draws.iter().zip(&grants).map(payer).collect())
}
