//! People and their wallets.

mod sign_up;
pub use sign_up::{SignUp, SignedUp, sign_up};
