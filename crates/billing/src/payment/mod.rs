//! What becomes of a payment: pure, and the same whether the news came as an answer, as an event or because we
//! looked.
//!
//! A payment is what somebody owes; an attempt is one try to take it, which is one object at the processor. The
//! processor's object is created first and confirmed second, so no charge exists whose id we do not know. Kept
//! true: a paid payment stays paid, whatever comes later and in whatever order; a payment is credited once; there is never
//! a second attempt while the fate of the first is not known.

mod failure;
pub use failure::{Failure, FailureClass};

mod standing;
pub(crate) use standing::wait_before_look;
pub use standing::{ACTION_EXPIRES, AttemptState, News, Next, Standing, advance};

#[cfg(test)]
mod tests;
