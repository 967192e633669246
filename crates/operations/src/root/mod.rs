//! Proofs that a journal ended so in the published root of a day.

mod proof;
pub use proof::{Checked, Proof, check};

mod prove;
pub use prove::{RootAnswer, latest, prove};
