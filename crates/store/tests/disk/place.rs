//! A folder whose files are on a disk of ours.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use store::{Database, Fault, Store};
use tempfile::TempDir;

use crate::disk::Disk;
use crate::vfs;

pub struct Place {
    folder: TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// Puts a disk here, in place of the one that was.
    pub fn mount(&self, disk: Disk) -> Arc<Mutex<Disk>> {
        vfs::mount(self.folder.path(), disk)
    }

    /// The file of the database.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("tare.db")
    }

    pub async fn open(&self) -> Result<Store, Fault> {
        Store::open(&Database::Sqlite(self.path())).await
    }
}
