//! The test world of the books: stories in plain text, and random worlds beside a naive reference model.
//! Never shipped.
//!
//! [`story`] plays a text file against the ledger and prints what the books answer. [`trial`] makes up a
//! run from a seed, plays it on the ledger and on a naive model of it, compares after each step, and makes what
//! goes wrong short enough to be told as such a story.

mod random;
pub use random::Random;

pub mod names;

mod rows;
pub use rows::Rows;

mod tally;
pub use tally::Tally;

mod step;
pub use step::{Action, Step, wallet_id};

pub mod story;

mod model;

mod world;
pub use world::Violation;

mod generate;

mod shrink;

pub mod trial;

mod soak;
pub use soak::{Plan, Report, soak};
