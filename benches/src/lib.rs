//! What the benchmark programs share: how long calls took, what the machine is, what processes used, and how it
//! is written down.
//!
//! A figure is never shown alone: each program measures a baseline in the same run and prints the ratio, since
//! absolute figures drift with the machine and ratios hold. What cannot be measured here is shown as `-`.

mod common;
pub use common::Common;

mod latency;
pub use latency::Latency;

mod process;
pub use process::{Cpu, Process, Server, memory, thread_cpu};

mod machine;
pub use machine::{Disk, Machine, written};

mod figures;
pub use figures::{NONE, median, millis, short, whole};

mod scratch;
pub use scratch::{Postgres, Scratch, connect};

mod table;
pub use table::Table;

mod target;
pub use target::Target;

mod record;
pub use record::{command, record, revision};

/// Why a measurement stopped: said to whoever runs it.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
