//! Questions about charges.

use billing::UsageRecord;
use ledger::{Charge, Draw};
use units::{HoldId, WalletId};

use crate::session::Session;
use crate::value::Value;
use crate::{Fault, Reader, books};

/// A charge and what its request used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeRow {
    /// The debit.
    pub charge: Charge,
    /// What was used; absent when the charge came without.
    pub usage: Option<UsageRecord>,
}

impl Reader {
    /// Charges, the latest ids first, from before an id on. Ids are time-ordered when the door makes them.
    pub async fn list_charges(
        &self,
        wallet: WalletId,
        before: Option<HoldId>,
        limit: u32,
    ) -> Result<Vec<ChargeRow>, Fault> {
        self.read_wallet(wallet, "listing charges", move |session| {
            Box::pin(list_charges(session, wallet, before, limit))
        })
        .await
    }

    /// The charge that ended a hold.
    pub async fn find_charge(&self, wallet: WalletId, hold: HoldId) -> Result<Option<ChargeRow>, Fault> {
        self.read_wallet(wallet, "looking for a charge", move |session| Box::pin(find_charge(session, wallet, hold)))
            .await
    }

    /// Wallets that have a charge of this id: callers choose ids, so there can be several. Looks into each
    /// wallet, since charges lie with their wallets.
    pub async fn list_wallets_of_charge(&self, hold: HoldId, limit: u32) -> Result<Vec<WalletId>, Fault> {
        self.read("looking for a charge", move |session| {
            Box::pin(async move {
                let sql = "SELECT w.id FROM wallets w WHERE EXISTS \
                           (SELECT 1 FROM charges c WHERE c.wallet = w.id AND c.id = $1) LIMIT $2";
                let rows = session.query(sql, &[hold.into(), limit.into()]).await?;
                rows.into_iter().map(|mut row| row.take()).collect()
            })
        })
        .await
    }

    /// Which grants paid for a charge, in the order in which they were used.
    pub async fn draws_of(&self, charge: &Charge) -> Result<Vec<Draw>, Fault> {
        let charge = charge.clone();
        self.read_wallet(charge.wallet, "looking for the grants of a charge", move |session| {
            Box::pin(async move { books::draws_of(session, &charge).await })
        })
        .await
    }
}

async fn list_charges(
    session: &mut Session<'_>,
    wallet: WalletId,
    before: Option<HoldId>,
    limit: u32,
) -> Result<Vec<ChargeRow>, Fault> {
    let (bound, before) = match before {
        Some(before) => ("AND id < $3", Some(Value::from(before))),
        None => ("", None),
    };
    let (charge, usage) = (books::CHARGE, books::USAGE);
    let sql = format!("SELECT {charge}, {usage} FROM charges WHERE wallet = $1 {bound} ORDER BY id DESC LIMIT $2");
    let values: Vec<Value> = [wallet.into(), limit.into()].into_iter().chain(before).collect();
    session.query(&sql, &values).await?.into_iter().map(|mut row| books::charge_row(&mut row)).collect()
}

async fn find_charge(session: &mut Session<'_>, wallet: WalletId, hold: HoldId) -> Result<Option<ChargeRow>, Fault> {
    let sql = format!("SELECT {}, {} FROM charges WHERE wallet = $1 AND id = $2", books::CHARGE, books::USAGE);
    let row = session.find(&sql, &[wallet.into(), hold.into()]).await?;
    row.map(|mut row| books::charge_row(&mut row)).transpose()
}
