//! Time and ids, read once per request or job.
//!
//! Nothing below reads a clock or a random source, so a test, a scenario and a sandbox can walk through
//! years, and everything that is saved together carries one time.

use std::sync::Arc;

use units::Instant;
use uuid::Uuid;

/// Where new ids and secrets come from.
pub trait Ids: Send + Sync {
    /// A new id. Time-ordered in production; in stories a plain count.
    fn uuid(&self) -> Uuid;

    /// 256 bits for a secret. Unpredictable in production.
    fn secret(&self) -> [u8; 32];
}

/// What one request or job knows of the moment.
#[derive(Clone)]
pub struct Context {
    /// When the request came in.
    pub now: Instant,
    /// Where its ids come from.
    pub ids: Arc<dyn Ids>,
}

/// Makes a context for each request that comes in. The program has one with the real clock; tests and
/// stories have their own.
pub trait Door: Send + Sync {
    /// The context of a request that comes in now.
    fn context(&self) -> Context;
}
