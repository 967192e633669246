//! Reading an answer in passing, while it is relayed untouched.
//!
//! An answer is read as it flows by, in memory that does not grow with it: server-sent events are found
//! across any cuts, and of their JSON only what accounting needs is looked at, without building it.
//! Nothing here can fail or hold an answer up: what cannot be read was simply not seen.

mod sse;
pub use sse::SseScanner;

mod text;

mod walk;

mod usage;
pub use usage::{Seen, UsageWatch};
