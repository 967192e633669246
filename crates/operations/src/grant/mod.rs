//! Credits that enter or leave a wallet by an operator's hand.

mod issue;
pub use issue::{Expiry, IssueGrant, issue};

mod adjust;
pub use adjust::{AdjustWallet, adjust};

mod move_credits;
pub use move_credits::{MoveCredits, move_credits};
