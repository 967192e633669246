//! API keys: shown once, stored as a hash.

mod secret;
pub use secret::KEY_PREFIX;
pub(crate) use secret::content_hash;

mod create;
pub use create::{CreateApiKey, CreatedApiKey, create};

mod revoke;
pub use revoke::revoke;

mod authenticate;
pub use authenticate::{Principal, authenticate};
