//! The outside, as operations reach it.

use std::sync::Arc;

use connectors::mail::{KeptMail, Postbox};

/// Whom operations can call. Cheap to clone. Calls are made before or after a transaction, never inside.
#[derive(Clone)]
pub struct Outside {
    /// Where letters are handed in.
    pub postbox: Postbox,
}

impl Default for Outside {
    /// Nothing leaves this process: mails are kept in memory.
    fn default() -> Self {
        Self { postbox: Postbox::in_memory(Arc::new(KeptMail::default())) }
    }
}
