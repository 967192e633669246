//! How much of the doors one caller may use.

mod hourly;
pub(crate) use hourly::Hourly;

mod slots;
pub(crate) use slots::{Slot, Slots};
