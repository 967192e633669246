//! The pass: a personal subscription that brings credits each month, and a bonus to who uses them.
//!
//! The rules are `billing::pass`'s. A pass begins with its payment, in the transaction that learns of it; from then on
//! its time makes a job ([`advance`]) look at it, a payment does, and the charge that reaches the line of its bonus.
//! Whatever it is, [`keep`] writes the pass and all that follows in one transaction: grants, once for each (pass, month,
//! source); the bill of a further term; its next look. What was granted is posted to the books behind that ([`book`]),
//! under keys that follow from the rows, so whoever dies in between leaves a job that repeats nothing.
//!
//! What was used is counted by the projector ([`store::GaugeRow`]), from behind the month's own grant in the journal.
//!
//! For doors: [`see`] (for `GET`), [`quote`], [`subscribe`] (for `POST`), [`change`] (for `PATCH`), [`cancel`] (for
//! `DELETE`), [`resume`].

mod see;
pub use see::{Choice, Seen, read, see};

mod quote;
pub use quote::{Quote, quote};

mod subscribe;
pub use subscribe::{Subscribe, subscribe};

mod wish;
pub use wish::{cancel, change, resume};

mod paid;
pub(crate) use paid::{begin, lapse, paid, taken_back};

mod keep;

mod contest;
pub(crate) use contest::{go_on, later_grants};

mod advance;
pub(crate) use advance::{advance, look};

mod book;
pub(crate) use book::{book, book_payment};

use store::Holder;

use crate::Error;
use crate::access::WalletStanding;

/// What payments for a pass are for.
pub const PURPOSE: &str = "pass";

/// Refuses a wallet that is not a person's.
fn personal(standing: WalletStanding) -> Result<WalletStanding, Error> {
    match standing.wallet.holder {
        Holder::User(_) => Ok(standing),
        Holder::Organization(_) => {
            let reason = "a pass is a person's own. Choose your own wallet; organizations have seats".to_owned();
            Err(Error::Invalid { field: "wallet", reason })
        }
    }
}
