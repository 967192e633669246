//! Provider keys of a user or an organization: brought, sealed, used for their own requests, never shown again.
//!
//! A key is checked with its provider before it is kept. Requests of the wallet to that provider go out with it
//! and with no other; they take no credits. Where a key goes is the operator's list of upstreams: no address
//! comes from whoever brings a key, so nobody can have it, or anything else, sent to a place of their choice.

mod secret;
pub use secret::ProviderKey;

mod master_keys;
pub use master_keys::{MasterKey, MasterKeys, MasterKeysError};

mod keyring;
pub use keyring::Keyring;

mod seal;

mod known;
pub use known::KnownProviderKey;

mod check;

mod replace;
pub use replace::replace;

mod add;
pub use add::{AddByokKey, add};

mod list;
pub use list::list;

mod delete;
pub use delete::delete;

mod open;
pub use open::{OwnKeys, load};

mod rewrap;
pub use rewrap::{rewrap, verify};
