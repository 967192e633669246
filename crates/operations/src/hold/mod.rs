//! Reserving credits for a request, and ending the reservation exactly once.

mod place;
pub use place::{PlaceHold, place};

mod settle;
pub use settle::{SettleHold, settle};

mod release;
pub use release::release;

mod renew;
pub use renew::renew;
