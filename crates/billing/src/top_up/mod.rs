//! Automatic top-up: when credits are bought without asking, for how much, and when not.
//!
//! Kept true: one attempt at a time; never more attempts in a UTC day than the catalog allows, never more money in a
//! UTC month than the holder allows; and nobody's card is asked again after it said no, until a person says so. Which
//! charge crossed the line is not known here: the store notes it with the charge.

mod settings;
pub use settings::{CONSENT_VERSION, Settings, Wish, consent};

mod standing;
pub use standing::{Attempts, Decision, Limit, Pause, SavedCard, Standing, State, decide};

#[cfg(test)]
mod tests;
