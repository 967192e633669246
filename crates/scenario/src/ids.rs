//! Ids that are the same every time a story is played.

use std::sync::atomic::{AtomicU64, Ordering};

use operations::Ids;
use uuid::Uuid;

/// Counts. The ids have the form of version 7, so that they sort as they were made.
#[derive(Default)]
pub(crate) struct CountingIds {
    next: AtomicU64,
}

impl CountingIds {
    fn count(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed) + 1
    }
}

impl Ids for CountingIds {
    fn uuid(&self) -> Uuid {
        let count = self.count();
        let mut random = [0; 10];
        random[2..].copy_from_slice(&count.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(count, &random).into_uuid()
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        secret[..8].copy_from_slice(&self.count().to_be_bytes());
        secret
    }
}
