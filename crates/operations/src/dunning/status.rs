//! Where a wallet stands by what it owes.

use billing::dunning::{Debt, State, state};
use billing::{Catalog, catalog};
use store::{DebtRow, Reader};
use units::{Instant, WalletId};

use crate::Error;

/// Where a wallet with these open debts stands.
pub fn status_of(debts: &[DebtRow], rules: &catalog::Dunning, now: Instant) -> State {
    let debts: Vec<Debt> = debts.iter().filter(|row| row.closed.is_none()).map(|row| row.debt).collect();
    state(&debts, rules, now)
}

/// Where a wallet stands now.
pub async fn status(reader: &Reader, catalog: &Catalog, wallet: WalletId, now: Instant) -> Result<State, Error> {
    Ok(status_of(&reader.list_debts(wallet).await?, &catalog.dunning, now))
}

/// Refuses what a suspended wallet does not get: everything but looking and paying.
///
/// # Errors
/// [`Error::AccountSuspended`].
pub fn require_served(debts: &[DebtRow], rules: &catalog::Dunning, now: Instant) -> Result<(), Error> {
    match status_of(debts, rules, now) {
        State::Active | State::Grace { .. } => Ok(()),
        State::Suspended { since, .. } | State::Purged { since } => Err(Error::AccountSuspended { since }),
    }
}
