//! What the figures were measured on.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::Latency;

/// The machine, as far as it tells.
pub struct Machine {
    cores: usize,
    processor: String,
    memory_bytes: Option<u64>,
    system: String,
}

impl Machine {
    /// This one.
    pub fn here() -> Self {
        let line_of = |file: &str, key: &str| {
            let text = fs::read_to_string(file).ok()?;
            let line = text.lines().find(|line| line.starts_with(key))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        };
        let kilobytes =
            line_of("/proc/meminfo", "MemTotal").and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
        let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            processor: line_of("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            memory_bytes: kilobytes.map(|kilobytes| kilobytes * 1024),
            // What follows the version names a build, which says nothing to a stranger.
            system: format!("{} {}", std::env::consts::OS, release.split('-').next().unwrap_or_default().trim()),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cores ({}), ", self.cores, self.processor)?;
        if let Some(bytes) = self.memory_bytes {
            write!(f, "{:.0} GiB memory, ", bytes as f64 / (1u64 << 30) as f64)?;
        }
        f.write_str(&self.system)
    }
}

/// How long the disk takes to make a small write durable.
pub struct Disk {
    per_second: f64,
    latency: Latency,
}

/// Waits until everything that anybody wrote is on the disk: it would be written half a minute later, under another load.
///
/// # Errors
/// When the program `sync` is not there or fails.
pub fn written() -> io::Result<()> {
    match Command::new("sync").status()?.success() {
        true => Ok(()),
        false => Err(io::Error::other("`sync` failed")),
    }
}

impl Disk {
    /// Appends 4 KiB and waits for the disk, over and over for `time`, in a folder. What others wrote before, such as the
    /// build of the program, is on the disk when it begins.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn measure(folder: &Path, time: Duration) -> io::Result<Self> {
        written()?;
        let path = folder.join("fsync-rate");
        let mut file = File::create(&path)?;
        let (mut latency, began) = (Latency::default(), Instant::now());
        while began.elapsed() < time {
            let call = Instant::now();
            file.write_all(&[0x7a; 4096])?;
            file.sync_data()?;
            latency.add(call.elapsed());
        }
        let per_second = latency.count() as f64 / began.elapsed().as_secs_f64();
        fs::remove_file(path)?;
        Ok(Self { per_second, latency })
    }
}

impl fmt::Display for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |percent| self.latency.percentile(percent).unwrap_or_default().as_secs_f64() * 1000.0;
        write!(f, "{:.0} fsyncs/s of 4 KiB (p50 {:.2} ms, p99 {:.2} ms)", self.per_second, millis(50.0), millis(99.0))
    }
}
