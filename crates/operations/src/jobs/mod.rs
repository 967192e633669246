//! Verbs that nobody waits for. Each may run any number of times, on any node, with the same result.

mod sweep;
pub use sweep::{Swept, sweep};
