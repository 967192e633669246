//! Billing rules without waiting: the catalog, the price book, what a request costs, and who may do what.
//!
//! Nothing here waits, reads a clock, or knows SQL or HTTP.

pub mod usage;
pub use usage::Usage;

mod record;
pub use record::{CostSource, UsageRecord};

mod strict;
pub use strict::CatalogError;

pub mod catalog;
pub use catalog::Catalog;

pub mod estimate;

pub mod pricing;
pub use pricing::{
    CostError, Modality, Model, PriceBook, PriceList, PriceVersion, affordable_output, cost_of, worst_case,
};

pub mod import;
pub use import::{ImportError, Imported};

pub mod limit;
pub use limit::LimitPeriod;

pub mod payment;

pub mod invoice;

pub mod period;

pub mod proration;

mod refusal;
pub use refusal::Refusal;

pub mod pass;

pub mod seat;

pub mod dunning;

pub mod top_up;

pub mod runway;

pub mod refund;

pub mod contest;

pub mod card_guard;

pub mod check;

pub mod role;
pub use role::Role;

mod spending_limit;
pub use spending_limit::SpendingLimit;

pub mod policy;
pub use policy::Policy;
