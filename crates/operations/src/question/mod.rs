//! What people ask about a wallet, answered from the journal.
//!
//! Nothing here changes anything. Every answer can be written as JSON, and every list is paged by a key that
//! the answer names, so it stays as fast in a wallet of ten million charges as in a new one.

mod grant;
pub use grant::{GrantAnswer, GrantState};

mod entry;
pub use entry::EntryAnswer;

mod balance;
pub use balance::{BalanceAnswer, balance};

mod grants;
pub use grants::{grants, open_grants};

mod entries;
pub use entries::{EntriesAnswer, entries};

mod payers;
pub(crate) use payers::paid_by;
pub use payers::{ChargeAnswer, Payer, payers};

mod trail;
pub use trail::{FlowAnswer, TrailAnswer, trail};

mod why;
pub use why::{WhyAnswer, WhyGrant, why};

use units::{Instant, WalletId};

use crate::Error;

fn unknown(wallet: WalletId) -> Error {
    Error::NotFound { what: "wallet", name: wallet.to_string() }
}

/// The past is known, and the present; what comes is not.
fn not_ahead(at: Instant, now: Instant) -> Result<Instant, Error> {
    match at > now {
        true => Err(Error::Invalid { field: "at", reason: format!("a moment until now, {now}") }),
        false => Ok(at),
    }
}
