//! The master keys of a running server, which may change while it runs.

use std::sync::{Arc, PoisonError, RwLock};

use super::master_keys::MasterKeys;
use crate::Error;

/// The master keys that are in force. Clones share them; a new one has none.
#[derive(Clone, Default)]
pub struct Keyring(Arc<RwLock<Option<MasterKeys>>>);

impl Keyring {
    /// From now on these keys are in force.
    pub fn put(&self, keys: MasterKeys) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(keys);
    }

    /// The keys.
    ///
    /// # Errors
    /// [`Error::NoMasterKey`] when this server has none.
    pub fn keys(&self) -> Result<MasterKeys, Error> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or(Error::NoMasterKey)
    }
}
