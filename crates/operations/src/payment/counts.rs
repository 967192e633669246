//! What came to the door for events of the processor, counted since this process began.

use std::sync::atomic::{AtomicU64, Ordering};

/// What became of an event that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// It is new.
    New,
    /// It came before.
    Again,
    /// It is of the other mode: of real money here, or of none.
    OtherMode,
    /// It is not signed as it must be, or cannot be read.
    Refused,
}

impl Came {
    pub(super) fn is_new(self) -> bool {
        self == Self::New
    }
}

/// The counters.
#[derive(Debug, Default)]
pub struct EventCounts([AtomicU64; 4]);

/// How many events came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventsSeen {
    /// Taken, and looked after.
    pub new: u64,
    /// Taken before.
    pub again: u64,
    /// Of the other mode, and ignored.
    pub other_mode: u64,
    /// Refused.
    pub refused: u64,
}

impl EventCounts {
    pub(super) fn count(&self, came: Came) {
        self.0[came as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many came.
    pub fn seen(&self) -> EventsSeen {
        let [new, again, other_mode, refused] = self.0.each_ref().map(|count| count.load(Ordering::Relaxed));
        EventsSeen { new, again, other_mode, refused }
    }
}
