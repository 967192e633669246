//! One process writes a SQLite file: wallets are kept in memory, so a second writer would not see them change.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::Fault;

/// The right to write, until it is dropped or the process dies in whatever way.
pub(crate) struct Lock {
    _file: File,
}

/// A process that is being replaced needs a moment to finish its last batch.
const PATIENCE: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

impl Lock {
    /// Takes the lock beside the database, and waits two seconds for its last holder.
    pub(crate) fn take(database: &Path) -> Result<Self, Fault> {
        for _ in 0..PATIENCE {
            match Self::try_take(database) {
                Err(Fault::InUse(_)) => std::thread::sleep(PAUSE),
                taken => return taken,
            }
        }
        Err(Fault::InUse(database.display().to_string()))
    }

    /// Takes the lock if nobody has it.
    pub(crate) fn try_take(database: &Path) -> Result<Self, Fault> {
        let path = beside(database);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|error| Fault::Unusable(format!("cannot write {}: {error}", path.display())))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(std::fs::TryLockError::WouldBlock) => Err(Fault::InUse(database.display().to_string())),
            Err(std::fs::TryLockError::Error(error)) => {
                Err(Fault::Unusable(format!("cannot lock {}: {error}", path.display())))
            }
        }
    }
}

fn beside(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    path.into()
}
