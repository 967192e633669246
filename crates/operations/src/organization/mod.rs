//! People who share a wallet.

mod create;
pub use create::{CreateOrganization, CreatedOrganization, create};

mod rename;
pub use rename::rename;

mod set_seats;
pub use set_seats::set_seats;

mod leave;
pub use leave::leave;

mod transfer;
pub use transfer::transfer;

mod show;
pub use show::{Shown, list, show};
