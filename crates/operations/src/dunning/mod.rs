//! Terms that have to be paid: taking their money, and what becomes of a wallet that does not pay.
//!
//! A term that falls due is a debt from that moment on ([`owe`]). One job looks after each: it tries the card, writes to
//! the holder, and at the end lets the debt lapse or purges, as `billing::dunning` says; after each change of a debt the
//! next look is written down with it ([`keep`]). All attempts are attempts of one payment, so however many were made
//! there is one invoice. What becomes of an attempt is told in the transaction that learns it: [`paid`] closes the debt,
//! which restores service, and [`failed`] counts it.
//!
//! Where a wallet stands is no column: it follows from its open debts and the moment ([`status`]), so what is paid on
//! one node is served by the next request on all. For doors: [`pay_due`], [`list_due`] and [`status`].

mod status;
pub use status::{require_served, status, status_of};

mod owe;
pub(crate) use owe::{card_added, forget, owe, void};

mod keep;
use keep::keep;

mod outcome;
pub(crate) use outcome::{failed, paid};

mod look;
pub(crate) use look::look;

mod purge;
pub use purge::{Purge, preview_purge};

mod pay_due;
pub use pay_due::{Due, PayDue, list_due, pay_due};
