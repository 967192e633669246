//! Where the sandbox keeps what it knows.

use async_trait::async_trait;
use thiserror::Error;
use units::Instant;

/// One object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its id.
    pub id: String,
    /// What it is, as JSON.
    pub body: String,
    /// When something happens to it by itself.
    pub due_at: Option<Instant>,
    /// How often it was changed; zero for one that is new.
    pub version: u32,
}

/// The shelf could not be reached.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct ShelfFault(pub String);

/// Keeps objects.
#[async_trait]
pub trait Shelf: Send + Sync {
    /// The objects of these ids that are there.
    async fn load(&self, ids: &[String]) -> Result<Vec<Item>, ShelfFault>;

    /// Keeps all of these objects or, when one of them was changed since it was loaded, none. Answers whether it did.
    async fn save(&self, items: &[Item]) -> Result<bool, ShelfFault>;

    /// Objects whose ids begin so and come behind this one, in the order of ids.
    async fn list_named(&self, prefix: &str, after: &str, limit: u32) -> Result<Vec<Item>, ShelfFault>;

    /// Objects to which something happens by now, in the order of time.
    async fn list_due(&self, now: Instant, limit: u32) -> Result<Vec<Item>, ShelfFault>;

    /// The first moment after this one at which something happens.
    async fn next_due(&self, after: Instant) -> Result<Option<Instant>, ShelfFault>;
}
