//! How much an API key may spend in which period.

use serde::{Deserialize, Serialize};
use units::Amount;

use crate::limit::LimitPeriod;

/// The most that may be spent in a period. What is held counts as spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpendingLimit {
    /// So much.
    pub amount: Amount,
    /// In each of these.
    pub period: LimitPeriod,
}
