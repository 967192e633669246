//! What processes used, as Linux tells it in `/proc`. Elsewhere nothing is known, and said so.

use std::fs;
use std::time::Duration;

/// Linux counts a process's time in hundredths of a second for its readers, on every architecture that Tare
/// builds for.
const TICK: Duration = Duration::from_millis(10);

/// Processor time used so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cpu(pub Duration);

impl Cpu {
    /// This process's, all threads.
    pub fn own() -> Option<Self> {
        Some(Self(Stat::read("self")?.own))
    }

    /// What was used since.
    pub fn since(self, before: Self) -> Duration {
        self.0.saturating_sub(before.0)
    }
}

/// A PostgreSQL server on this machine: a parent process and one child for each connection and duty.
#[derive(Clone, Copy, Debug)]
pub struct Server {
    parent: u32,
}

impl Server {
    /// The server that has a backend of this id, when it runs here and we may look at it.
    pub fn of_backend(backend: u32) -> Option<Self> {
        let parent = Stat::read(&backend.to_string())?.parent;
        let name = fs::read_to_string(format!("/proc/{parent}/comm")).ok()?;
        name.starts_with("postgres").then_some(Self { parent })
    }

    /// What the parent, the children that live and the children that ended have used.
    pub fn cpu(self) -> Option<Cpu> {
        let parent = Stat::read(&self.parent.to_string())?;
        let children = all().filter(|stat| stat.parent == self.parent).map(|stat| stat.own).sum::<Duration>();
        Some(Cpu(parent.own + parent.ended_children + children))
    }
}

/// Another process.
#[derive(Clone, Copy, Debug)]
pub struct Process(
    /// Its id.
    pub u32,
);

impl Process {
    /// What all its threads have used.
    pub fn cpu(self) -> Option<Cpu> {
        Some(Cpu(Stat::read(&self.0.to_string())?.own))
    }

    /// The bytes of memory that it has resident.
    pub fn memory(self) -> Option<u64> {
        resident(&self.0.to_string())
    }
}

/// The bytes of memory that this process has resident.
pub fn memory() -> Option<u64> {
    resident("self")
}

fn resident(process: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// Processor time of those threads of this process whose name begins so, to the nanosecond.
pub fn thread_cpu(name: &str) -> Option<Cpu> {
    let mut sum = Duration::ZERO;
    for thread in fs::read_dir("/proc/self/task").ok()?.flatten().map(|thread| thread.path()) {
        if fs::read_to_string(thread.join("comm")).is_ok_and(|comm| comm.starts_with(name)) {
            let schedule = fs::read_to_string(thread.join("schedstat")).ok()?;
            sum += Duration::from_nanos(schedule.split(' ').next()?.parse().ok()?);
        }
    }
    (!sum.is_zero()).then_some(Cpu(sum))
}

struct Stat {
    parent: u32,
    own: Duration,
    ended_children: Duration,
}

impl Stat {
    fn read(process: &str) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // The name stands in parentheses and may hold anything; what follows is numbered from field 3.
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |field: usize| Some(TICK * fields.get(field - 3)?.parse().ok()?);
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            own: ticks(14)? + ticks(15)?,
            ended_children: ticks(16)? + ticks(17)?,
        })
    }
}

fn all() -> impl Iterator<Item = Stat> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        name.bytes().all(|byte| byte.is_ascii_digit()).then(|| Stat::read(&name))?
    })
}
