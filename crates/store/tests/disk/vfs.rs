//! The disks of this process, and SQLite's way to them.
//!
//! SQLite is told to use them for every file, so the store under test is the one that ships, without a hook.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, Once};
use std::time::Duration;

use sqlite_vfs::wip::{WalIndex, WalIndexLock};
use sqlite_vfs::{DatabaseHandle, LockKind, OpenAccess, OpenOptions, Vfs};

use crate::disk::{Disk, File};

type Shared = Arc<Mutex<Disk>>;

/// Each folder is a disk of its own.
static DISKS: LazyLock<Mutex<BTreeMap<String, Shared>>> = LazyLock::new(Mutex::default);

/// Puts a disk where SQLite looks for the files of a folder.
pub fn mount(folder: &Path, disk: Disk) -> Shared {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| sqlite_vfs::register("rig", Disks, true).unwrap());
    let disk = Arc::new(Mutex::new(disk));
    DISKS.lock().unwrap().insert(folder.to_str().unwrap().to_owned(), Arc::clone(&disk));
    disk
}

fn disk_of(path: &str) -> Result<Shared, Error> {
    let folder = Path::new(path).parent().and_then(Path::to_str).unwrap_or_default();
    DISKS.lock().unwrap().get(folder).cloned().ok_or_else(|| ErrorKind::NotFound.into())
}

struct Disks;

impl Vfs for Disks {
    type Handle = Handle;

    fn open(&self, path: &str, options: OpenOptions) -> Result<Handle, Error> {
        let disk = disk_of(path)?;
        let mut found = disk.lock().unwrap();
        match options.access {
            OpenAccess::Read | OpenAccess::Write => _ = found.file(path)?,
            OpenAccess::Create | OpenAccess::CreateNew => _ = found.make(path),
        }
        let id = found.new_handle();
        drop(found);
        Ok(Handle { disk, path: path.to_owned(), id, is_read_only: options.access == OpenAccess::Read })
    }

    fn delete(&self, path: &str) -> Result<(), Error> {
        disk_of(path)?.lock().unwrap().delete(path)
    }

    fn exists(&self, path: &str) -> Result<bool, Error> {
        Ok(disk_of(path)?.lock().unwrap().files.contains_key(path))
    }

    fn temporary_name(&self) -> String {
        unreachable!("temporary tables stay in memory")
    }

    fn random(&self, buffer: &mut [i8]) {
        // Other bytes each time are all that SQLite needs: it tells one log from the next by them.
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let mut random = sim::Random::new(NEXT.fetch_add(1, Ordering::Relaxed));
        buffer.iter_mut().for_each(|byte| *byte = random.next() as i8);
    }

    fn sleep(&self, duration: Duration) -> Duration {
        std::thread::sleep(duration);
        duration
    }

    fn full_pathname<'a>(&self, path: &'a str) -> Result<Cow<'a, str>, Error> {
        Ok(path.into())
    }
}

/// An open file.
pub struct Handle {
    disk: Shared,
    path: String,
    id: u64,
    is_read_only: bool,
}

impl Handle {
    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap()
    }

    fn for_writing(&self) -> Result<MutexGuard<'_, Disk>, Error> {
        match self.is_read_only {
            true => Err(ErrorKind::PermissionDenied.into()),
            false => Ok(self.disk()),
        }
    }
}

impl DatabaseHandle for Handle {
    type WalIndex = Index;

    fn size(&self) -> Result<u64, Error> {
        Ok(self.disk().file(&self.path)?.now.len() as u64)
    }

    fn read_exact_at(&mut self, buffer: &mut [u8], offset: u64) -> Result<(), Error> {
        let mut disk = self.disk();
        let bytes = &disk.file(&self.path)?.now;
        let bytes = bytes.get(offset as usize..).unwrap_or_default();
        let length = bytes.len().min(buffer.len());
        buffer[..length].copy_from_slice(&bytes[..length]);
        buffer[length..].fill(0);
        if length < buffer.len() { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    fn write_all_at(&mut self, buffer: &[u8], offset: u64) -> Result<(), Error> {
        self.for_writing()?.write(&self.path, offset as usize, buffer)
    }

    fn sync(&mut self, _data_only: bool) -> Result<(), Error> {
        self.disk().sync(&self.path)
    }

    fn set_len(&mut self, size: u64) -> Result<(), Error> {
        self.for_writing()?.set_length(&self.path, size as usize)
    }

    fn lock(&mut self, wanted: LockKind) -> Result<bool, Error> {
        let mut disk = self.disk();
        let Ok(File { locks, .. }) = disk.file(&self.path) else { return Ok(true) };
        let mut others = locks.iter().filter(|(id, _)| **id != self.id).map(|(_, lock)| *lock);
        let is_free = match wanted {
            LockKind::None => true,
            LockKind::Shared => others.all(|lock| lock < LockKind::Pending),
            LockKind::Reserved | LockKind::Pending => others.all(|lock| lock < LockKind::Reserved),
            LockKind::Exclusive => others.all(|lock| lock == LockKind::None),
        };
        if is_free {
            locks.insert(self.id, wanted);
        }
        Ok(is_free)
    }

    fn reserved(&mut self) -> Result<bool, Error> {
        Ok(self.disk().file(&self.path)?.locks.values().any(|lock| *lock >= LockKind::Reserved))
    }

    fn current_lock(&self) -> Result<LockKind, Error> {
        Ok(self.disk().file(&self.path)?.locks.get(&self.id).copied().unwrap_or(LockKind::None))
    }

    fn wal_index(&self, _read_only: bool) -> Result<Index, Error> {
        Ok(Index { disk: Arc::clone(&self.disk), path: self.path.clone(), id: self.id })
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Ok(file) = self.disk().file(&self.path) {
            file.locks.remove(&self.id);
        }
    }
}

/// One connection's view of the memory that all connections to a file share.
pub struct Index {
    disk: Shared,
    path: String,
    id: u64,
}

impl Index {
    fn with<T>(&self, work: impl FnOnce(&mut File) -> T) -> Result<T, Error> {
        self.disk.lock().unwrap().file(&self.path).map(work)
    }
}

const REGION: usize = 32_768;

impl WalIndex for Index {
    fn map(&mut self, region: u32) -> Result<[u8; REGION], Error> {
        let mut data = [0; REGION];
        self.pull(region, &mut data)?;
        Ok(data)
    }

    fn lock(&mut self, slots: Range<u8>, lock: WalIndexLock) -> Result<bool, Error> {
        self.with(|file| {
            let held = &mut file.memory.slots;
            let is_in_the_way = |slot: u8| {
                let mut others = held.get(&slot).into_iter().flatten().filter(|(id, _)| **id != self.id);
                others.any(|(_, is_alone)| *is_alone || lock == WalIndexLock::Exclusive)
            };
            if lock != WalIndexLock::None && slots.clone().any(is_in_the_way) {
                return false;
            }
            for slot in slots {
                let holders = held.entry(slot).or_default();
                match lock {
                    WalIndexLock::None => _ = holders.remove(&self.id),
                    _ => _ = holders.insert(self.id, lock == WalIndexLock::Exclusive),
                }
            }
            true
        })
    }

    fn delete(self) -> Result<(), Error> {
        self.with(|file| file.memory.regions.clear())
    }

    fn pull(&mut self, region: u32, data: &mut [u8; REGION]) -> Result<(), Error> {
        self.with(|file| {
            let shared = file.memory.regions.entry(region).or_insert_with(|| vec![0; REGION]);
            data.copy_from_slice(shared);
        })
    }

    fn push(&mut self, region: u32, data: &[u8; REGION]) -> Result<(), Error> {
        self.with(|file| _ = file.memory.regions.insert(region, data.to_vec()))
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        let _ = self.with(|file| file.memory.slots.values_mut().for_each(|holders| _ = holders.remove(&self.id)));
    }
}
