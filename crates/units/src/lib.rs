//! The vocabulary of every other room: amounts, costs, prices, instants, days and typed ids.
//!
//! Everything here is an integer in a named unit. Nothing here knows customers, and nothing reads a
//! clock: `now` is always handed in.

mod decimal;
pub use decimal::ParseDecimalError;

mod amount;
pub use amount::{Amount, AmountOverflow};

mod cents;
pub use cents::Cents;

mod cost;
pub use cost::{Cost, Remainder};

mod price;
pub use price::UnitPrice;

mod instant;
pub use instant::{Day, Instant, ParseInstantError, Seconds};

mod ids;
pub use ids::*;
