//! People who share a wallet.

mod create;
pub use create::{CreateOrganization, CreatedOrganization, create};

mod rename;
pub use rename::rename;

mod leave;
pub use leave::leave;

mod transfer;
pub use transfer::transfer;

mod show;
pub use show::{Shown, list, show};
