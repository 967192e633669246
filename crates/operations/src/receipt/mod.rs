//! Signed receipts: what one charge was for, who paid it, and where it stands in the journal.
//!
//! A receipt is checked without Tare, with the public key alone; `docs/receipts.md` has every byte. The
//! signing key comes from the settings and is never in the database, so whoever changes the database cannot
//! write a receipt that fits.

mod canonical;
pub use canonical::canonical;

mod key;
pub use key::{KeyError, PublicKey, SigningKey};
pub(crate) use key::{hex, unhex};

mod content;
pub use content::{Part, Position, Receipt, RootSeen, Used};

mod signed;
pub use signed::{CheckError, Signature, SignedReceipt};

mod load;
pub use load::{issue, load, public_key, write};
