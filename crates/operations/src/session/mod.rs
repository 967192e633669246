//! Where people are signed in: browsers, and devices with a token.

mod start;
pub(crate) use start::start;
pub use start::{BROWSER_IDLE, BROWSER_LIFE, DEVICE_IDLE, DEVICE_LIFE};

mod authenticate;
pub use authenticate::{Authenticated, authenticate};

mod list;
pub use list::list;

mod revoke;
pub use revoke::{revoke, revoke_others};
