//! Billing rules without waiting: the catalog, the price book and what a request costs.
//!
//! Nothing here waits, reads a clock, or knows SQL or HTTP.

pub mod usage;
pub use usage::Usage;

mod record;
pub use record::{CostSource, UsageRecord};
