//! A disk in memory that knows the difference between what was written and what is safe.
//!
//! It counts every change (a write, a length, a sync, a deletion), can fail or stop at any of them, and says which
//! contents a machine may find on it afterwards: after a kill all that was written, after a loss of power all that was
//! synced and any part of the rest, torn in the middle of a page if it likes.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};

use sim::Random;
use sqlite_vfs::LockKind;

/// What goes wrong, counted in changes from the start of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Nothing.
    Sound,
    /// One change fails, and the disk works on. After a failed sync nothing more is heard of what it should have made
    /// safe: the system takes it for written. `forgets` says whether it also shows the old contents again.
    FailsAt { change: u64, is_full: bool, forgets: bool },
    /// From this change on the disk is full and takes nothing.
    IsFullFrom { change: u64 },
    /// The machine or the process stops at this change: it and all later ones fail. Until then a liar says that it
    /// has synced, and has not.
    StopsAt { change: u64, is_liar: bool },
}

/// A part of a file that was written and not synced.
#[derive(Clone, Debug)]
enum Unsafe {
    Bytes { at: usize, bytes: Vec<u8> },
    Length(usize),
}

/// A file, as the system shows it and as the disk has it.
#[derive(Clone, Debug, Default)]
pub struct File {
    pub now: Vec<u8>,
    safe: Vec<u8>,
    pending: Vec<Unsafe>,
    /// Whether the name of the file was made safe with it.
    is_named: bool,
    pub locks: BTreeMap<u64, LockKind>,
    pub memory: Memory,
}

/// The memory that the connections to one file share.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    pub regions: BTreeMap<u32, Vec<u8>>,
    /// For each slot who has it, and whether alone.
    pub slots: BTreeMap<u8, BTreeMap<u64, bool>>,
}

/// The disk.
#[derive(Clone, Debug)]
pub struct Disk {
    pub files: BTreeMap<String, File>,
    plan: Plan,
    changes: u64,
    is_stopped: bool,
    handles: u64,
}

/// Bytes that are written together or not at all.
const SECTOR: usize = 512;

impl Disk {
    pub fn new() -> Self {
        Self { files: BTreeMap::new(), plan: Plan::Sound, changes: 0, is_stopped: false, handles: 0 }
    }

    /// Starts to count for a plan.
    pub fn follow(&mut self, plan: Plan) {
        (self.plan, self.changes, self.is_stopped) = (plan, 0, false);
    }

    /// How many changes there were since.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    pub fn new_handle(&mut self) -> u64 {
        self.handles += 1;
        self.handles
    }

    /// Writes; a write that fails may have got half-way.
    pub fn write(&mut self, name: &str, at: usize, bytes: &[u8]) -> Result<(), Error> {
        let struck = self.count();
        let length = if struck.is_err() { bytes.len() / 2 } else { bytes.len() };
        if !self.is_stopped || struck.is_err() && self.is_first_strike() {
            let file = self.file(name)?;
            let part = bytes[..length].to_vec();
            put(&mut file.now, at, &part);
            file.pending.push(Unsafe::Bytes { at, bytes: part });
        }
        struck
    }

    pub fn set_length(&mut self, name: &str, length: usize) -> Result<(), Error> {
        self.count()?;
        let file = self.file(name)?;
        file.now.resize(length, 0);
        file.pending.push(Unsafe::Length(length));
        Ok(())
    }

    pub fn sync(&mut self, name: &str) -> Result<(), Error> {
        let struck = self.count();
        let plan = self.plan;
        let file = self.file(name)?;
        match (&struck, plan) {
            (Ok(()), Plan::StopsAt { is_liar: true, .. }) => {}
            (Ok(()), _) => {
                file.pending.drain(..).for_each(|change| change.apply(&mut file.safe));
                file.is_named = true;
            }
            (Err(_), Plan::FailsAt { forgets, .. }) => {
                file.pending.clear();
                if forgets {
                    file.now.clone_from(&file.safe);
                }
            }
            (Err(_), _) => {}
        }
        struck
    }

    pub fn delete(&mut self, name: &str) -> Result<(), Error> {
        self.count()?;
        self.files.remove(name).map(drop).ok_or_else(|| ErrorKind::NotFound.into())
    }

    /// The file, which is made when it is missing.
    pub fn make(&mut self, name: &str) -> &mut File {
        self.files.entry(name.to_owned()).or_default()
    }

    pub fn file(&mut self, name: &str) -> Result<&mut File, Error> {
        self.files.get_mut(name).ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn count(&mut self) -> Result<(), Error> {
        self.changes += 1;
        match self.plan {
            Plan::FailsAt { change, is_full, .. } if change == self.changes => {
                Err(if is_full { ErrorKind::WriteZero } else { ErrorKind::Other }.into())
            }
            Plan::IsFullFrom { change } if change <= self.changes => Err(ErrorKind::WriteZero.into()),
            Plan::StopsAt { change, .. } if change <= self.changes => {
                self.is_stopped = true;
                Err(Error::other("the machine has stopped"))
            }
            _ => Ok(()),
        }
    }

    fn is_first_strike(&self) -> bool {
        matches!(self.plan, Plan::StopsAt { change, .. } if change == self.changes)
    }

    /// What the next process finds after this one was killed.
    pub fn after_a_kill(&self) -> Self {
        let mut disk = self.clone();
        disk.follow(Plan::Sound);
        for file in disk.files.values_mut() {
            (file.locks, file.memory) = (BTreeMap::new(), Memory::default());
        }
        disk
    }

    /// What the machine may find after its power was lost: one of the many possible contents.
    pub fn after_a_loss_of_power(&self, random: &mut Random) -> Self {
        let mut disk = self.after_a_kill();
        disk.files.retain(|_, file| file.is_named || random.percent(50));
        for file in disk.files.values_mut() {
            let pending = std::mem::take(&mut file.pending);
            let kept = random.below(pending.len() as u64 + 1) as usize;
            match random.below(4) {
                // Nothing, all, a beginning, or whatever parts.
                0 => {}
                1 => pending.into_iter().for_each(|change| change.apply(&mut file.safe)),
                2 => pending.into_iter().take(kept).for_each(|change| change.apply(&mut file.safe)),
                _ => pending.into_iter().for_each(|change| change.apply_parts(&mut file.safe, random)),
            }
            file.now.clone_from(&file.safe);
            file.is_named = true;
        }
        disk
    }
}

impl Unsafe {
    fn apply(self, file: &mut Vec<u8>) {
        match self {
            Self::Bytes { at, bytes } => put(file, at, &bytes),
            Self::Length(length) => file.resize(length, 0),
        }
    }

    /// Some of its sectors.
    fn apply_parts(self, file: &mut Vec<u8>, random: &mut Random) {
        let Self::Bytes { at, bytes } = self else {
            return if random.percent(50) {
                self.apply(file)
            };
        };
        let mut start = 0;
        while start < bytes.len() {
            // Sectors lie at multiples of their size in the file.
            let end = bytes.len().min(start + SECTOR - (at + start) % SECTOR);
            if random.percent(50) {
                put(file, at + start, &bytes[start..end]);
            }
            start = end;
        }
    }
}

fn put(file: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = at + bytes.len();
    if file.len() < end {
        file.resize(end, 0);
    }
    file[at..end].copy_from_slice(bytes);
}
