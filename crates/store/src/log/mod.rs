//! The log: one durable row for each batch, with everything that was decided in it.
//!
//! A batch is written here, committed and acknowledged. Its rows in the tables follow: they are **projected**
//! later, netted over many batches, so that a wallet's pages are touched once for dozens of requests and a hold
//! that was placed and settled in between touches none. What is not in the tables yet is the **tail**; a crash
//! between the log and the tables loses nothing, since the tail is projected from the log at the next start.
//!
//! What one batch changed in one wallet is a **page**. Pages of a wallet are projected in their order, each
//! exactly once: together with the rows, the wallet's row or the mark of the log says how far it is.

mod code;
mod fields;
mod recent;

mod page;
pub(crate) use page::{Page, body, pages};

mod tail;
pub(crate) use tail::{Slice, Tail};
