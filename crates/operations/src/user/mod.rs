//! People and their wallets.

mod sign_up;
pub use sign_up::{SignUp, SignedUp, sign_up};

mod set_display_name;
pub use set_display_name::set_display_name;
