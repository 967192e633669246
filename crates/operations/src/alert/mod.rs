//! Letters about money that nobody asked a question about: credits run low, credits are about to expire.
//!
//! Each comes at most once for each crossing. That automatic top-up was paused is told by [`crate::top_up`].

mod low_balance;
pub(crate) use low_balance::look;
pub use low_balance::{LowBalance, see, set};

mod expiring;
pub use expiring::{NOTICES, tell_expiring};
