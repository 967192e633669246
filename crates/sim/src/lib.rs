//! The test world of the books: stories in plain text, and random worlds beside a naive reference model.
//! Never shipped.
//!
//! [`story`] plays a text file against the ledger and prints what the books answer. The simulator makes
//! its own stories from a seed, and prints the shortest one that still fails in the same format.

pub mod names;

mod rows;
pub use rows::Rows;

pub mod story;
