//! Purchases that go back to their card.
//!
//! A refund is written down, its credits are set aside in the books, the processor is asked, and then the credits are
//! burned or free again. What is learned of it, by an answer, by an event or by looking, goes through one function, [`apply`],
//! whose rules are `billing::refund`'s. A refund whose fate is not known is looked for at the processor, by our own id,
//! before it is ever asked for again. Whoever dies in between leaves a job that goes on.

mod reserve;
pub use reserve::{ReserveRefund, reserve};

mod finish;
pub use finish::finish;

mod book;
pub(crate) use book::book;

mod apply;

mod room;
pub use room::{RefundPreview, preview_refund};

mod ask;
pub use ask::{RefundPurchase, Refunded, refund_purchase};

mod give_back;
pub(crate) use give_back::give_back;

mod drive;
pub(crate) use drive::{look, look_by_foreign_id};
