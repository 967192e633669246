//! Charges after they were made.

mod correct;
pub use correct::{CorrectCharge, correct};
