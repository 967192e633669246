//! The only place of the program that reads the clock and the random source.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use operations::{Context, Door, Ids};
use units::Instant;
use uuid::Uuid;

/// The door of the running program: real time, time-ordered ids, secrets from the operating system.
#[derive(Clone)]
pub struct SystemDoor {
    ids: Arc<SystemIds>,
}

struct SystemIds;

impl SystemDoor {
    /// Opens the door.
    pub fn new() -> Self {
        Self { ids: Arc::new(SystemIds) }
    }
}

impl Door for SystemDoor {
    fn context(&self) -> Context {
        Context { now: now(), ids: self.ids.clone() }
    }
}

impl Ids for SystemIds {
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn secret(&self) -> [u8; 32] {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).expect("without randomness of the operating system no secret can be made");
        secret
    }
}

fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock of this machine stands before 1970");
    Instant::from_micros(i64::try_from(since.as_micros()).expect("the year is below 294,000"))
}
