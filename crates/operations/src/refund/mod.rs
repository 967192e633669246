//! Purchases that go back to their card: set aside, then burned or freed. The processor works in between.

mod reserve;
pub use reserve::{ReserveRefund, reserve};

mod finish;
pub use finish::finish;
